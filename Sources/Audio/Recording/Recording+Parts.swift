extension Recording {
  /// The recordings one after another: mono, at the first one's rate.
  public static func joined(_ parts: [Recording]) throws(AudioError) -> Recording {
    let rate = parts.first?.sampleRate ?? 16000
    var samples: [Float] = []
    for part in parts { samples += try part.mono(at: rate) }
    return Recording(channels: [samples], sampleRate: rate)
  }

  /// What a page embeds: mono, at most 24 kHz, so that pages stay small.
  public var preview: Recording {
    get throws(AudioError) {
      let mono = Recording(channels: [mono], sampleRate: sampleRate)
      return sampleRate > 24_000 ? try mono.resampled(to: 24_000).scaledToFullScaleIfLouder() : mono
    }
  }
}

extension [Float] {
  /// The stretch of `length` samples with the most energy, to a hundredth of its length; the whole where there are no more.
  package func loudest(_ length: Int) -> [Float] {
    guard length > 0, count > length else { return self }
    let hop = Swift.max(1, length / 100)
    let energies = stride(from: 0, to: count, by: hop).map { start in
      self[start..<Swift.min(start + hop, count)].reduce(0) { $0 + Double($1) * Double($1) }
    }
    let span = length / hop
    var sum = energies.prefix(span).reduce(0, +)
    var (best, first) = (sum, 0)
    for start in 1..<Swift.max(2, energies.count - span + 1) where start + span <= energies.count {
      sum += energies[start + span - 1] - energies[start - 1]
      if sum > best { (best, first) = (sum, start) }
    }
    let start = Swift.min(first * hop, count - length)
    return Array(self[start..<start + length])
  }
}
