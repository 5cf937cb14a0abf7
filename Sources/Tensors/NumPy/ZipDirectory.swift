/// Where in an archive its central directory lies, and how many entries it has.
///
/// An archive ends in a record that says so, followed by a comment of up to 65,535 bytes; before it lies a second,
/// wider record where 32 bits do not suffice.
struct ZipDirectory {
  let range: Range<Int>
  let count: Int

  init(of bytes: [UInt8]) throws(ZipDamage) {
    let end = try Self.end(of: bytes)
    var reader = LittleEndianReader(bytes[end...])
    _ = try reader.take(4)
    let disks: UInt32 = try reader.read()
    _ = try reader.take(2)
    var count = UInt64(try reader.read() as UInt16)
    var size = UInt64(try reader.read() as UInt32)
    var offset = UInt64(try reader.read() as UInt32)
    var behind = end
    if let wide = Self.wideLocator(in: bytes, before: end) {
      var locator = LittleEndianReader(bytes[wide...])
      _ = try locator.take(8)
      guard let place = Int(exactly: try locator.read() as UInt64), place <= wide else {
        throw ZipDamage("its directory lies outside of the file")
      }
      var record = LittleEndianReader(bytes[place..<wide])
      guard try record.read() == ZipFormat.wideEnd else {
        throw ZipDamage("its directory is not where it should be")
      }
      _ = try record.take(28)
      count = try record.read()
      size = try record.read()
      offset = try record.read()
      behind = place
    }
    guard disks == 0 else { throw ZipDamage("it is one part of several") }
    guard let start = Int(exactly: offset), let length = Int(exactly: size), let count = Int(exactly: count),
      start <= behind, length == behind - start
    else { throw ZipDamage("its directory is not where it should be") }
    range = start..<behind
    self.count = count
  }

  /// Where the record at the end starts: the last one whose comment reaches the end of the file.
  private static func end(of bytes: [UInt8]) throws(ZipDamage) -> Int {
    let signature: [UInt8] = [0x50, 0x4B, 5, 6]
    let latest = bytes.count - ZipFormat.endSize
    for place in stride(from: latest, through: max(0, latest - Int(UInt16.max)), by: -1) {
      guard bytes[place] == signature[0], bytes[place...].starts(with: signature) else { continue }
      let comment = Int(bytes[place + 20]) | Int(bytes[place + 21]) << 8
      if place + ZipFormat.endSize + comment == bytes.count { return place }
    }
    throw ZipDamage("its end is missing")
  }

  /// Where the record that points to the wider one starts, if there is one.
  private static func wideLocator(in bytes: [UInt8], before end: Int) -> Int? {
    let place = end - ZipFormat.wideLocatorSize
    return place >= 0 && bytes[place...].starts(with: [0x50, 0x4B, 6, 7]) ? place : nil
  }
}
