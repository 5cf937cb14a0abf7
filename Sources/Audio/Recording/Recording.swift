/// A sound in memory: planar samples, nominally within ±1, and the rate they were taken at.
public struct Recording: Sendable, Equatable {
  /// One array a channel, all equally long; at least one.
  public let channels: [[Float]]
  /// In hertz.
  public let sampleRate: Int
  /// What was wrong with the file it was read from, in the file's own time.
  public var flaws: [Flaw]

  /// A recording of the given channels, which must be equally long and at least one.
  public init(channels: [[Float]], sampleRate: Int, flaws: [Flaw] = []) {
    precondition(!channels.isEmpty, "a recording has at least one channel")
    precondition(channels.allSatisfy { $0.count == channels[0].count }, "channels of unequal length")
    precondition(sampleRate > 0, "a sample rate of \(sampleRate) Hz")
    self.channels = channels
    self.sampleRate = sampleRate
    self.flaws = flaws
  }

  /// How many samples each channel has.
  public var frames: Int { channels[0].count }

  /// In seconds.
  public var duration: Double { Double(frames) / Double(sampleRate) }

  /// The mean of the channels, as `librosa.to_mono`.
  public var mono: [Float] { mean(of: channels) }

  /// The same sound at another rate, `⌈frames · rate / sampleRate⌉` samples long; itself where the rates are equal.
  ///
  /// SoX's resampler at high quality, as `librosa.load` does it by default (`soxr_hq`), and within 1e-4 of it.
  ///
  /// - Throws: `.cannotResample` for a rate outside 1 kHz to 1 MHz.
  public func resampled(to rate: Int) throws(AudioError) -> Recording {
    guard rate != sampleRate else { return self }
    var resampled = [[Float]]()
    for channel in channels {
      let resampler = try Resampler(from: sampleRate, to: rate)
      resampled.append(try resampler.push(channel) + resampler.finish())
    }
    return Recording(channels: resampled, sampleRate: rate, flaws: flaws)
  }

  /// The mean of the channels at another rate: what a front end listens to.
  ///
  /// - Throws: as ``resampled(to:)``.
  public func mono(at rate: Int) throws(AudioError) -> [Float] {
    try Recording(channels: [mono], sampleRate: sampleRate).resampled(to: rate).mono
  }
}

/// The mean of equally long channels.
func mean(of channels: [[Float]]) -> [Float] {
  guard channels.count > 1, var sum = channels.first else { return channels.first ?? [] }
  for channel in channels.dropFirst() {
    for index in sum.indices { sum[index] += channel[index] }
  }
  let share = 1 / Float(channels.count)
  for index in sum.indices { sum[index] *= share }
  return sum
}
