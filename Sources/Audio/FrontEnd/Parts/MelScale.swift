import Glibc

/// A scale on which equal steps sound equally far apart.
public enum MelScale: String, Sendable, Codable, CaseIterable {
  /// `2595 log₁₀(1 + f/700)`, as in HTK and TensorFlow.
  case htk
  /// Linear below 1 kHz (200/3 Hz a mel), logarithmic above (`6.4^(1/27)` a mel), as in Slaney's Auditory Toolbox
  /// and librosa.
  case slaney
  /// `1127 ln(1 + f/700)`, as in Kaldi: HTK's but for the last digits.
  case kaldi

  public func mel(ofHertz hertz: Double) -> Double {
    switch self {
    case .htk: 2595 * log10(1 + hertz / 700)
    case .slaney: hertz < 1000 ? hertz * 3 / 200 : 15 + log(hertz / 1000) / Self.slaneyStep
    case .kaldi: 1127 * log(1 + hertz / 700)
    }
  }

  public func hertz(ofMel mel: Double) -> Double {
    switch self {
    case .htk: 700 * (pow(10, mel / 2595) - 1)
    case .slaney: mel < 15 ? mel * 200 / 3 : 1000 * exp(Self.slaneyStep * (mel - 15))
    case .kaldi: 700 * (exp(mel / 1127) - 1)
    }
  }

  private static let slaneyStep = log(6.4) / 27
}
