import Glibc
import Tensors

/// Normally distributed numbers that are the same on every machine: SplitMix64 (Steele et al., 2014) through the
/// Box–Muller transform.
struct GaussianGenerator {
  private var bits: SplitMix64
  private var spare: Float?

  init(seed: UInt64) { bits = SplitMix64(seed: seed) }

  /// A number from N(0, 1).
  mutating func normal() -> Float {
    if let spare {
      self.spare = nil
      return spare
    }
    let radius = sqrtf(-2 * logf(uniform()))
    let angle = 2 * Float.pi * uniform()
    spare = radius * sinf(angle)
    return radius * cosf(angle)
  }

  /// A number from (0, 1].
  mutating func uniform() -> Float {
    Float((bits.next() >> 40) + 1) * 0x1p-24
  }
}
