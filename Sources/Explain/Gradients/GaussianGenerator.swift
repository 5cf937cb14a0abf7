import Glibc

/// Normally distributed numbers that are the same on every machine: SplitMix64 (Steele et al., 2014) through the
/// Box–Muller transform.
struct GaussianGenerator {
  private var state: UInt64
  private var spare: Float?

  init(seed: UInt64) { state = seed }

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
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    bits ^= bits >> 31
    return Float((bits >> 40) + 1) * 0x1p-24
  }
}
