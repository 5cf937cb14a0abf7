import Files
import Glibc

/// The right to write to a catalogue: one process at a time. The system takes it back when the process ends, however it ends.
struct CatalogueLock: ~Copyable {
  private let descriptor: Int32

  /// - Throws: `CatalogueError.locked`, with the process that holds it; `.unwritable`.
  init(_ folder: String) throws(CatalogueError) {
    let path = Folder.path(to: CatalogueSchema.lock, in: folder)
    descriptor = path.withPath { open($0, O_RDWR | O_CREAT | O_CLOEXEC, 0o644) }
    guard descriptor >= 0 else {
      let number = errno
      throw number == ENOSPC
        ? .diskFull(folder) : .unwritable(folder, reason: String(cString: strerror(number)))
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let number = errno
      let holder = Self.holder(descriptor)
      close(descriptor)
      guard number == EWOULDBLOCK else {
        throw .unwritable(folder, reason: "it cannot be locked: \(String(cString: strerror(number)))")
      }
      throw .locked(folder, process: holder)
    }
    // For whoever finds it locked; a full disk does not matter here.
    ftruncate(descriptor, 0)
    let digits = Array("\(getpid())\n".utf8)
    _ = digits.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  deinit {
    ftruncate(descriptor, 0)
    close(descriptor)
  }

  private static func holder(_ descriptor: Int32) -> Int? {
    var bytes = [UInt8](repeating: 0, count: 20)
    let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
    return Int(String(decoding: bytes.prefix(max(0, count)).prefix { $0 != 10 }, as: UTF8.self))
  }
}
