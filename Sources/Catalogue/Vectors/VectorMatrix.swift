import Files
package import Tensors

/// A matrix in a file, mapped into memory: `rows × width` floats, read from disk as they are looked at.
///
/// Rows that no file of the catalogue has hold anything; go by `CatalogueFile.row`. The process that indexes appends behind
/// what was mapped.
package final class VectorMatrix: Sendable {
  package let rows: Int
  package let width: Int
  private let file: MappedFile

  /// The first `rows` rows of the file at `path`.
  ///
  /// - Throws: `CatalogueError.damaged` where it is shorter than that, or cannot be mapped.
  init(_ path: String, rows: Int, width: Int, of folder: String) throws(CatalogueError) {
    (self.rows, self.width) = (rows, width)
    do {
      file = try MappedFile(path, byteCount: rows * width * MemoryLayout<Float>.stride)
    } catch {
      throw .damaged(folder, reason: "its \(rows) rows of \(width) numbers: \(error)")
    }
  }

  /// All values, row after row, valid within `body`.
  package func withUnsafeValues<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) rethrows
    -> Result
  {
    try file.withUnsafeBytes { try body($0.assumingMemoryBound(to: Float.self)) }
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
