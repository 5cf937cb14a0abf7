import Glibc

/// Normally distributed numbers that are the same on every machine: SplitMix64 (Steele et al., 2014) through the
/// Box–Muller transform.
package struct GaussianGenerator {
  private var bits: SplitMix64
  private var spare: Float?

  package init(seed: UInt64) { self.init(bits: SplitMix64(seed: seed)) }

  private init(bits: SplitMix64) { self.bits = bits }

  /// A number from N(0, 1).
  package mutating func normal() -> Float {
    if let spare {
      self.spare = nil
      return spare
    }
    let radius = sqrtf(-2 * logf(uniform()))
    let angle = 2 * Float.pi * uniform()
    spare = radius * sinf(angle)
    return radius * cosf(angle)
  }

  /// The next numbers from N(0, 1), one after another as ``normal()`` gives them, by several threads.
  package mutating func fill(_ numbers: UnsafeMutableBufferPointer<Float>) {
    // Pairs of numbers take two draws; one left over from before comes first.
    var first = 0
    while first < numbers.count, spare != nil {
      numbers[first] = normal()
      first += 1
    }
    let pairs = (numbers.count - first) / 2
    let start = bits
    nonisolated(unsafe) let target = numbers
    let from = first
    concurrently((pairs + Self.pairsAtOnce - 1) / Self.pairsAtOnce) { piece in
      let range = piece * Self.pairsAtOnce..<min(pairs, (piece + 1) * Self.pairsAtOnce)
      var generator = GaussianGenerator(bits: start.advanced(by: 2 * range.lowerBound))
      for place in from + 2 * range.lowerBound..<from + 2 * range.upperBound {
        target[place] = generator.normal()
      }
    }
    bits = start.advanced(by: 2 * pairs)
    for place in from + 2 * pairs..<numbers.count { numbers[place] = normal() }
  }

  private static let pairsAtOnce = 1 << 14

  /// A number from (0, 1].
  package mutating func uniform() -> Float {
    Float((bits.next() >> 40) + 1) * 0x1p-24
  }
}
