/// A sound as a sum of parts that can be taken away; they add up to the sound, to rounding.
public struct SoundComponents: Sendable {
  /// What each part is, as "harmonic, 0–464 Hz".
  public let names: [String]
  /// The samples of each part, as many as the sound has.
  public let waveforms: [[Float]]

  /// The harmonic and the percussive part, each cut into bands of equal width in mel, by gains on the sound's STFT that
  /// add up to one in every bin. See ``Recording/harmonicAndPercussive()``.
  ///
  /// - Parameter bands: from 0 Hz to half the sample rate; at least one.
  public init(of samples: [Float], sampleRate: Int, bands: Int = 4) {
    precondition(bands > 0, "\(bands) bands")
    let spectrogram = Spectrogram(samples)
    let share = HarmonicPercussive(ofMagnitudes: spectrogram.magnitudes).harmonicGain
    let highest = MelScale.htk.mel(ofHertz: Double(sampleRate) / 2)
    let bandOfBin = (0..<spectrogram.bins).map { bin in
      let hertz = Double(bin) * Double(sampleRate) / Double(spectrogram.size)
      return min(bands - 1, Int(MelScale.htk.mel(ofHertz: hertz) / highest * Double(bands)))
    }
    let edges = (0...bands).map {
      Int(MelScale.htk.hertz(ofMel: highest * Double($0) / Double(bands)).rounded())
    }
    var names: [String] = []
    var waveforms: [[Float]] = []
    for isHarmonic in [true, false] {
      for band in 0..<bands {
        let gain = share.mappedByPlace { share, place in
          guard bandOfBin[place % spectrogram.bins] == band else { return 0 }
          return isHarmonic ? share : 1 - share
        }
        names.append("\(isHarmonic ? "harmonic" : "percussive"), \(edges[band])–\(edges[band + 1]) Hz")
        waveforms.append(spectrogram.scaled(by: gain).samples)
      }
    }
    (self.names, self.waveforms) = (names, waveforms)
  }

  /// What somebody has taken a sound apart into, and what that leaves of it: "the rest", where it is more than a millionth
  /// of the sound's energy.
  ///
  /// - Parameter stems: cut, or followed by silence, to the sound's length.
  public init(_ stems: [Stem], of samples: [Float]) {
    var rest = samples
    var waveforms = stems.map { stem -> [Float] in
      let missing = max(0, samples.count - stem.samples.count)
      return Array(stem.samples.prefix(samples.count)) + [Float](repeating: 0, count: missing)
    }
    for waveform in waveforms {
      for place in rest.indices { rest[place] -= waveform[place] }
    }
    func energy(_ samples: [Float]) -> Double { samples.reduce(0) { $0 + Double($1) * Double($1) } }
    let isWhole = energy(rest) <= 1e-6 * energy(samples)
    if !isWhole { waveforms.append(rest) }
    names = stems.map(\.name) + (isWhole ? [] : ["the rest"])
    self.waveforms = waveforms
  }
}

/// One of the parts that somebody has taken a sound apart into: voice, drums, the dog.
public struct Stem: Sendable, Hashable {
  public var name: String
  /// At the rate of the sound it is a part of.
  public var samples: [Float]

  public init(name: String, samples: [Float]) { (self.name, self.samples) = (name, samples) }
}
