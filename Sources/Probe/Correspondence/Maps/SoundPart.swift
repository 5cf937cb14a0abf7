package import Audio
package import Models
package import Tensors

/// What of a sound a layer's maps are held against.
package enum SoundPart: String, Sendable, Hashable, CaseIterable, Codable {
  /// All of it: the picture that the network is given.
  case spectrogram
  /// What lasts: the harmonic part of Fitzgerald's separation (`Recording.harmonicAndPercussive`).
  case harmonic
  /// What strikes: the percussive part.
  case percussive
  /// How strong each of the twelve pitch classes is, whatever the octave.
  case chroma

  /// Whether its bands are those of the maps, so that a match has a height to be right about.
  package var hasFrequency: Bool { self != .chroma }
}

/// The parts of one sound as pictures on one grid: the model's own, `[frames, bands]`.
package struct SoundParts: Sendable {
  package let frames: Int
  package let bands: Int
  package private(set) var pictures: [SoundPart: Tensor]

  /// - Parameters:
  ///   - recording: at any rate.
  ///   - chroma: `[frames, 12]` of any number of frames that span the sound; nil to leave it out.
  ///   - model: with a picture.
  package init(of recording: Recording, chroma: Tensor?, for model: AudioModel) throws {
    let mono = Recording(channels: [try recording.mono(at: model.sampleRate)], sampleRate: model.sampleRate)
    let (harmonic, percussive) = mono.harmonicAndPercussive()
    let whole = try model.picture(of: mono.mono)
    // What is beyond the sound's end is padding, whose edge would be found everywhere.
    let heard = min(whole.shape[0], max(1, Int(model.axes.frame(at: recording.duration).rounded(.down)) + 1))
    (frames, bands) = (heard, whole.shape[1])
    pictures = [
      .spectrogram: whole, .harmonic: try model.picture(of: harmonic.mono),
      .percussive: try model.picture(of: percussive.mono),
    ].mapValues { $0.rows(0..<heard) }
    if let chroma, chroma.shape[0] > 0 { pictures[.chroma] = chroma.stretched(frames: frames, bands: bands) }
  }

  /// The parts as coarse as a layer's maps: means over as many frames and bands as its places are apart, and linear between
  /// them. What a map cannot show is not looked for.
  package func pictures(asCoarseAs geometry: LayerGeometry) -> [SoundPart: Tensor] {
    let (time, band) = (CoarseAxis(geometry.time, extent: frames), CoarseAxis(geometry.band, extent: bands))
    return pictures.mapValues { picture in
      let means = band.means(of: time.means(of: picture, inner: bands), inner: 1)
      return means.stretched(
        PlaceInterpolation(centres: time.centres, to: frames),
        PlaceInterpolation(centres: band.centres, to: bands))
    }
  }
}

/// The places of a layer's axis, gone on with over a whole sound.
private struct CoarseAxis {
  let centres: [Double]
  private let ranges: [Range<Int>]
  private let extent: Int

  init(_ axis: LayerGeometry.Axis, extent: Int) {
    self.extent = extent
    let first = axis.centres.first ?? 0
    let step = axis.count > 1 ? max(1, abs(axis.centres[1] - first)) : Double(extent)
    // The places of a patch begin again with each; the first one's raster serves for all.
    let start = axis.count > 1 ? first - (first / step).rounded(.down) * step : Double(extent - 1) / 2
    let count = max(1, Int(((Double(extent - 1) - start) / step).rounded(.down)) + 1)
    let centres = (0..<count).map { start + Double($0) * step }
    self.centres = centres
    ranges = centres.map { centre in
      let low = min(max(0, Int((centre - step / 2 + 0.5).rounded())), extent - 1)
      return low..<min(extent, max(low + 1, Int((centre + step / 2 + 0.5).rounded())))
    }
  }

  /// The means along the axis of which `inner` elements lie within one place: `[…, extent, inner]` becomes `[…, centres, inner]`.
  func means(of tensor: Tensor, inner: Int) -> Tensor {
    let outer = tensor.count / max(1, extent * inner)
    let count = ranges.count
    return Tensor(
      unsafeUninitialized: inner == 1 ? [outer, count] : [count, inner]
    ) { result in
      tensor.withUnsafeValues { values in
        for block in 0..<outer {
          for (place, range) in ranges.enumerated() {
            for offset in 0..<inner {
              var sum: Float = 0
              for index in range { sum += values[(block * extent + index) * inner + offset] }
              result[(block * count + place) * inner + offset] = sum / Float(range.count)
            }
          }
        }
      }
    }
  }
}

extension Tensor {
  /// A picture `[frames, bands]` at another size, linear along both axes from edge to edge.
  func stretched(frames: Int, bands: Int) -> Tensor {
    stretched(PlaceInterpolation(count: shape[0], to: frames), PlaceInterpolation(count: shape[1], to: bands))
  }

  /// A picture `[frames, bands]` between whose places `time` and `band` lie.
  func stretched(_ time: PlaceInterpolation, _ band: PlaceInterpolation) -> Tensor {
    let (own, frames, bands) = (shape[1], time.share.count, band.share.count)
    return Tensor(unsafeUninitialized: [frames, bands]) { result in
      withUnsafeValues { values in
        for frame in 0..<frames {
          let (low, high) = (time.lower[frame] * own, time.upper[frame] * own)
          for place in 0..<bands {
            let (left, right, share) = (band.lower[place], band.upper[place], band.share[place])
            let first = values[low + left] + share * (values[low + right] - values[low + left])
            let second = values[high + left] + share * (values[high + right] - values[high + left])
            result[frame * bands + place] = first + time.share[frame] * (second - first)
          }
        }
      }
    }
  }
}

/// For each place of one axis, the two places of another that it lies between, and how far along.
struct PlaceInterpolation: Sendable {
  private(set) var lower: [Int] = []
  private(set) var upper: [Int] = []
  private(set) var share: [Float] = []

  /// Both axes from edge to edge of the same span.
  init(count: Int, to extent: Int) {
    self.init(
      (0..<extent).map { (Double($0) + 0.5) * Double(count) / Double(extent) - 0.5 }, count: count)
  }

  /// - Parameters:
  ///   - centres: where each of the places lies on the axis that is wanted, rising.
  ///   - extent: places of that axis.
  init(centres: [Double], to extent: Int) {
    var next = 0
    self.init(
      (0..<extent).map { place -> Double in
        let place = Double(place)
        while next + 1 < centres.count, centres[next + 1] <= place { next += 1 }
        guard next + 1 < centres.count, place > centres[next] else { return Double(next) }
        return Double(next) + (place - centres[next]) / (centres[next + 1] - centres[next])
      }, count: centres.count)
  }

  /// - Parameter positions: among `count` places; beyond the outermost, these hold.
  private init(_ positions: [Double], count: Int) {
    for position in positions {
      let clamped = min(max(position, 0), Double(max(0, count - 1)))
      let below = min(Int(clamped), max(0, count - 2))
      lower.append(below)
      upper.append(min(below + 1, max(0, count - 1)))
      share.append(Float(clamped - Double(below)))
    }
  }
}
