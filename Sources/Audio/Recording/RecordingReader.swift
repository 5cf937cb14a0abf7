/// A file of any length as successive mono stretches at one rate, decoded and resampled in bounded memory.
///
/// All stretches together are the resampled mean of the channels of the whole file, to the bit, however they are cut.
/// A reader belongs to one task at a time.
public final class RecordingReader {
  /// The rate of the stretches, in hertz.
  public let sampleRate: Int
  /// The length the container claims, in seconds; nil where it claims none (a pipe).
  public var duration: Double? { decoder.duration }

  private let decoder: AudioDecoder
  private let resampler: Resampler
  private var ready: [Float] = []
  private var taken = 0
  private var isAtEnd = false
  /// What is used of the file, in its own samples, and how many of them came.
  private let range: Range<Int>
  private var used = 0

  /// Opens `path` as `Recording.read` does, with the same errors; that the sound ends before `start` shows when the
  /// first stretch is asked for.
  ///
  /// - Parameters:
  ///   - start: where to begin, in seconds.
  ///   - duration: how much to read, in seconds; nil for all.
  public init(
    _ path: String, sampleRate: Int, from start: Double = 0, duration: Double? = nil
  ) throws(AudioError) {
    self.sampleRate = sampleRate
    (decoder, range) = try AudioDecoder.opened(path, from: start, duration: duration)
    resampler = try Resampler(from: decoder.sampleRate, to: sampleRate)
  }

  /// The next `count` samples; fewer only at the end, none after it.
  public func next(_ count: Int) throws(AudioError) -> [Float] {
    precondition(count >= 0, "\(count) samples asked for")
    while ready.count - taken < count && !isAtEnd {
      ready.removeFirst(taken)
      taken = 0
      if let stretch = try nextStretch() {
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

  /// The next samples within `range`, at the file's own rate; nil behind it.
  private func nextStretch() throws(AudioError) -> [[Float]]? {
    while used < range.count {
      let position = decoder.position
      guard let stretch = try decoder.next(), let length = stretch.first?.count else { break }
      guard position + length > range.lowerBound else { continue }
      let skipped = max(0, range.lowerBound - position)
      let taken = min(length - skipped, range.count - used)
      used += taken
      return taken == length ? stretch : stretch.map { Array($0[skipped..<skipped + taken]) }
    }
    guard used > 0 else {
      let rate = Double(decoder.sampleRate)
      throw .startBeyondEnd(
        path: decoder.path, start: Double(range.lowerBound) / rate, seconds: Double(decoder.position) / rate)
    }
    return nil
  }
}
