import Glibc

/// The first bytes of a file, mapped into memory for reading: the system reads them from the disk as they are looked at.
///
/// The file may grow behind them; it must not be cut short or written over. Sendable because nothing writes through it.
package final class MappedFile: @unchecked Sendable {
  /// Valid as long as this object is.
  private let start: UnsafeRawPointer?
  package let byteCount: Int

  /// - Throws: `FileError` where the file has fewer than `byteCount` bytes, or the system does not map it.
  package init(_ path: String, byteCount: Int) throws(FileError) {
    self.byteCount = byteCount
    guard byteCount > 0 else {
      start = nil
      return
    }
    let descriptor = path.withPath { open($0, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw .unreadable(path: path, reason: WholeFile.systemMessage()) }
    defer { close(descriptor) }
    var information = stat()
    guard fstat(descriptor, &information) == 0, Int(information.st_size) >= byteCount else {
      throw .unreadable(path: path, reason: "it has fewer than \(byteCount) bytes")
    }
    let address = mmap(nil, byteCount, PROT_READ, MAP_SHARED, descriptor, 0)
    guard let address, address != MAP_FAILED else {
      throw .unreadable(path: path, reason: "it cannot be mapped into memory: \(WholeFile.systemMessage())")
    }
    start = UnsafeRawPointer(address)
  }

  deinit { if let start { munmap(UnsafeMutableRawPointer(mutating: start), byteCount) } }

  /// The bytes, valid within `body`.
  package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    defer { withExtendedLifetime(self) {} }
    return try body(UnsafeRawBufferPointer(start: start, count: byteCount))
  }
}
