/// Random bits that are the same on every machine: Steele, Lea and Flood, OOPSLA 2014.
package struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    defer { state &+= 0x9E37_79B9_7F4A_7C15 }
    return Self.mixed(state)
  }

  /// The generator behind the next `count` numbers.
  package func advanced(by count: Int) -> SplitMix64 {
    SplitMix64(seed: state &+ 0x9E37_79B9_7F4A_7C15 &* UInt64(count))
  }

  /// The first bits of the generator with this seed: each of them hangs on every bit of it.
  @inlinable package static func mixed(_ seed: UInt64) -> UInt64 {
    var bits = seed &+ 0x9E37_79B9_7F4A_7C15
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }
}
