import Explain
import OneDNN
import Tensors

/// Columns of numbers made comparable: each less its mean, and of unit length; one that is constant is left out.
///
/// The product of two such columns is Pearson's correlation; made of ranks, Spearman's.
struct StandardColumns: Sendable {
  /// Columns as rows, `[columns, clips]`; zero where a column is constant.
  let values: Tensor
  /// Whether a column varies.
  let varies: [Bool]

  private enum Kind { case values, ranks }

  /// Of the values themselves.
  ///
  /// - Parameter columns: equally long, finite.
  init(_ columns: [[Float]], clips: Int) { self.init(columns, clips, .values) }

  /// Of their ranks, equal values sharing the mean of theirs.
  init(ranksOf columns: [[Float]], clips: Int) { self.init(columns, clips, .ranks) }

  private init(_ columns: [[Float]], _ clips: Int, _ kind: Kind) {
    let standard = concurrentResults(columns.count) { index -> [Float]? in
      let column = columns[index]
      guard let first = column.first, column.contains(where: { $0 != first }) else { return nil }
      let numbers = kind == .ranks ? ranks(column) : column.map(Double.init)
      let mean = numbers.reduce(0, +) / Double(numbers.count)
      let length = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }.squareRoot()
      // What rounding makes of equal numbers is no variation.
      guard length > 1e-6 * abs(mean) * Double(numbers.count).squareRoot(), length.isFinite else {
        return nil
      }
      return numbers.map { Float(($0 - mean) / length) }
    }
    varies = standard.map { $0 != nil }
    values = Tensor(unsafeUninitialized: [columns.count, clips]) { result in
      for (index, column) in standard.enumerated() {
        for place in 0..<clips { result[index * clips + place] = column?[place] ?? 0 }
      }
    }
  }

  var count: Int { values.shape[0] }
  var clips: Int { values.shape[1] }

  /// The product of each column with each of another's, `[columns, others]`: correlations.
  func products(with other: StandardColumns) -> [Float] {
    var result = [Float](repeating: 0, count: count * other.count)
    result.withUnsafeMutableBufferPointer { result in
      guard let target = result.baseAddress, count > 0, other.count > 0 else { return }
      nonisolated(unsafe) let start = target
      let blocks = (count + Self.block - 1) / Self.block
      concurrently(blocks) { block in
        Engine.useThreads(1)
        let rows = block * Self.block..<min(count, (block + 1) * Self.block)
        values.withUnsafeValues { a in
          other.values.withUnsafeValues { b in
            guard let a = a.baseAddress, let b = b.baseAddress else { return }
            multiply(
              MatrixView(a + rows.lowerBound * clips, stride: clips),
              MatrixView(b, stride: clips, transposed: true), rows: rows.count, columns: other.count,
              depth: clips, into: start + rows.lowerBound * other.count, stride: other.count)
          }
        }
      }
    }
    return result
  }

  /// With the clips in another order.
  func permuted(_ order: [Int]) -> StandardColumns {
    StandardColumns(
      values: Tensor(unsafeUninitialized: values.shape) { result in
        values.withUnsafeValues { values in
          for column in 0..<count {
            for (place, clip) in order.enumerated() {
              result[column * clips + place] = values[column * clips + clip]
            }
          }
        }
      }, varies: varies)
  }

  private init(values: Tensor, varies: [Bool]) { (self.values, self.varies) = (values, varies) }

  private static let block = 512
}
