extension Recording {
  /// The largest absolute sample of all channels; 0 for silence.
  public var peak: Float {
    channels.reduce(0) { peak, channel in
      channel.reduce(peak) { max($0, abs($1)) }
    }
  }

  /// Every sample times `factor`.
  public func scaled(by factor: Float) -> Recording {
    Recording(channels: channels.map { $0.map { $0 * factor } }, sampleRate: sampleRate, flaws: flaws)
  }

  /// Scaled so that the largest absolute sample is `peak`; silence stays silence.
  public func scaled(toPeak peak: Float) -> Recording {
    let present = self.peak
    // A division that ends above the wanted peak by rounding would overshoot full scale.
    return present > 0
      ? Recording(
        channels: channels.map { $0.map { min(max($0 / present * peak, -peak), peak) } },
        sampleRate: sampleRate, flaws: flaws)
      : self
  }

  /// Itself where no sample is beyond ±1, else scaled down to a peak of 1: what fits a WAV file without clipping.
  public func scaledToFullScaleIfLouder() -> Recording { peak > 1 ? scaled(toPeak: 1) : self }
}
