import struct FoundationEssentials.Data

/// A place that was among a channel's strongest when its file was indexed: what the database holds of it.
///
/// 32 bytes, little-endian: channel, value, start, end, low, high, patch, place; the first and the last two are unsigned, the
/// others are floats.
struct CandidatePlace: Hashable, Sendable {
  var channel: UInt32
  var value: Float
  /// In seconds and hertz.
  var start: Float
  var end: Float
  var low: Float
  var high: Float
  var patch: UInt32
  var place: UInt32

  static let byteCount = 32

  static func data(_ places: [CandidatePlace]) -> Data {
    var words: [UInt32] = []
    words.reserveCapacity(places.count * byteCount / 4)
    for place in places {
      words.append(place.channel.littleEndian)
      words.append(place.value.bitPattern.littleEndian)
      words.append(place.start.bitPattern.littleEndian)
      words.append(place.end.bitPattern.littleEndian)
      words.append(place.low.bitPattern.littleEndian)
      words.append(place.high.bitPattern.littleEndian)
      words.append(place.patch.littleEndian)
      words.append(place.place.littleEndian)
    }
    return words.withUnsafeBytes { Data($0) }
  }

  /// What is left over at the end of `bytes` is no place.
  static func places(_ bytes: UnsafeRawBufferPointer) -> [CandidatePlace] {
    (0..<bytes.count / byteCount).map { index in
      func word(_ number: Int) -> UInt32 {
        UInt32(
          littleEndian: bytes.loadUnaligned(fromByteOffset: index * byteCount + 4 * number, as: UInt32.self))
      }
      func number(_ place: Int) -> Float { Float(bitPattern: word(place)) }
      return CandidatePlace(
        channel: word(0), value: number(1), start: number(2), end: number(3), low: number(4), high: number(5),
        patch: word(6), place: word(7))
    }
  }
}
