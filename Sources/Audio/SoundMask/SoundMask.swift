public import Tensors

/// The way back to sound: a mask on a front end's log-mel bins, or on those of its transform, as a gain over time and
/// frequency.
///
/// The gain at a time and a frequency interpolates the mask linearly in time between frame centres, and in frequency
/// between bands: the average of the bands whose triangles (of height 1) cover that frequency, weighted by them; or
/// between the transform's bins. Before the first and after the last frame, and between the range's ends and the
/// outermost peaks, the nearest holds. Outside the front end's range the network heard nothing: the gain is 0.
public struct SoundMask: Sendable {
  public let frontEnd: FrontEnd
  /// `[frames, bands]` or `[frames, bins]`, within 0...1.
  public let mask: Tensor
  private let peaks: [Double]
  /// Whether it lies on the transform's bins rather than on mel bands.
  private let isLinear: Bool

  /// - Parameter mask: `[frames, bands]` as `frontEnd.logMel` of the clip; values are clamped to 0...1, NaN to 0.
  public init(_ mask: Tensor, frontEnd: FrontEnd) {
    precondition(
      mask.shape.rank == 2 && mask.shape[0] > 0 && mask.shape[1] == frontEnd.mel.bands,
      "a mask of shape \(mask.shape), not of [frames, \(frontEnd.mel.bands)]")
    self.init(
      mask, frontEnd, peaks: frontEnd.mel.edges.dropFirst().dropLast().map { frontEnd.mel.position($0) },
      isLinear: false)
  }

  /// - Parameter mask: `[frames, bins]` as `frontEnd.magnitudes` of the clip; values are clamped to 0...1, NaN to 0.
  public init(linear mask: Tensor, frontEnd: FrontEnd) {
    precondition(
      mask.shape.rank == 2 && mask.shape[0] > 0 && mask.shape[1] == frontEnd.bins,
      "a mask of shape \(mask.shape), not of [frames, \(frontEnd.bins)]")
    self.init(mask, frontEnd, peaks: frontEnd.binHertz, isLinear: true)
  }

  private init(_ mask: Tensor, _ frontEnd: FrontEnd, peaks: [Double], isLinear: Bool) {
    self.frontEnd = frontEnd
    self.mask = Tensor(mask.shape, mask.values.map { $0 > 0 ? min($0, 1) : 0 })
    (self.peaks, self.isLinear) = (peaks, isLinear)
  }

  /// The gain at a time, in seconds, and a frequency, in hertz.
  public func gain(at seconds: Double, hertz: Double) -> Float {
    var row = [Float](repeating: 0, count: width)
    fill(&row, at: seconds)
    return place(ofHertz: hertz).map { $0.gain(row) } ?? 0
  }

  /// Bands or bins.
  var width: Int { mask.shape[1] }

  /// What the mask keeps of a recording, and what it leaves: see ``heardAndIgnored(_:mask:frontEnd:)``.
  public func split(_ recording: Recording) -> (heard: Recording, ignored: Recording) {
    let places = SpectralGain.places(of: self, sampleRate: recording.sampleRate)
    let heard = recording.channels.map {
      SpectralGain(self, places, sampleRate: recording.sampleRate).apply(to: $0)
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

  private var highest: Double { isLinear ? Double(frontEnd.sampleRate) / 2 : frontEnd.mel.highest }

  /// Where a frequency lies between the bands' peaks; nil outside the front end's range.
  func place(ofHertz hertz: Double) -> Place? {
    guard isLinear || hertz >= frontEnd.mel.lowest, hertz <= highest else { return nil }
    let position = isLinear ? hertz : frontEnd.mel.position(ofHertz: hertz)
    guard let above = peaks.firstIndex(where: { $0 > position }) else {
      return Place(band: peaks.count - 1, upper: 0)
    }
    guard above > 0 else { return Place(band: 0, upper: 0) }
    let (low, high) = (peaks[above - 1], peaks[above])
    return Place(band: above - 1, upper: Float((position - low) / (high - low)))
  }

  /// The mask at a time, one value a band.
  func fill(_ row: inout [Float], at seconds: Double) {
    let (frames, bands) = (mask.shape[0], mask.shape[1])
    let frame = min(max(frontEnd.frame(at: seconds), 0), Double(frames - 1))
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
