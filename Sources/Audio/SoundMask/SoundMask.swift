public import Tensors

/// The way back to sound: a mask on the bins of a picture, as a gain over time and frequency.
///
/// The gain at a time and a frequency interpolates the mask linearly in time between frame centres, and in frequency
/// between the bands' centres, on the scale on which they lie evenly: for mel bands that is the average of the bands whose
/// triangles (of height 1) cover that frequency, weighted by them. Before the first and after the last frame, and between
/// the ends of a panel's range and its outermost centres, the nearest holds. Outside the range of all panels the network
/// heard nothing: the gain is 0. Where panels overlap, the largest gain counts: heard is what any of them hears.
public struct SoundMask: Sendable {
  public let axes: PictureAxes
  /// `[frames, bands]`, within 0...1.
  public let mask: Tensor
  /// Where the centres of each panel's bands lie on its scale.
  private let peaks: [[Double]]
  private let panelRanges: [Range<Int>]

  /// - Parameter mask: `[frames, bands]` on these axes; values are clamped to 0...1, NaN to 0.
  public init(_ mask: Tensor, axes: PictureAxes) {
    precondition(
      mask.shape.rank == 2 && mask.shape[0] > 0 && mask.shape[1] == axes.bandCount,
      "a mask of shape \(mask.shape), not of [frames, \(axes.bandCount)]")
    self.axes = axes
    self.mask = Tensor(mask.shape, mask.values.map { $0 > 0 ? min($0, 1) : 0 })
    peaks = axes.panels.map { panel in panel.bands.map { panel.slopePosition(ofHertz: $0.centre) } }
    panelRanges = axes.panelRanges
  }

  /// - Parameter mask: `[frames, bands]` as `frontEnd.logMel` of the clip.
  public init(_ mask: Tensor, frontEnd: FrontEnd) { self.init(mask, axes: frontEnd.axes) }

  /// - Parameter mask: `[frames, bins]` as `frontEnd.magnitudes` of the clip.
  public init(linear mask: Tensor, frontEnd: FrontEnd) { self.init(mask, axes: frontEnd.linearAxes) }

  /// The gain at a time, in seconds, and a frequency, in hertz.
  public func gain(at seconds: Double, hertz: Double, channel: Int = 0) -> Float {
    var row = [Float](repeating: 0, count: width)
    fill(&row, at: seconds)
    return places(ofHertz: hertz, channel: channel).gain(row)
  }

  /// Bands of all panels.
  var width: Int { mask.shape[1] }

  /// What the mask keeps of a recording, and what it leaves: see ``heardAndIgnored(_:mask:frontEnd:)``.
  public func split(_ recording: Recording) -> (heard: Recording, ignored: Recording) {
    let heard = recording.channels.enumerated().map { channel, samples in
      SpectralGain(self, channel: channel, sampleRate: recording.sampleRate).apply(to: samples)
    }
    let ignored = zip(recording.channels, heard).map { whole, part in zip(whole, part).map { $0 - $1 } }
    let pair = (
      heard: Recording(channels: heard, sampleRate: recording.sampleRate),
      ignored: Recording(channels: ignored, sampleRate: recording.sampleRate)
    )
    let peak = max(pair.heard.peak, pair.ignored.peak)
    guard peak > 1 else { return pair }
    // The float just below, so that no product rounds up beyond full scale.
    let factor = (1 / peak).nextDown.nextDown
    return (pair.heard.scaled(by: factor), pair.ignored.scaled(by: factor))
  }

  /// The bands that share a frequency: `1 − upper` of band `band` and `upper` of the next.
  struct Place: Sendable {
    let band: Int
    let upper: Float

    func gain(_ row: [Float]) -> Float {
      upper > 0 ? row[band] + upper * (row[band + 1] - row[band]) : row[band]
    }
  }

  /// Where a frequency lies between the bands of each panel that hears it in that channel of the sound.
  func places(ofHertz hertz: Double, channel: Int) -> [Place] {
    axes.panels.indices.compactMap { index in
      let panel = axes.panels[index]
      guard panel.channel == nil || panel.channel == channel, panel.hears(hertz) else { return nil }
      return place(
        panel.slopePosition(ofHertz: hertz), among: peaks[index], first: panelRanges[index].lowerBound)
    }
  }

  private func place(_ position: Double, among peaks: [Double], first: Int) -> Place {
    guard let above = peaks.firstIndex(where: { $0 > position }) else {
      return Place(band: first + peaks.count - 1, upper: 0)
    }
    guard above > 0 else { return Place(band: first, upper: 0) }
    let (low, high) = (peaks[above - 1], peaks[above])
    return Place(band: first + above - 1, upper: Float((position - low) / (high - low)))
  }

  /// The mask at a time, one value a band.
  func fill(_ row: inout [Float], at seconds: Double) {
    let (frames, bands) = (mask.shape[0], mask.shape[1])
    let frame = min(max(axes.frame(at: seconds), 0), Double(frames - 1))
    let before = Int(frame)
    let after = min(before + 1, frames - 1)
    let part = Float(frame - Double(before))
    mask.withUnsafeValues { values in
      for band in 0..<bands {
        let (a, b) = (values[before * bands + band], values[after * bands + band])
        row[band] = a + part * (b - a)
      }
    }
  }
}

extension [SoundMask.Place] {
  /// The largest gain of several panels; 0 where none hears the frequency.
  func gain(_ row: [Float]) -> Float { reduce(0) { Swift.max($0, $1.gain(row)) } }
}

/// What of `recording` a mask on a front end's bins keeps, and what it leaves, as two recordings to listen to.
///
/// The recording's own complex STFT, at its own rate and on all channels, is multiplied by the mask's gain (see
/// ``SoundMask``) and turned back with its own phase, by weighted overlap-add: a periodic Hann window before and after,
/// a power of two long and at least as long as the front end's in seconds, at 75 % overlap. `ignored` is the rest, as
/// the complementary gain would give it: `heard + ignored` is the recording, to rounding. Both have its length and
/// rate. Where one of them would pass full scale, both are scaled down by the same factor.
///
/// - Parameter mask: `[frames, bands]` within 0...1, as `frontEnd.logMel` of the whole clip.
public func heardAndIgnored(
  _ recording: Recording, mask: Tensor, frontEnd: FrontEnd
) -> (heard: Recording, ignored: Recording) {
  SoundMask(mask, frontEnd: frontEnd).split(recording)
}
