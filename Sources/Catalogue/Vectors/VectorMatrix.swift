import Files
import Glibc
package import Tensors

/// A matrix in a file, mapped into memory: `rows × width` floats, read from disk as they are looked at.
///
/// Rows that no file of the catalogue has hold anything; go by `CatalogueFile.row`.
///
/// Sendable because nothing writes through it; the process that indexes appends behind what was mapped.
package final class VectorMatrix: @unchecked Sendable {
  package let rows: Int
  package let width: Int
  /// The first row's first value. Valid as long as the matrix is.
  private let start: UnsafePointer<Float>?
  private let byteCount: Int

  /// The first `rows` rows of the file at `path`.
  ///
  /// - Throws: `CatalogueError.damaged` where it is shorter than that.
  init(_ path: String, rows: Int, width: Int, of folder: String) throws(CatalogueError) {
    (self.rows, self.width) = (rows, width)
    byteCount = rows * width * MemoryLayout<Float>.stride
    guard byteCount > 0 else {
      start = nil
      return
    }
    let descriptor = path.withPath { open($0, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else {
      throw .damaged(folder, reason: "\(path): \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    var information = stat()
    guard fstat(descriptor, &information) == 0, Int(information.st_size) >= byteCount else {
      throw .damaged(folder, reason: "\(path) has fewer than \(rows) rows of \(width) numbers")
    }
    let address = mmap(nil, byteCount, PROT_READ, MAP_SHARED, descriptor, 0)
    guard let address, address != MAP_FAILED else {
      throw .damaged(folder, reason: "\(path) cannot be mapped: \(String(cString: strerror(errno)))")
    }
    start = UnsafePointer(address.assumingMemoryBound(to: Float.self))
  }

  deinit {
    if let start { munmap(UnsafeMutableRawPointer(mutating: start), byteCount) }
  }

  /// All values, row after row, valid within `body`.
  package func withUnsafeValues<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows
    -> Result
  {
    defer { withExtendedLifetime(self) {} }
    return try body(UnsafeBufferPointer(start: start, count: rows * width))
  }

  /// A copy of one row.
  package subscript(row: Int) -> [Float] {
    precondition((0..<rows).contains(row), "row \(row) of \(rows)")
    return withUnsafeValues { Array($0[row * width..<(row + 1) * width]) }
  }

  /// A copy of some rows, `[rows.count, width]`.
  package func tensor(rows chosen: [Int]) -> Tensor {
    precondition(chosen.allSatisfy { (0..<rows).contains($0) }, "rows beyond \(rows)")
    return Tensor(unsafeUninitialized: [chosen.count, width]) { result in
      withUnsafeValues { values in
        for (index, row) in chosen.enumerated() {
          _ = result[(index * width)...].update(fromContentsOf: values[row * width..<(row + 1) * width])
        }
      }
    }
  }
}
