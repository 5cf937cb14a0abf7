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
    let start = loudestStart(length)
    return Array(self[start..<start + length])
  }

  /// Where that stretch begins; 0 for the whole.
  package func loudestStart(_ length: Int) -> Int {
    guard length > 0, count > length else { return 0 }
    var energies = RunningEnergy(of: length)
    energies.add(self)
    return Swift.min(energies.loudestStart, count - length)
  }
}

/// Finds the loudest stretch of a stream in bounded memory: one number for each hundredth of the stretch.
struct RunningEnergy {
  private let hop: Int
  /// Of the stretch, in hops.
  private let span: Int
  private var energies: [Double] = []
  /// Of the hop that is not yet full.
  private var last = (energy: 0.0, count: 0)

  init(of length: Int) {
    hop = max(1, length / 100)
    span = length / hop
  }

  mutating func add(_ samples: [Float]) {
    for sample in samples {
      last.energy += Double(sample) * Double(sample)
      last.count += 1
      if last.count == hop {
        energies.append(last.energy)
        last = (0, 0)
      }
    }
  }

  /// The sample at which the loudest stretch begins.
  var loudestStart: Int {
    let energies = last.count > 0 ? energies + [last.energy] : energies
    var sum = energies.prefix(span).reduce(0, +)
    var (best, first) = (sum, 0)
    for start in 1..<max(2, energies.count - span + 1) where start + span <= energies.count {
      sum += energies[start + span - 1] - energies[start - 1]
      if sum > best { (best, first) = (sum, start) }
    }
    return first * hop
  }
}

extension RecordingReader {
  /// Where the loudest `length` samples of all that are still to come begin, counted from here; reads to the end.
  package func loudestStart(_ length: Int) throws(AudioError) -> Int {
    var energies = RunningEnergy(of: length)
    while true {
      let samples = try next(1 << 16)
      if samples.isEmpty { return energies.loudestStart }
      energies.add(samples)
    }
  }
}
