import Files
import Glibc

/// A layer's vectors, open for writing: rows of `width` floats, one behind another.
final class VectorFile {
  let width: Int
  private let descriptor: Int32
  private let folder: String

  /// Opens the file at `path`, and makes it where it is missing.
  init(_ path: String, width: Int, of folder: String) throws(CatalogueError) {
    (self.width, self.folder) = (width, folder)
    descriptor = path.withPath { open($0, O_RDWR | O_CREAT | O_CLOEXEC, 0o644) }
    guard descriptor >= 0 else { throw Self.failure(folder, path) }
  }

  deinit { close(descriptor) }

  /// Writes one row, in place of what was there.
  func write(_ values: [Float], row: Int) throws(CatalogueError) {
    precondition(values.count == width, "a row of \(values.count), not of \(width)")
    let size = width * MemoryLayout<Float>.stride
    var done = 0
    while done < size {
      let written = values.withUnsafeBytes { bytes in
        pwrite(descriptor, bytes.baseAddress.map { $0 + done }, size - done, off_t(row * size + done))
      }
      if written > 0 { done += written } else if errno != EINTR { throw Self.failure(folder, "its vectors") }
    }
  }

  /// One row; nil where the file ends before it does.
  func read(row: Int) -> [Float]? {
    let size = width * MemoryLayout<Float>.stride
    var values = [Float](repeating: 0, count: width)
    var done = 0
    while done < size {
      let count = values.withUnsafeMutableBytes { bytes in
        pread(descriptor, bytes.baseAddress.map { $0 + done }, size - done, off_t(row * size + done))
      }
      if count > 0 { done += count } else if count == 0 || errno != EINTR { return nil }
    }
    return values
  }

  /// Waits until what was written is on the disk.
  func synchronize() throws(CatalogueError) {
    guard fdatasync(descriptor) == 0 else { throw Self.failure(folder, "its vectors") }
  }

  private static func failure(_ folder: String, _ what: String) -> CatalogueError {
    let number = errno
    guard number != ENOSPC, number != EDQUOT else { return .diskFull(folder) }
    return .unwritable(folder, reason: "\(what): \(String(cString: strerror(number)))")
  }
}
