import CFFTW
import Glibc
import Tensors

/// FFTW's plans for complex transforms of one size; shared, executed and replaced as ``RealFourierPlan``'s.
package final class ComplexFourierPlan: Sendable {
  package let size: Int
  private let plans: FourierPlans

  /// The plan for `size` points.
  package static func shared(_ size: Int) -> ComplexFourierPlan {
    cache.value(size) { ComplexFourierPlan($0) }
  }

  private static let cache = Cache<Int, ComplexFourierPlan>()

  private init(_ size: Int) {
    self.size = size
    let buffers = ComplexFourierBuffers(size)
    plans = FourierPlans(size) { points, isInverse in
      fftw_plan_dft_1d(
        points, buffers.source, buffers.result, isInverse ? FFTW_BACKWARD : FFTW_FORWARD, FFTW_ESTIMATE)
    }
  }

  /// A plan without FFTW.
  package init(byDefinition size: Int) {
    self.size = size
    plans = FourierPlans()
  }

  /// About how many multiplications a transform takes.
  package var work: Int { 32 * size }

  /// `output[k] = Σ_n input[n] e^(−2πi k n / size)`, with the exponent's other sign if `inverse`; nothing is divided by
  /// `size`. Keeps the input.
  package func transform(_ buffers: ComplexFourierBuffers, inverse isInverse: Bool) {
    guard let plan = isInverse ? plans.inverse : plans.forward else {
      return transformByDefinition(buffers, isInverse)
    }
    fftw_execute_dft(plan, buffers.source, buffers.result)
  }

  private func transformByDefinition(_ buffers: ComplexFourierBuffers, _ isInverse: Bool) {
    for k in 0..<size {
      var sum = SIMD2<Double>.zero
      for n in 0..<size {
        let angle = (isInverse ? 1 : -1) * FourierPlans.angle(k, n, of: size)
        let (x, wave) = (buffers.input[n], SIMD2(cos(angle), sin(angle)))
        sum += SIMD2(x.x * wave.x - x.y * wave.y, x.x * wave.y + x.y * wave.x)
      }
      buffers.output[k] = sum
    }
  }
}

/// The aligned buffers one thread transforms in, real and imaginary parts, zero at first.
package final class ComplexFourierBuffers {
  package let input: UnsafeMutablePointer<SIMD2<Double>>
  package let output: UnsafeMutablePointer<SIMD2<Double>>

  var source: UnsafeMutablePointer<fftw_complex> {
    UnsafeMutableRawPointer(input).assumingMemoryBound(to: fftw_complex.self)
  }
  var result: UnsafeMutablePointer<fftw_complex> {
    UnsafeMutableRawPointer(output).assumingMemoryBound(to: fftw_complex.self)
  }

  package init(_ size: Int) {
    func numbers() -> UnsafeMutablePointer<SIMD2<Double>> {
      UnsafeMutableRawPointer(FourierPlans.aligned(2 * size)).assumingMemoryBound(to: SIMD2<Double>.self)
    }
    (input, output) = (numbers(), numbers())
  }

  deinit {
    input.deallocate()
    output.deallocate()
  }
}
