/// A ZIP archive in memory: its directory, checked, and the way to what its entries hold.
///
/// Reads stored and deflated entries, with sizes before or after the data (the directory knows them either way), and
/// zip64. Trusts nothing: entries lie inside of the archive and do not overlap, sizes are possible and within the
/// limit, checksums are checked.
struct ZipReader {
  private let bytes: [UInt8]
  private let path: String

  /// In the order of the directory.
  let entries: [ZipEntry]

  /// Reads the directory.
  ///
  /// - Parameters:
  ///   - path: where the bytes come from, for messages.
  ///   - limit: the bytes that all entries together may unpack to.
  init(_ bytes: [UInt8], from path: String, limit: Int) throws(NumPyError) {
    self.bytes = bytes
    self.path = path
    // An archive starts with an entry, an empty one with its end.
    guard bytes.starts(with: [0x50, 0x4B, 3, 4]) || bytes.starts(with: [0x50, 0x4B, 5, 6]) else {
      throw .notNumPy(path: path, expected: .archive)
    }
    do { entries = try Self.entries(of: bytes) } catch {
      throw .damagedArchive(path: path, reason: error.reason)
    }
    try checkSizes(limit: limit)
  }

  private static func entries(of bytes: [UInt8]) throws(ZipDamage) -> [ZipEntry] {
    let directory = try ZipDirectory(of: bytes)
    var reader = LittleEndianReader(bytes[directory.range])
    var entries = [ZipEntry]()
    while !reader.rest.isEmpty { entries.append(try ZipEntry(from: &reader)) }
    guard entries.count == directory.count else {
      throw ZipDamage("it should have \(directory.count) entries and has \(entries.count)")
    }
    try check(entries, endBefore: directory.range.lowerBound)
    return entries
  }

  /// What `entry`, one of `entries`, holds.
  func content(of entry: ZipEntry) throws(NumPyError) -> ArraySlice<UInt8> {
    let path = "\(path)[\(entry.name.debugDescription)]"
    guard entry.flags & ZipFormat.isEncrypted == 0 else {
      throw .unsupportedArchive(path: path, reason: "is encrypted")
    }
    guard entry.method == ZipFormat.stored || entry.method == ZipFormat.deflated else {
      throw .unsupportedArchive(path: path, reason: "is packed by method \(entry.method), not DEFLATE")
    }
    do { return try checkedContent(of: entry) } catch {
      throw .damagedArchive(path: path, reason: error.reason)
    }
  }

  private func checkedContent(of entry: ZipEntry) throws(ZipDamage) -> ArraySlice<UInt8> {
    let packed = try packedBytes(of: entry)
    let content = entry.method == ZipFormat.stored ? packed : try unpack(packed, size: entry.size)
    guard UInt64(content.count) == entry.size else {
      throw ZipDamage("it is stored in another size than its own")
    }
    guard Deflate.checksum(content) == entry.checksum else { throw ZipDamage("its checksum is wrong") }
    return content
  }

  private func unpack(_ packed: ArraySlice<UInt8>, size: UInt64) throws(ZipDamage) -> ArraySlice<UInt8> {
    guard size <= UInt64(packed.count) * UInt64(Deflate.highestRatio) else {
      throw ZipDamage("\(packed.count) bytes cannot unpack to \(size)")
    }
    do { return try Deflate.unpack(packed, size: Int(size))[...] } catch {
      switch error {
      case .status(let status): throw ZipDamage("zlib cannot unpack it (status \(status))")
      case .wrongSize: throw ZipDamage("it does not unpack to the \(size) bytes it should")
      }
    }
  }

  /// The bytes after the local header of `entry`, which must agree on its name.
  private func packedBytes(of entry: ZipEntry) throws(ZipDamage) -> ArraySlice<UInt8> {
    guard let offset = Int(exactly: entry.offset), let packedSize = Int(exactly: entry.packedSize),
      offset <= bytes.count
    else { throw ZipDamage("it lies outside of the file") }
    var reader = LittleEndianReader(bytes[offset...])
    guard try reader.read() == ZipFormat.localHeader else {
      throw ZipDamage("it is not where it should be")
    }
    _ = try reader.take(22)  // what the directory knows better
    let nameLength: UInt16 = try reader.read()
    let extraLength: UInt16 = try reader.read()
    guard try reader.take(Int(nameLength)) == entry.nameBytes else { throw ZipDamage("it has two names") }
    _ = try reader.take(Int(extraLength))
    return try reader.take(packedSize)
  }

  /// Refuses entries that reach into another or into the directory, which starts at `end`.
  private static func check(_ entries: [ZipEntry], endBefore end: Int) throws(ZipDamage) {
    var free = UInt64(0)
    for entry in entries.sorted(by: { $0.offset < $1.offset }) {
      guard entry.offset >= free else {
        throw ZipDamage("\(entry.name.debugDescription) overlaps another entry")
      }
      let header = UInt64(ZipFormat.localHeaderSize + entry.nameBytes.count)
      let (start, farStart) = entry.offset.addingReportingOverflow(header)
      let (next, farNext) = start.addingReportingOverflow(entry.packedSize)
      guard !farStart, !farNext, next <= UInt64(end) else {
        throw ZipDamage("\(entry.name.debugDescription) lies outside of the file")
      }
      free = next
    }
  }

  private func checkSizes(limit: Int) throws(NumPyError) {
    var total = UInt64(0)
    for entry in entries {
      let (sum, overflow) = total.addingReportingOverflow(entry.size)
      total = overflow ? .max : sum
    }
    guard total <= UInt64(max(limit, 0)) else {
      throw .tooLarge(path: path, bytes: Int(clamping: total), limit: limit)
    }
  }
}
