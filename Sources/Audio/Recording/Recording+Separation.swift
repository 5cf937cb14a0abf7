extension Recording {
  /// What sounds on and what strikes: two recordings that add up to this one, channel by channel.
  ///
  /// On the clip's own STFT (2048 samples, every 512, Hann), `h` is the median of 31 frames and `p` the median of 31
  /// bins of the magnitudes; the harmonic part keeps `h² / (h² + p²)` of each bin, half where both are nothing, and the
  /// percussive part the rest. Fitzgerald, DAFx 2010; `librosa.effects.hpss` with its kernel of 31, power 2, margin 1.
  public func harmonicAndPercussive() -> (harmonic: Recording, percussive: Recording) {
    let harmonic = channels.map { samples in
      let spectrogram = Spectrogram(samples)
      return spectrogram.scaled(by: spectrogram.harmonicShare()).samples(count: samples.count)
    }
    let percussive = zip(channels, harmonic).map { whole, part in zip(whole, part).map { $0 - $1 } }
    return (
      Recording(channels: harmonic, sampleRate: sampleRate),
      Recording(channels: percussive, sampleRate: sampleRate)
    )
  }
}

extension Spectrogram {
  /// How much of each bin is harmonic, in 0...1, `[frames, bins]`.
  func harmonicShare(kernel: Int = 31) -> [Float] {
    let magnitudes = magnitudes
    var harmonic = magnitudes
    var percussive = magnitudes
    var filter = MedianFilter(length: kernel)
    magnitudes.withUnsafeBufferPointer { magnitudes in
      harmonic.withUnsafeMutableBufferPointer { harmonic in
        for bin in 0..<bins { filter.run(magnitudes, into: harmonic, from: bin, step: bins, count: frames) }
      }
      percussive.withUnsafeMutableBufferPointer { percussive in
        for frame in 0..<frames {
          filter.run(magnitudes, into: percussive, from: frame * bins, step: 1, count: bins)
        }
      }
    }
    return zip(harmonic, percussive).map { harmonic, percussive in
      // Divided by the larger first, as librosa does, so that squares neither vanish nor overflow.
      let larger = max(harmonic, percussive)
      guard larger >= .leastNormalMagnitude else { return 0.5 }
      let (h, p) = (harmonic / larger, percussive / larger)
      return h * h / (h * h + p * p)
    }
  }
}
