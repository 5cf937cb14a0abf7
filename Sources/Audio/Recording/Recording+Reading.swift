extension Recording {
  /// The sound in the file at `path` at its own rate and channels: whatever FFmpeg decodes, its first audio stream.
  ///
  /// - Parameters:
  ///   - path: a file; `"-"` is standard input. Never an address: `http:` and the like are looked up as file names.
  ///   - start: where to begin, in seconds.
  ///   - duration: how much to read, in seconds; nil for all. Less comes back where the sound ends earlier.
  ///   - limit: the longest stretch that may be held in memory, in seconds; nil for any.
  ///   - channel: which channel to keep; `.mix` keeps all.
  /// - Throws: `AudioError`: missing, a folder, empty, not audio, no sound track, no samples, undecodable, samples that
  ///   are no numbers, a start beyond the end, a stretch longer than `limit`, absurd header values, no such channel. A
  ///   damaged file that still yields samples is read as far as it goes: ``flaws`` tells what is wrong with the stretch.
  public static func read(
    _ path: String, from start: Double = 0, duration: Double? = nil, limit: Double? = nil,
    channel: Channel = .mix
  ) throws(AudioError) -> Recording {
    let stretch = try DecodedStretch(path, from: start, duration: duration, channel: channel)
    let rate = Double(stretch.sampleRate)
    let most = limit.map { Int(($0 * rate).rounded()) } ?? .max
    if let limit, let claimed = stretch.duration, min(claimed - start, duration ?? claimed) > limit + 1 {
      throw .tooLong(path: path, seconds: min(claimed - start, duration ?? claimed), limit: limit)
    }
    var channels: [[Float]] = []
    while let next = try stretch.next() {
      if let limit, stretch.used > most {
        throw .tooLong(path: path, seconds: Double(stretch.used) / rate, limit: limit)
      }
      if channels.isEmpty { channels = [[Float]](repeating: [], count: next.count) }
      for channel in next.indices { channels[channel] += next[channel] }
    }
    return Recording(channels: channels, sampleRate: stretch.sampleRate, flaws: stretch.flaws)
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
