extension Recording {
  /// What sounds on and what strikes: two recordings that add up to this one, channel by channel.
  ///
  /// On the clip's own STFT (2048 samples, every 512, Hann), by the gains of ``HarmonicPercussive``. Fitzgerald, DAFx 2010;
  /// `librosa.effects.hpss` with its kernel of 31, power 2, margin 1.
  public func harmonicAndPercussive() -> (harmonic: Recording, percussive: Recording) {
    let harmonic = channels.map { samples in
      let spectrogram = Spectrogram(samples)
      let parts = HarmonicPercussive(ofMagnitudes: spectrogram.magnitudes)
      return spectrogram.scaled(by: parts.harmonicGain).samples
    }
    let percussive = zip(channels, harmonic).map { whole, part in zip(whole, part).map { $0 - $1 } }
    return (
      Recording(channels: harmonic, sampleRate: sampleRate),
      Recording(channels: percussive, sampleRate: sampleRate)
    )
  }
}
