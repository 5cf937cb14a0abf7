import CFFTW
import Glibc
import Tensors

/// FFTW's plans for real transforms of one size, made once and shared by all threads.
///
/// Executing is safe from any thread, each on buffers of its own. Where FFTW makes no plan,
/// for want of memory, transforms are computed by their definition.
package final class RealFourierPlan: Sendable {
  /// The points of the transform; its spectrum has `size / 2 + 1` bins.
  package let size: Int
  private let plans: FourierPlans

  package var bins: Int { size / 2 + 1 }

  /// The plan for `size` points.
  package static func shared(_ size: Int) -> RealFourierPlan {
    cache.value(size) { RealFourierPlan($0) }
  }

  private static let cache = Cache<Int, RealFourierPlan>()

  private init(_ size: Int) {
    self.size = size
    let buffers = RealFourierBuffers(size)
    plans = FourierPlans(size) { points, isInverse in
      isInverse
        ? fftw_plan_dft_c2r_1d(points, buffers.spectrum, buffers.samples, FFTW_ESTIMATE)
        : fftw_plan_dft_r2c_1d(points, buffers.samples, buffers.spectrum, FFTW_ESTIMATE)
    }
  }

  /// A plan without FFTW.
  package init(byDefinition size: Int) {
    self.size = size
    plans = FourierPlans()
  }

  /// `spectrum[k] = Σ_n samples[n] e^(−2πi k n / size)`; keeps the samples.
  package func transform(_ buffers: RealFourierBuffers) {
    guard let forward = plans.forward else { return transformByDefinition(buffers) }
    fftw_execute_dft_r2c(forward, buffers.samples, buffers.spectrum)
  }

  /// `samples[n] = Σ_k spectrum[k] e^(2πi k n / size)` over all bins and their mirror images, `size` times the inverse;
  /// overwrites the spectrum.
  package func transformBack(_ buffers: RealFourierBuffers) {
    guard let inverse = plans.inverse else { return transformBackByDefinition(buffers) }
    fftw_execute_dft_c2r(inverse, buffers.spectrum, buffers.samples)
  }

  private func transformByDefinition(_ buffers: RealFourierBuffers) {
    for bin in 0..<bins {
      var (real, imaginary) = (0.0, 0.0)
      for index in 0..<size {
        let angle = FourierPlans.angle(bin, index, of: size)
        real += buffers.samples[index] * cos(angle)
        imaginary -= buffers.samples[index] * sin(angle)
      }
      (buffers.parts[2 * bin], buffers.parts[2 * bin + 1]) = (real, imaginary)
    }
  }

  private func transformBackByDefinition(_ buffers: RealFourierBuffers) {
    for index in 0..<size {
      var sum = 0.0
      for bin in 0..<bins {
        // The bins between the first and the middle one stand for their mirror images too.
        let isAlone = bin == 0 || 2 * bin == size
        let (real, imaginary) = (buffers.parts[2 * bin], buffers.parts[2 * bin + 1])
        let angle = FourierPlans.angle(bin, index, of: size)
        sum += isAlone ? real * cos(angle) : 2 * (real * cos(angle) - imaginary * sin(angle))
      }
      buffers.samples[index] = sum
    }
  }
}

/// The aligned buffers one thread transforms in, zero at first.
package final class RealFourierBuffers {
  package let samples: UnsafeMutablePointer<Double>
  let spectrum: UnsafeMutablePointer<fftw_complex>
  /// The spectrum as interleaved real and imaginary parts.
  package let parts: UnsafeMutablePointer<Double>

  package init(_ size: Int) {
    samples = FourierPlans.aligned(size)
    parts = FourierPlans.aligned(2 * (size / 2 + 1))
    spectrum = UnsafeMutableRawPointer(parts).assumingMemoryBound(to: fftw_complex.self)
  }

  deinit {
    samples.deallocate()
    parts.deallocate()
  }
}
