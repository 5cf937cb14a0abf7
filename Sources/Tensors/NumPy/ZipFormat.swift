/// The numbers of the ZIP format, after PKWARE's APPNOTE 6.3.10.
enum ZipFormat {
  static let localHeader: UInt32 = 0x0403_4B50
  static let centralHeader: UInt32 = 0x0201_4B50
  static let end: UInt32 = 0x0605_4B50
  static let wideEnd: UInt32 = 0x0606_4B50
  static let wideLocator: UInt32 = 0x0706_4B50

  /// Bytes of the records, without the names and comments at their ends.
  static let localHeaderSize = 30
  static let centralHeaderSize = 46
  static let endSize = 22
  static let wideEndSize = 56
  static let wideLocatorSize = 20

  /// The extra field of sizes and offsets beyond 32 bits (zip64).
  static let wideField: UInt16 = 1
  /// In a 32-bit field: look for the value in the zip64 field.
  static let seeWideField: UInt32 = 0xFFFF_FFFF
  static let seeWideCount: UInt16 = 0xFFFF

  static let isEncrypted: UInt16 = 1 << 0
  static let isUTF8: UInt16 = 1 << 11

  static let stored: UInt16 = 0
  static let deflated: UInt16 = 8
}

/// How an archive contradicts itself.
struct ZipDamage: Error {
  let reason: String
  init(_ reason: String) { self.reason = reason }
}

/// Reads little-endian numbers one after the other, and never beyond the end.
struct LittleEndianReader {
  private(set) var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  mutating func read<Number: FixedWidthInteger & UnsignedInteger>(
    _: Number.Type = Number.self
  ) throws(ZipDamage) -> Number {
    let bytes = try take(MemoryLayout<Number>.size)
    return bytes.reversed().reduce(0) { $0 << 8 | Number($1) }
  }

  mutating func take(_ count: Int) throws(ZipDamage) -> ArraySlice<UInt8> {
    guard count >= 0, count <= rest.count else { throw ZipDamage("it ends early") }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }
}

extension [UInt8] {
  /// Appends `number`, its lowest byte first.
  mutating func append<Number: FixedWidthInteger>(littleEndian number: Number) {
    Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
  }
}
