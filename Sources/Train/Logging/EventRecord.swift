/// A record of an event file, and the few fields of TensorFlow's `Event` that are used.
package struct EventRecord {
  /// With its frame.
  package let bytes: ArraySlice<UInt8>
  /// Nil for the record of the file's version.
  package let step: Int?

  /// The records of a file, up to the first that is damaged or cut short.
  package static func records(in bytes: [UInt8]) -> [EventRecord] {
    var records: [EventRecord] = []
    var place = 0
    while place + 16 <= bytes.count {
      let head = bytes[place..<place + 8]
      let length = head.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      guard number(bytes[(place + 8)..<(place + 12)]) == CRC32C.masked(head), length < 1 << 24,
        place + 16 + Int(length) <= bytes.count
      else { break }
      let end = place + 12 + Int(length)
      let event = bytes[(place + 12)..<end]
      guard number(bytes[end..<end + 4]) == CRC32C.masked(event) else { break }
      records.append(EventRecord(bytes: bytes[place..<end + 4], step: step(of: event)))
      place = end + 4
    }
    return records
  }

  static func framed(_ event: [UInt8]) -> [UInt8] {
    let length = little(UInt64(event.count))
    return length + little(CRC32C.masked(length)) + event + little(CRC32C.masked(event))
  }

  /// The first event of a file.
  static func version(at seconds: Double) -> [UInt8] {
    [0x09] + little(seconds.bitPattern) + field(3, Array("brain.Event:2".utf8))
  }

  /// Numbers at a step: `Event { wall_time = 1, step = 2, summary = 5 { value = 1 { tag = 1, simple_value = 2 } } }`.
  static func scalars(_ values: [(name: String, value: Float)], step: Int, at seconds: Double) -> [UInt8] {
    let summary = values.flatMap { name, value in
      field(1, field(1, Array(name.utf8)) + [0x15] + little(value.bitPattern))
    }
    return [0x09] + little(seconds.bitPattern) + [0x10] + varint(UInt64(max(0, step))) + field(5, summary)
  }

  /// As `scalars` writes it; nil where there is none.
  private static func step(of event: ArraySlice<UInt8>) -> Int? {
    var rest = event.dropFirst(9)
    guard rest.popFirst() == 0x10 else { return nil }
    var (value, shift) = (UInt64(0), UInt64(0))
    while let byte = rest.popFirst(), shift < 64 {
      value |= UInt64(byte & 0x7F) << shift
      shift += 7
      if byte < 0x80 { return Int(exactly: value) }
    }
    return nil
  }

  private static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
    [number << 3 | 2] + varint(UInt64(bytes.count)) + bytes
  }

  private static func varint(_ value: UInt64) -> [UInt8] {
    var (rest, bytes) = (value, [UInt8]())
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  private static func little(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
  }
}

/// The checksum of Castagnoli's polynomial, bits reversed (82F63B78), as TFRecord files have it.
package enum CRC32C {
  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
  }

  package static func of(_ bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { $0 >> 8 ^ table[Int(($0 ^ UInt32($1)) & 0xFF)] }
  }

  /// Turned right by 15 bits, plus a constant: a checksum of data that hold checksums.
  static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
    let sum = of(bytes)
    return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
  }
}
