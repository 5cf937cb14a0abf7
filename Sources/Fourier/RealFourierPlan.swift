import CFFTW
import Glibc
import Synchronization

/// FFTW's plans for real transforms of one size, made once and shared by all threads.
///
/// Planning is serial in FFTW, and estimated: measuring takes longer than a clip. Executing is safe from any thread,
/// each on buffers of its own; so the class is Sendable. Where FFTW makes no plan, for want of memory, transforms are
/// computed by their definition.
package final class RealFourierPlan: @unchecked Sendable {
  /// The points of the transform; its spectrum has `size / 2 + 1` bins.
  package let size: Int
  /// Forward and inverse; nil if FFTW has none.
  private let plans: (forward: OpaquePointer, inverse: OpaquePointer)?

  package var bins: Int { size / 2 + 1 }

  /// The plan for `size` points.
  package static func shared(_ size: Int) -> RealFourierPlan {
    cache.withLock { plans in
      if let known = plans[size] { return known }
      let plan = RealFourierPlan(size)
      // Front ends of ever new sizes would fill the memory; those in use keep their plan.
      if plans.count >= 32 { plans = [:] }
      plans[size] = plan
      return plan
    }
  }

  private static let cache = Mutex<[Int: RealFourierPlan]>([:])

  private init(_ size: Int) {
    precondition(size > 0, "a transform of \(size) points")
    self.size = size
    guard let points = Int32(exactly: size) else {
      plans = nil
      return
    }
    let buffers = RealFourierBuffers(size)
    let forward = fftwf_plan_dft_r2c_1d(points, buffers.samples, buffers.spectrum, FFTW_ESTIMATE)
    let inverse = fftwf_plan_dft_c2r_1d(points, buffers.spectrum, buffers.samples, FFTW_ESTIMATE)
    guard let forward, let inverse else {
      for plan in [forward, inverse] { if let plan { fftwf_destroy_plan(plan) } }
      plans = nil
      return
    }
    plans = (forward, inverse)
  }

  /// A plan without FFTW.
  package init(byDefinition size: Int) {
    self.size = size
    plans = nil
  }

  deinit {
    guard let plans else { return }
    fftwf_destroy_plan(plans.forward)
    fftwf_destroy_plan(plans.inverse)
  }

  /// `spectrum[k] = Σ_n samples[n] e^(−2πi k n / size)`; keeps the samples.
  package func transform(_ buffers: RealFourierBuffers) {
    guard let plans else { return transformByDefinition(buffers) }
    fftwf_execute_dft_r2c(plans.forward, buffers.samples, buffers.spectrum)
  }

  /// `samples[n] = Σ_k spectrum[k] e^(2πi k n / size)`, `size` times the inverse; overwrites the spectrum.
  package func transformBack(_ buffers: RealFourierBuffers) {
    guard let plans else { return transformBackByDefinition(buffers) }
    fftwf_execute_dft_c2r(plans.inverse, buffers.spectrum, buffers.samples)
  }

  private func transformByDefinition(_ buffers: RealFourierBuffers) {
    for bin in 0..<bins {
      var (real, imaginary) = (0.0, 0.0)
      for index in 0..<size {
        let angle = angle(bin, index)
        real += Double(buffers.samples[index]) * cos(angle)
        imaginary -= Double(buffers.samples[index]) * sin(angle)
      }
      (buffers.parts[2 * bin], buffers.parts[2 * bin + 1]) = (Float(real), Float(imaginary))
    }
  }

  private func transformBackByDefinition(_ buffers: RealFourierBuffers) {
    for index in 0..<size {
      var sum = 0.0
      for bin in 0..<bins {
        // The bins between the first and the middle one stand for their mirror images too.
        let count = bin == 0 || 2 * bin == size ? 1.0 : 2.0
        let angle = angle(bin, index)
        let (real, imaginary) = (Double(buffers.parts[2 * bin]), Double(buffers.parts[2 * bin + 1]))
        sum += count * (real * cos(angle) - (count == 1 ? 0 : imaginary * sin(angle)))
      }
      buffers.samples[index] = Float(sum)
    }
  }

  private func angle(_ bin: Int, _ index: Int) -> Double {
    2 * Double.pi * Double(bin * index % size) / Double(size)
  }
}

/// The aligned buffers one thread transforms in, zero at first.
package final class RealFourierBuffers {
  package let samples: UnsafeMutablePointer<Float>
  let spectrum: UnsafeMutablePointer<fftwf_complex>
  /// The spectrum as interleaved real and imaginary parts.
  package let parts: UnsafeMutablePointer<Float>

  package init(_ size: Int) {
    let bins = size / 2 + 1
    samples = aligned(size)
    parts = aligned(2 * bins)
    spectrum = UnsafeMutableRawPointer(parts).assumingMemoryBound(to: fftwf_complex.self)
  }

  deinit {
    samples.deallocate()
    parts.deallocate()
  }
}

private func aligned(_ count: Int) -> UnsafeMutablePointer<Float> {
  let start = UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Float>.stride, alignment: 64)
    .bindMemory(to: Float.self, capacity: count)
  start.initialize(repeating: 0, count: count)
  return start
}
