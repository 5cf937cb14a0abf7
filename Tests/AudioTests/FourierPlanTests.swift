import Fourier
import Audio
import TestSupport
import Testing

struct FourierPlanTests {
  @Test("transforms by their definition are FFTW's, forth and back", arguments: [1, 2, 7, 12, 64, 100])
  func definition(size: Int) {
    let (fast, slow) = (RealFourierPlan.shared(size), RealFourierPlan(byDefinition: size))
    let (a, b) = (RealFourierBuffers(size), RealFourierBuffers(size))
    defer { withExtendedLifetime((a, b)) {} }
    for index in 0..<size { a.samples[index] = Float((index * 37 + 11) % 19) / 19 - 0.4 }
    for index in 0..<size { b.samples[index] = a.samples[index] }
    // Sums of `size` numbers below 1.
    let bound = Float(Rounding.sum(of: size + 8) * Double(size))
    fast.transform(a)
    slow.transform(b)
    for part in 0..<2 * fast.bins { #expect(abs(a.parts[part] - b.parts[part]) < bound) }
    for part in 0..<2 * fast.bins { b.parts[part] = a.parts[part] }
    fast.transformBack(a)
    slow.transformBack(b)
    for index in 0..<size { #expect(abs(a.samples[index] - b.samples[index]) < 2 * bound) }
  }

  @Test("in double precision, too", arguments: [1, 2, 7, 12, 64, 100, 133])
  func precise(size: Int) {
    let (fast, slow) = (PreciseFourierPlan.shared(size), PreciseFourierPlan(byDefinition: size))
    let (a, b) = (PreciseFourierBuffers(size), PreciseFourierBuffers(size))
    defer { withExtendedLifetime((a, b)) {} }
    for index in 0..<size { a.samples[index] = Double((index * 37 + 11) % 19) / 19 - 0.4 }
    for index in 0..<size { b.samples[index] = a.samples[index] }
    // Sums of `size` numbers below 1, each good to 2⁻⁵³, and angles as good.
    let bound = 4 * Double(size * size) * 0x1p-53
    fast.transform(a)
    slow.transform(b)
    for part in 0..<2 * fast.bins { #expect(abs(a.parts[part] - b.parts[part]) < bound) }
    for part in 0..<2 * fast.bins { b.parts[part] = a.parts[part] }
    fast.transformBack(a)
    slow.transformBack(b)
    for index in 0..<size { #expect(abs(a.samples[index] - b.samples[index]) < 2 * bound) }
  }
}
