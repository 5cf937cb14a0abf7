/// A file in a ZIP archive, as the archive's central directory describes it.
///
/// Its name is a key and nothing else: no path is ever made of it.
struct ZipEntry {
  /// The name as it is written.
  var nameBytes: ArraySlice<UInt8>
  var flags: UInt16
  var method: UInt16
  var checksum: UInt32
  /// Bytes in the archive.
  var packedSize: UInt64
  /// Bytes once unpacked.
  var size: UInt64
  /// Where in the archive its local header starts.
  var offset: UInt64

  /// The name; what is not UTF-8 in it is replaced by U+FFFD.
  var name: String { String(decoding: nameBytes, as: UTF8.self) }

  /// Reads an entry of the central directory.
  init(from reader: inout LittleEndianReader) throws(ZipDamage) {
    guard try reader.read() == ZipFormat.centralHeader else {
      throw ZipDamage("its directory holds something that is no entry")
    }
    _ = try reader.take(4)  // versions
    flags = try reader.read()
    method = try reader.read()
    _ = try reader.take(4)  // time and date
    checksum = try reader.read()
    let packedSize: UInt32 = try reader.read()
    let size: UInt32 = try reader.read()
    let nameLength: UInt16 = try reader.read()
    let extraLength: UInt16 = try reader.read()
    let commentLength: UInt16 = try reader.read()
    _ = try reader.take(8)  // disk and attributes
    let offset: UInt32 = try reader.read()
    nameBytes = try reader.take(Int(nameLength))
    var wide = try Self.wideField(in: reader.take(Int(extraLength)))
    _ = try reader.take(Int(commentLength))
    self.size = try size == ZipFormat.seeWideField ? wide.read() : UInt64(size)
    self.packedSize = try packedSize == ZipFormat.seeWideField ? wide.read() : UInt64(packedSize)
    self.offset = try offset == ZipFormat.seeWideField ? wide.read() : UInt64(offset)
  }

  /// The content of the zip64 field among the extra fields; empty if there is none.
  private static func wideField(
    in extra: ArraySlice<UInt8>
  ) throws(ZipDamage) -> LittleEndianReader {
    var reader = LittleEndianReader(extra)
    while !reader.rest.isEmpty {
      let kind: UInt16 = try reader.read()
      let length: UInt16 = try reader.read()
      let content = try reader.take(Int(length))
      if kind == ZipFormat.wideField { return LittleEndianReader(content) }
    }
    return reader
  }
}
