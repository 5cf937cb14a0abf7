import Glibc
import Tensors

extension FrontEnd {
  /// The weights of a frame's samples, `i` from 0 to `n`: `n = window` where periodic, `window − 1` where symmetric.
  public enum WindowShape: String, Sendable, Codable, CaseIterable {
    /// `0.5 − 0.5 cos(2π i / n)`
    case hann
    /// `0.54 − 0.46 cos(2π i / n)`
    case hamming
    /// `(0.5 − 0.5 cos(2π i / n))^0.85`, Kaldi's.
    case povey
    /// `0.42 − 0.5 cos(2π i / n) + 0.08 cos(4π i / n)`
    case blackman
    /// 1
    case rectangular
  }

  /// Where a window would reach its first value again.
  public enum WindowSymmetry: String, Sendable, Codable, CaseIterable {
    /// One sample after its last: for transforms. librosa, TensorFlow, `torch.hann_window`.
    case periodic
    /// At its last sample. Kaldi, `numpy.hanning`.
    case symmetric
  }

  /// What the window, and with it `|X|`, is divided by.
  public enum WindowScaling: String, Sendable, Codable, CaseIterable {
    case none
    /// `√Σ w²`: torchaudio's `normalized=True` or `"window"`.
    case energy
    /// `√fft`: `torch.stft`'s `normalized=True`.
    case length
    /// `Σ w`: so that a sine of amplitude 1 has a magnitude of ½.
    case sum
    /// `Σ w`, and bins but the first and the middle one doubled in power:
    /// `scipy.signal.spectrogram(scaling="spectrum")`.
    case oneSidedSpectrum = "one-sided-spectrum"
    /// `√(rate · Σ w²)`, and bins but the first and the middle one doubled in power: scipy's `scaling="density"`.
    case oneSidedDensity = "one-sided-density"

    /// Whether powers stand for those of negative frequencies, too.
    var isOneSided: Bool { self == .oneSidedSpectrum || self == .oneSidedDensity }
  }
}

extension FrontEnd.Analysis {
  /// The weights of a frame's samples, scaled, in double precision; computed once.
  func windowWeights(sampleRate: Int) -> [Double] {
    let key = WindowKey(
      shape: windowShape, symmetry: windowSymmetry, scaling: windowScaling, window: window, fft: fft,
      sampleRate: sampleRate)
    return Self.windows.value(key) { _ in computedWeights(sampleRate: sampleRate) }
  }

  private struct WindowKey: Hashable {
    let shape: FrontEnd.WindowShape
    let symmetry: FrontEnd.WindowSymmetry
    let scaling: FrontEnd.WindowScaling
    let window: Int
    let fft: Int
    let sampleRate: Int
  }

  private static let windows = Cache<WindowKey, [Double]>()

  private func computedWeights(sampleRate: Int) -> [Double] {
    let length = Double(max(1, windowSymmetry == .periodic ? window : window - 1))
    let weights = (0..<window).map { windowShape.weight(2 * Double.pi * Double($0) / length) }
    let energy = weights.reduce(0) { $0 + $1 * $1 }
    let divisor =
      switch windowScaling {
      case .none: 1.0
      case .energy: energy.squareRoot()
      case .length: Double(fft).squareRoot()
      case .sum, .oneSidedSpectrum: weights.reduce(0, +)
      case .oneSidedDensity: (Double(sampleRate) * energy).squareRoot()
      }
    return divisor > 0 ? weights.map { $0 / divisor } : weights
  }
}

extension FrontEnd.WindowShape {
  /// The weight at an angle of 0 to 2π.
  fileprivate func weight(_ angle: Double) -> Double {
    switch self {
    case .hann: 0.5 - 0.5 * cos(angle)
    case .hamming: 0.54 - 0.46 * cos(angle)
    case .povey: pow(max(0, 0.5 - 0.5 * cos(angle)), 0.85)
    case .blackman: 0.42 - 0.5 * cos(angle) + 0.08 * cos(2 * angle)
    case .rectangular: 1
    }
  }
}
