/// A file of any length as successive mono stretches at one rate, decoded and resampled in bounded memory.
///
/// All stretches together are the resampled mean of the channels of the whole file, to the bit, however they are cut.
/// A reader belongs to one task at a time.
public final class RecordingReader {
  /// The rate of the stretches, in hertz.
  public let sampleRate: Int
  /// The length the container claims, in seconds; nil where it claims none (a pipe).
  public var duration: Double? { source.duration }
  /// What was wrong with the file as far as it was read, in the file's own time.
  public var flaws: [Flaw] { source.flaws }

  /// Whether the file can be read only once: a pipe.
  public var isStream: Bool { source.isStream }

  private let source: DecodedStretch
  private let resampler: Resampler
  private var ready: [Float] = []
  private var taken = 0
  private var isAtEnd = false

  /// Opens `path` as `Recording.read` does, with the same errors; that the sound ends before `start` shows when the
  /// first stretch is asked for.
  ///
  /// - Parameters:
  ///   - start: where to begin, in seconds.
  ///   - duration: how much to read, in seconds; nil for all.
  ///   - channel: which channel to listen to.
  public init(
    _ path: String, sampleRate: Int, from start: Double = 0, duration: Double? = nil,
    channel: Channel = .mix
  ) throws(AudioError) {
    self.sampleRate = sampleRate
    source = try DecodedStretch(path, from: start, duration: duration, channel: channel)
    resampler = try Resampler(from: source.sampleRate, to: sampleRate)
  }

  /// The next `count` samples; fewer only at the end, none after it.
  public func next(_ count: Int) throws(AudioError) -> [Float] {
    precondition(count >= 0, "\(count) samples asked for")
    while ready.count - taken < count && !isAtEnd {
      ready.removeFirst(taken)
      taken = 0
      if let stretch = try source.next() {
        ready += try resampler.push(mean(of: stretch))
      } else {
        ready += try resampler.finish()
        isAtEnd = true
      }
    }
    let end = min(taken + count, ready.count)
    defer { taken = end }
    return Array(ready[taken..<end])
  }
}
