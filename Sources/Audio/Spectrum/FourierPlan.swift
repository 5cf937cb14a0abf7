import CFFTW
import Glibc
import Synchronization

/// FFTW's plans for real transforms of one size, made once and shared by all threads.
///
/// Planning is serial in FFTW, and estimated: measuring takes longer than a clip. Executing is safe from any thread,
/// each on buffers of its own.
final class FourierPlan: @unchecked Sendable {
  /// The points of the transform; its spectrum has `size / 2 + 1` bins.
  let size: Int
  private let forwardPlan: OpaquePointer
  private let inversePlan: OpaquePointer

  var bins: Int { size / 2 + 1 }

  /// The plan for `size` points.
  static func shared(_ size: Int) -> FourierPlan {
    cache.withLock { plans in
      if let known = plans[size] { return known }
      let plan = FourierPlan(size)
      plans[size] = plan
      return plan
    }
  }

  private static let cache = Mutex<[Int: FourierPlan]>([:])

  private init(_ size: Int) {
    precondition(size > 0, "a transform of \(size) points")
    self.size = size
    let buffers = FourierBuffers(size)
    guard
      let forward = fftwf_plan_dft_r2c_1d(Int32(size), buffers.samples, buffers.spectrum, FFTW_ESTIMATE),
      let inverse = fftwf_plan_dft_c2r_1d(Int32(size), buffers.spectrum, buffers.samples, FFTW_ESTIMATE)
    else { preconditionFailure("FFTW makes no plan for \(size) points") }
    (forwardPlan, inversePlan) = (forward, inverse)
  }

  deinit {
    fftwf_destroy_plan(forwardPlan)
    fftwf_destroy_plan(inversePlan)
  }

  /// `spectrum[k] = Σ_n samples[n] e^(−2πi k n / size)`; keeps the samples.
  func transform(_ buffers: FourierBuffers) {
    fftwf_execute_dft_r2c(forwardPlan, buffers.samples, buffers.spectrum)
  }

  /// `samples[n] = Σ_k spectrum[k] e^(2πi k n / size)`, `size` times the inverse; overwrites the spectrum.
  func transformBack(_ buffers: FourierBuffers) {
    fftwf_execute_dft_c2r(inversePlan, buffers.spectrum, buffers.samples)
  }
}

/// The aligned buffers one thread transforms in, zero at first.
final class FourierBuffers {
  let samples: UnsafeMutablePointer<Float>
  let spectrum: UnsafeMutablePointer<fftwf_complex>
  /// The spectrum as interleaved real and imaginary parts.
  let parts: UnsafeMutablePointer<Float>

  init(_ size: Int) {
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

/// The periodic Hann window: `w[i] = 0.5 − 0.5 cos(2π i / length)`.
func hannWindow(_ length: Int) -> [Float] {
  (0..<length).map { Float(0.5 - 0.5 * cos(2 * Double.pi * Double($0) / Double(length))) }
}
