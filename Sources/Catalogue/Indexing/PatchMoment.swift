import Audio
package import Models
package import Probe

/// Where a patch lies in its sound.
package struct PatchMoment: Sendable, Hashable {
  /// Among the sound's patches.
  package let index: Int
  /// Its first frame in the picture of the stretch that was heard in one piece.
  package let firstFrame: Int
  /// Where that stretch begins and ends in the sound, in seconds.
  package let start: Double
  package let end: Double
}

/// From places on a layer's map to seconds and hertz.
package struct PlaceGeometry: Sendable {
  private let geometry: LayerGeometry
  private let axes: PictureAxes
  private let frames: Int
  /// By band of the map, in hertz.
  private let bandRanges: [ClosedRange<Double>]

  package init(_ geometry: LayerGeometry, of model: AudioModel) {
    (self.geometry, axes, frames) = (geometry, model.axes, model.patchFrames)
    let bands = axes.bands
    let nyquist = Double(model.sampleRate) / 2
    bandRanges = (0..<geometry.band.count).map { band in
      // Of samples, up to half the rate.
      guard bands.count > 1 else { return 0...nyquist }
      let seen = bands[geometry.band.range(of: band, within: bands.count)]
      let low = seen.map(\.lowest).min() ?? 0
      return low...max(low, seen.map(\.highest).max() ?? nyquist)
    }
  }

  /// How many of the map's times are centred on the sound, not on the padding behind it; at least one.
  package func times(in moment: PatchMoment) -> Int {
    let last = axes.frame(at: moment.end - moment.start) - Double(moment.firstFrame)
    let inside = geometry.time.centres.prefix { $0 <= last }.count
    return max(1, inside)
  }

  /// What a place sees, within the sound.
  package func seconds(ofTime time: Int, in moment: PatchMoment) -> ClosedRange<Double> {
    let seen = geometry.time.range(of: time, within: frames)
    let (first, last) = (moment.firstFrame + seen.lowerBound, moment.firstFrame + seen.upperBound - 1)
    let low = moment.start + axes.time(ofFrame: first) - axes.window / 2
    let high = moment.start + axes.time(ofFrame: last) + axes.window / 2
    let start = min(max(low, moment.start), moment.end)
    return start...max(start, min(high, moment.end))
  }

  /// In hertz.
  package func hertz(ofBand band: Int) -> ClosedRange<Double> { bandRanges[band] }
}
