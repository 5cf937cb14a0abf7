import Fourier
import Glibc
import Tensors

/// How strong the steady noise of a recording is, in each bin of a transform.
///
/// In each channel and bin, the magnitude that a tenth of the frames stay below, as a factor on white noise of variance 1: divided
/// by what a tenth of such noise's own magnitudes stay below, `√(Σ w²) · √(−ln 0.9)` under the window `w`, as its magnitudes are
/// Rayleigh distributed. So steady noise has its own level as its floor.
public struct NoiseFloor: Sendable {
  /// For each channel a factor a bin.
  let levels: [[Float]]

  static let quantile = 0.1

  public init(of recording: Recording) {
    levels = recording.channels.map { Self.levels($0, rate: recording.sampleRate) }
  }

  private static func levels(_ samples: [Float], rate: Int) -> [Float] {
    let size = SoundEdit.windowSize(rate: rate)
    let (plan, window) = (RealFourierPlan.shared(size), hannWindow(size))
    let buffers = RealFourierBuffers(size)
    defer { withExtendedLifetime(buffers) {} }
    // Frames that lie within the sound; of one shorter than a window, the one frame there is.
    let starts = Array(stride(from: 0, through: max(0, samples.count - size), by: size / 2))
    var magnitudes = [[Float]](repeating: [], count: plan.bins)
    for start in starts {
      for index in 0..<size {
        let place = start + index
        buffers.samples[index] = place < samples.count ? Double(samples[place] * window[index]) : 0
      }
      plan.transform(buffers)
      for bin in 0..<plan.bins {
        let (real, imaginary) = (buffers.parts[2 * bin], buffers.parts[2 * bin + 1])
        magnitudes[bin].append(Float((real * real + imaginary * imaginary).squareRoot()))
      }
    }
    let unit = window.reduce(0) { $0 + $1 * $1 }.squareRoot() * (-logf(1 - Float(quantile))).squareRoot()
    return magnitudes.map { values in
      let sorted = values.sorted()
      return sorted[Int(quantile * Double(sorted.count - 1))] / unit
    }
  }
}
