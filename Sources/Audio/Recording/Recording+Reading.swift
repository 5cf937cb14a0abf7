extension Recording {
  /// The sound in the file at `path` at its own rate and channels: whatever FFmpeg decodes, its first audio stream.
  ///
  /// - Parameters:
  ///   - path: a file; `"-"` is standard input. Never an address: `http:` and the like are looked up as file names.
  ///   - start: where to begin, in seconds.
  ///   - duration: how much to read, in seconds; nil for all. Less comes back where the sound ends earlier.
  ///   - limit: the longest stretch that may be held in memory, in seconds; nil for any.
  /// - Throws: `AudioError`: missing, a folder, empty, not audio, no sound track, no samples, undecodable, samples that
  ///   are no numbers, a start beyond the end, a stretch longer than `limit`, absurd header values. A truncated file
  ///   that still yields samples is read as far as it goes.
  public static func read(
    _ path: String, from start: Double = 0, duration: Double? = nil, limit: Double? = nil
  ) throws(AudioError) -> Recording {
    let (decoder, range) = try AudioDecoder.opened(path, from: start, duration: duration)
    let rate = Double(decoder.sampleRate)
    let (first, count) = (range.lowerBound, range.count)
    let most = limit.map { Int(($0 * rate).rounded()) } ?? .max
    if let limit, let claimed = decoder.duration, min(claimed - start, duration ?? claimed) > limit + 1 {
      throw .tooLong(path: path, seconds: min(claimed - start, duration ?? claimed), limit: limit)
    }

    var channels = [[Float]](repeating: [], count: decoder.channels)
    var read = 0
    while read < count {
      let position = decoder.position
      guard let stretch = try decoder.next(), let length = stretch.first?.count else { break }
      guard position + length > first else { continue }
      let skipped = max(0, first - position)
      let taken = min(length - skipped, count - read)
      read += taken
      if let limit, read > most { throw .tooLong(path: path, seconds: Double(read) / rate, limit: limit) }
      for channel in stretch.indices { channels[channel] += stretch[channel][skipped..<skipped + taken] }
    }
    guard read > 0 else {
      throw .startBeyondEnd(path: path, start: start, seconds: Double(decoder.position) / rate)
    }
    return Recording(channels: channels, sampleRate: decoder.sampleRate)
  }

  /// What a file says of itself, after its first samples were decoded; the duration in seconds, nil where the
  /// container does not tell.
  public static func probe(
    _ path: String
  ) throws(AudioError) -> (sampleRate: Int, channels: Int, duration: Double?) {
    let decoder = try AudioDecoder(path)
    return (decoder.sampleRate, decoder.channels, decoder.duration)
  }
}

extension AudioDecoder {
  /// The file at `path`, opened at its start or close before the wanted stretch, and that stretch in samples.
  static func opened(
    _ path: String, from start: Double, duration: Double?
  ) throws(AudioError) -> (AudioDecoder, Range<Int>) {
    guard start >= 0, start <= 1e9 else {
      throw .badStretch(path: path, reason: "a start of \(start) s; give seconds from 0 on")
    }
    if let duration, !(duration > 0 && duration <= 1e9) {
      throw .badStretch(path: path, reason: "a duration of \(duration) s; give more than 0 seconds")
    }
    var decoder = try AudioDecoder(path)
    let rate = Double(decoder.sampleRate)
    let first = Int((start * rate).rounded())
    let count = duration.map { max(1, Int(($0 * rate).rounded())) }
    // Earlier starts are decoded up to, which is as fast.
    let shortestJump = 4 * decoder.sampleRate
    if decoder.canJump, first > shortestJump, !decoder.jump(closeTo: first) {
      decoder = try AudioDecoder(path)
    }
    return (decoder, first..<(count.map { first + $0 } ?? .max))
  }
}
