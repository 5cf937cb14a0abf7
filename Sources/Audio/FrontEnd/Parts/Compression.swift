extension FrontEnd {
  /// What is done to a band's energy `m`.
  public enum Compression: Sendable, Hashable {
    /// `log(max(scale · m, floor) + offset)`
    case log(base: LogBase, scale: Double, offset: Double, floor: Double = 0)
    /// `factor · log₁₀(max(m, floor) / reference)`, then raised to `range` below the largest of the sound.
    case decibels(floor: Double, factor: Double = 10, reference: Reference = .value(1), range: Double? = nil)
    /// `m^exponent`
    case power(exponent: Double)
    case pcen(PCEN)
    case none

    public enum LogBase: String, Sendable, Codable, CaseIterable {
      case natural
      case ten
      case two
    }

    /// What 0 dB is.
    public enum Reference: Sendable, Hashable {
      case value(Double)
      /// The largest energy of the sound, at least the floor: librosa's `ref=np.max`.
      case maximum
    }
  }

  /// Per-channel energy normalisation: `P = (m / (ε + M)^gain + bias)^power − bias^power`, where `M` follows `m` over
  /// the frames, `M[t] = (1 − s) M[t − 1] + s m[t]`.
  ///
  /// Wang et al., ICASSP 2017; `librosa.pcen`. `s` is librosa's of a time constant of `T` frames,
  /// `(√(1 + 4T²) − 1) / 2T²`, and `M[−1]` is 1, as if an energy of 1 had been there before.
  public struct PCEN: Sendable, Hashable {
    public var gain: Double
    public var bias: Double
    public var power: Double
    /// In seconds.
    public var timeConstant: Double
    public var epsilon: Double

    public init(
      gain: Double = 0.98, bias: Double = 2, power: Double = 0.5, timeConstant: Double = 0.4,
      epsilon: Double = 1e-6
    ) {
      (self.gain, self.bias, self.power) = (gain, bias, power)
      (self.timeConstant, self.epsilon) = (timeConstant, epsilon)
    }
  }
}
