import Fourier
import TestSupport
import Testing

struct FourierPlanTests {
  @Test("transforms by their definition are FFTW's, forth and back", arguments: [1, 2, 7, 12, 64, 100, 133])
  func real(size: Int) {
    let (fast, slow) = (RealFourierPlan.shared(size), RealFourierPlan(byDefinition: size))
    let (a, b) = (RealFourierBuffers(size), RealFourierBuffers(size))
    defer { withExtendedLifetime((a, b)) {} }
    for index in 0..<size { a.samples[index] = Double((index * 37 + 11) % 19) / 19 - 0.4 }
    for index in 0..<size { b.samples[index] = a.samples[index] }
    let bound = bound(size)
    fast.transform(a)
    slow.transform(b)
    for part in 0..<2 * fast.bins { #expect(abs(a.parts[part] - b.parts[part]) < bound) }
    for part in 0..<2 * fast.bins { b.parts[part] = a.parts[part] }
    fast.transformBack(a)
    slow.transformBack(b)
    for index in 0..<size { #expect(abs(a.samples[index] - b.samples[index]) < 2 * bound) }
  }

  @Test("of complex numbers, too", arguments: [1, 2, 7, 12, 64, 100, 133], [false, true])
  func complex(size: Int, inverse: Bool) {
    let (fast, slow) = (ComplexFourierPlan.shared(size), ComplexFourierPlan(byDefinition: size))
    let (a, b) = (ComplexFourierBuffers(size), ComplexFourierBuffers(size))
    defer { withExtendedLifetime((a, b)) {} }
    for index in 0..<size {
      a.input[index] = SIMD2(
        Double((index * 37 + 11) % 19) / 19 - 0.4, Double((index * 11 + 3) % 17) / 17 - 0.5)
      b.input[index] = a.input[index]
    }
    fast.transform(a, inverse: inverse)
    slow.transform(b, inverse: inverse)
    for index in 0..<size {
      #expect(a.input[index] == b.input[index])
      let difference = a.output[index] - b.output[index]
      #expect(max(abs(difference.x), abs(difference.y)) < 2 * bound(size))
    }
  }

  /// Sums of `size` numbers below 1, each good to 2⁻⁵³, and angles as good.
  private func bound(_ size: Int) -> Double { 4 * Double(size * size) * 0x1p-53 }
}
