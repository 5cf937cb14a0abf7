/// A sound as a sum of parts that can be taken away: its harmonic and its percussive part, each cut into bands of equal
/// width in mel.
///
/// The parts are made by gains on the sound's STFT that add up to one in every bin, so the parts add up to the sound, to
/// rounding. See ``Recording/harmonicAndPercussive()``.
public struct SoundComponents: Sendable {
  /// What each part is, as "harmonic, 0–464 Hz".
  public let names: [String]
  /// The samples of each part, as many as the sound has.
  public let waveforms: [[Float]]

  /// - Parameter bands: from 0 Hz to half the sample rate; at least one.
  public init(of samples: [Float], sampleRate: Int, bands: Int = 4) {
    precondition(bands > 0, "\(bands) bands")
    let spectrogram = Spectrogram(samples)
    let share = spectrogram.harmonicShare()
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
        let gain = share.indices.map { place -> Float in
          guard bandOfBin[place % spectrogram.bins] == band else { return 0 }
          return isHarmonic ? share[place] : 1 - share[place]
        }
        names.append("\(isHarmonic ? "harmonic" : "percussive"), \(edges[band])–\(edges[band + 1]) Hz")
        waveforms.append(spectrogram.scaled(by: gain).samples(count: samples.count))
      }
    }
    (self.names, self.waveforms) = (names, waveforms)
  }
}
