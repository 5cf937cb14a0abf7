/// A page of an Ogg file (RFC 3533): what tells whether a stream came to its end.
struct OggPage {
  /// Whether it is the last one of its stream.
  let endsStream: Bool
  /// Where its last packet ends, in the codec's own units: samples, for sound.
  let granule: Int
  /// Whether all of it is there and has its check sum.
  let isWhole: Bool

  /// Capture pattern, version, flags, granule position, serial number, page number, check sum, number of segments.
  private static let headerLength = 27

  /// The page that begins last in `bytes`; nil where none does.
  static func last(in bytes: [UInt8]) -> OggPage? {
    let start = bytes.indices.dropLast(headerLength).last { start in
      bytes[start] == UInt8(ascii: "O") && bytes[start..<start + 5].elementsEqual(Array("OggS".utf8) + [0])
    }
    return start.map { OggPage(bytes[$0...]) }
  }

  private init(_ bytes: ArraySlice<UInt8>) {
    let start = bytes.startIndex
    endsStream = bytes[start + 5] & 4 != 0
    granule = bytes[start + 6..<start + 14].reversed().reduce(0) { $0 << 8 | Int($1) }
    let sizes = bytes.dropFirst(Self.headerLength).prefix(Int(bytes[start + 26]))
    let length = Self.headerLength + sizes.count + sizes.reduce(0) { $0 + Int($1) }
    let page = Array(bytes.prefix(length))
    let sum = page[22..<26].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    isWhole = page.count == length && sum == Self.checkSum(page)
  }

  /// The CRC of the polynomial 04C11DB7, most significant bit first, with the sum's own four bytes as zeros.
  private static func checkSum(_ page: [UInt8]) -> UInt32 {
    var sum: UInt32 = 0
    for (place, byte) in page.enumerated() {
      sum ^= UInt32((22..<26).contains(place) ? 0 : byte) << 24
      for _ in 0..<8 { sum = sum << 1 ^ (sum >> 31 == 1 ? 0x04C1_1DB7 : 0) }
    }
    return sum
  }
}
