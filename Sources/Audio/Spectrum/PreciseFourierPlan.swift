import CFFTW
import Glibc
import Synchronization

/// `RealFourierPlan` in double precision, for front ends: a band 100 dB below the loudest of its frame would otherwise be
/// the transform's rounding. On processors of today it takes no longer.
///
/// Planning is serial in FFTW; executing is safe from any thread, each on buffers of its own; so the class is Sendable.
/// Where FFTW makes no plan, transforms are computed by their definition.
package final class PreciseFourierPlan: @unchecked Sendable {
  /// The points of the transform; its spectrum has `size / 2 + 1` bins.
  let size: Int
  private let plans: (forward: OpaquePointer, inverse: OpaquePointer)?

  package var bins: Int { size / 2 + 1 }

  /// The plan for `size` points.
  package static func shared(_ size: Int) -> PreciseFourierPlan {
    cache.withLock { plans in
      if let known = plans[size] { return known }
      let plan = PreciseFourierPlan(size)
      if plans.count >= 32 { plans = [:] }
      plans[size] = plan
      return plan
    }
  }

  private static let cache = Mutex<[Int: PreciseFourierPlan]>([:])

  private init(_ size: Int) {
    precondition(size > 0, "a transform of \(size) points")
    self.size = size
    guard let points = Int32(exactly: size) else {
      plans = nil
      return
    }
    let buffers = PreciseFourierBuffers(size)
    let forward = fftw_plan_dft_r2c_1d(points, buffers.samples, buffers.spectrum, FFTW_ESTIMATE)
    let inverse = fftw_plan_dft_c2r_1d(points, buffers.spectrum, buffers.samples, FFTW_ESTIMATE)
    guard let forward, let inverse else {
      for plan in [forward, inverse] { if let plan { fftw_destroy_plan(plan) } }
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
    fftw_destroy_plan(plans.forward)
    fftw_destroy_plan(plans.inverse)
  }

  /// `spectrum[k] = Σ_n samples[n] e^(−2πi k n / size)`; keeps the samples.
  package func transform(_ buffers: PreciseFourierBuffers) {
    guard let plans else { return transformByDefinition(buffers) }
    fftw_execute_dft_r2c(plans.forward, buffers.samples, buffers.spectrum)
  }

  /// `samples[n] = Σ_k spectrum[k] e^(2πi k n / size)` over all bins and their mirror images; overwrites the spectrum.
  package func transformBack(_ buffers: PreciseFourierBuffers) {
    guard let plans else { return transformBackByDefinition(buffers) }
    fftw_execute_dft_c2r(plans.inverse, buffers.spectrum, buffers.samples)
  }

  private func transformByDefinition(_ buffers: PreciseFourierBuffers) {
    for bin in 0..<bins {
      var (real, imaginary) = (0.0, 0.0)
      for index in 0..<size {
        real += buffers.samples[index] * cos(angle(bin, index))
        imaginary -= buffers.samples[index] * sin(angle(bin, index))
      }
      (buffers.parts[2 * bin], buffers.parts[2 * bin + 1]) = (real, imaginary)
    }
  }

  private func transformBackByDefinition(_ buffers: PreciseFourierBuffers) {
    for index in 0..<size {
      var sum = 0.0
      for bin in 0..<bins {
        // The bins between the first and the middle one stand for their mirror images too.
        let isAlone = bin == 0 || 2 * bin == size
        let (real, imaginary) = (buffers.parts[2 * bin], buffers.parts[2 * bin + 1])
        sum +=
          isAlone
          ? real * cos(angle(bin, index))
          : 2 * (real * cos(angle(bin, index)) - imaginary * sin(angle(bin, index)))
      }
      buffers.samples[index] = sum
    }
  }

  private func angle(_ bin: Int, _ index: Int) -> Double {
    2 * Double.pi * Double(bin * index % size) / Double(size)
  }
}

/// The aligned buffers one thread transforms in, zero at first.
package final class PreciseFourierBuffers {
  package let samples: UnsafeMutablePointer<Double>
  let spectrum: UnsafeMutablePointer<fftw_complex>
  /// The spectrum as interleaved real and imaginary parts.
  package let parts: UnsafeMutablePointer<Double>

  package init(_ size: Int) {
    samples = aligned(size)
    parts = aligned(2 * (size / 2 + 1))
    spectrum = UnsafeMutableRawPointer(parts).assumingMemoryBound(to: fftw_complex.self)
  }

  deinit {
    samples.deallocate()
    parts.deallocate()
  }
}

private func aligned(_ count: Int) -> UnsafeMutablePointer<Double> {
  let start = UnsafeMutableRawPointer.allocate(byteCount: count * MemoryLayout<Double>.stride, alignment: 64)
    .bindMemory(to: Double.self, capacity: count)
  start.initialize(repeating: 0, count: count)
  return start
}
