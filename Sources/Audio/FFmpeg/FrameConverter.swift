/// Brings frames whose rate or channels differ from a file's first ones to these, as in a chain of unlike Ogg streams.
struct FrameConverter {
  private let sampleRate: Int
  private let channels: Int
  /// The rate and the channels of the frames that come now.
  private var present: (rate: Int, channels: Int)
  private var resamplers: [Resampler] = []

  init(sampleRate: Int, channels: Int) {
    (self.sampleRate, self.channels) = (sampleRate, channels)
    present = (sampleRate, channels)
  }

  /// Whether such frames are like the ones before.
  func takes(_ rate: Int, _ channels: Int) -> Bool { present == (rate, channels) }

  /// The samples at the file's rate, with its channels: one is repeated for all, many become the mean for one, and what is
  /// missing of several is the mean of those there are.
  mutating func convert(_ stretch: [[Float]], from rate: Int) throws(AudioError) -> [[Float]]? {
    var rest: [[Float]]?
    if !takes(rate, stretch.count) {
      rest = try finish()
      present = (rate, stretch.count)
      if rate != sampleRate {
        for _ in 0..<channels { resamplers.append(try Resampler(from: rate, to: sampleRate)) }
      }
    }
    var fitted = fitting(stretch)
    if !resamplers.isEmpty {
      for channel in fitted.indices { fitted[channel] = try resamplers[channel].push(fitted[channel]) }
    }
    if let rest { for channel in fitted.indices { fitted[channel] = rest[channel] + fitted[channel] } }
    return fitted.first?.isEmpty == false ? fitted : nil
  }

  /// What the resamplers still hold; nil where nothing is resampled.
  mutating func finish() throws(AudioError) -> [[Float]]? {
    guard !resamplers.isEmpty else { return nil }
    var rest: [[Float]] = []
    for resampler in resamplers { rest.append(try resampler.finish()) }
    resamplers = []
    return rest
  }

  private func fitting(_ stretch: [[Float]]) -> [[Float]] {
    guard stretch.count != channels else { return stretch }
    let mix = mean(of: stretch)
    guard channels > 1 else { return [mix] }
    return (0..<channels).map { stretch.indices.contains($0) && stretch.count > 1 ? stretch[$0] : mix }
  }
}
