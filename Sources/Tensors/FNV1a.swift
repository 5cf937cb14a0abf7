/// A fingerprint of words, the same on every machine; no protection against whoever wants two alike.
///
/// 64-bit FNV-1a (Fowler, Noll and Vo), a word at a time.
package struct FNV1a: Sendable {
  package private(set) var fingerprint: UInt64 = 0xCBF2_9CE4_8422_2325

  package init() {}

  package mutating func add(_ word: UInt64) { fingerprint = (fingerprint ^ word) &* 0x100_0000_01B3 }
}
