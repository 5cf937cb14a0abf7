/// Builds a ZIP archive in memory: stored or deflated entries, UTF-8 names, zip64 where 32 bits do not suffice.
///
/// Equal contents give equal bytes: every entry is dated 1 January 1980.
package struct ZipWriter {
  private var bytes = [UInt8]()
  private var directory = [UInt8]()
  private var count = 0

  /// Sizes and offsets from here on are written in zip64 fields.
  private let wideFrom: UInt64

  /// - Parameter wideFrom: lower it to write zip64 fields into small archives.
  package init(wideFrom: UInt64 = 0xFFFF_FFFF) { self.wideFrom = wideFrom }

  /// Appends an entry.
  ///
  /// - Precondition: the name has at most 65,535 bytes in UTF-8.
  package mutating func add(_ name: String, _ content: [UInt8], compressed: Bool) throws(Deflate.Failure) {
    let name = Array(name.utf8)
    let data = compressed ? try Deflate.pack(content) : content
    let size = UInt64(content.count)
    let packedSize = UInt64(data.count)
    let offset = UInt64(bytes.count)
    let isWide = size >= wideFrom || packedSize >= wideFrom
    let isFar = offset >= wideFrom

    // What the local header and the directory have in common: from the version needed to the length of the name.
    var common = [UInt8]()
    common.append(littleEndian: UInt16(isWide || isFar ? 45 : 20))
    common.append(littleEndian: name.allSatisfy { $0 < 0x80 } ? UInt16(0) : ZipFormat.isUTF8)
    common.append(littleEndian: compressed ? ZipFormat.deflated : ZipFormat.stored)
    common.append(littleEndian: UInt16(0))  // 00:00
    common.append(littleEndian: UInt16(0x21))  // 1 January 1980
    common.append(littleEndian: Deflate.checksum(content[...]))
    common.append(littleEndian: isWide ? ZipFormat.seeWideField : UInt32(packedSize))
    common.append(littleEndian: isWide ? ZipFormat.seeWideField : UInt32(size))
    common.append(littleEndian: UInt16(name.count))

    let localExtra = Self.wideField(isWide ? [size, packedSize] : [])
    bytes.append(littleEndian: ZipFormat.localHeader)
    bytes += common
    bytes.append(littleEndian: UInt16(localExtra.count))
    bytes += name + localExtra
    bytes += data

    let extra = Self.wideField((isWide ? [size, packedSize] : []) + (isFar ? [offset] : []))
    directory.append(littleEndian: ZipFormat.centralHeader)
    directory.append(littleEndian: UInt16(3 << 8 | 45))  // made on Unix
    directory += common
    directory.append(littleEndian: UInt16(extra.count))
    directory.append(littleEndian: UInt16(0))  // comment
    directory.append(littleEndian: UInt32(0))  // disk, internal attributes
    directory.append(littleEndian: UInt32(0o100644 << 16))
    directory.append(littleEndian: isFar ? ZipFormat.seeWideField : UInt32(offset))
    directory += name + extra
    count += 1
  }

  /// The whole archive.
  package consuming func finish() -> [UInt8] {
    let offset = UInt64(bytes.count)
    let size = UInt64(directory.count)
    let isWide = offset >= wideFrom || size >= wideFrom || count >= Int(ZipFormat.seeWideCount)
    bytes += directory
    if isWide {
      let place = UInt64(bytes.count)
      bytes.append(littleEndian: ZipFormat.wideEnd)
      bytes.append(littleEndian: UInt64(ZipFormat.wideEndSize - 12))
      bytes.append(littleEndian: UInt16(45))
      bytes.append(littleEndian: UInt16(45))
      bytes.append(littleEndian: UInt64(0))  // disks
      bytes.append(littleEndian: UInt64(count))
      bytes.append(littleEndian: UInt64(count))
      bytes.append(littleEndian: size)
      bytes.append(littleEndian: offset)
      bytes.append(littleEndian: ZipFormat.wideLocator)
      bytes.append(littleEndian: UInt32(0))
      bytes.append(littleEndian: place)
      bytes.append(littleEndian: UInt32(1))
    }
    bytes.append(littleEndian: ZipFormat.end)
    bytes.append(littleEndian: UInt32(0))  // disks
    bytes.append(littleEndian: isWide ? ZipFormat.seeWideCount : UInt16(count))
    bytes.append(littleEndian: isWide ? ZipFormat.seeWideCount : UInt16(count))
    bytes.append(littleEndian: isWide ? ZipFormat.seeWideField : UInt32(size))
    bytes.append(littleEndian: isWide ? ZipFormat.seeWideField : UInt32(offset))
    bytes.append(littleEndian: UInt16(0))  // comment
    return bytes
  }

  /// An extra field of 64-bit numbers; nothing if there are none.
  private static func wideField(_ numbers: [UInt64]) -> [UInt8] {
    guard !numbers.isEmpty else { return [] }
    var field = [UInt8]()
    field.append(littleEndian: ZipFormat.wideField)
    field.append(littleEndian: UInt16(8 * numbers.count))
    for number in numbers { field.append(littleEndian: number) }
    return field
  }
}
