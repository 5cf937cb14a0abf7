import Tensors

/// The distances of rows of a matrix from one vector, in single precision with 16 running sums: within a few millionths of
/// the exact ones.
///
/// One pass over the matrix, shared out among the threads: as fast as it comes from memory.
struct Distances {
  let query: [Float]
  let metric: VectorMetric
  /// Of the query, for the cosine.
  private let length: Float

  /// Rows of one piece of work.
  private static let block = 512

  init(_ query: [Float], _ metric: VectorMetric) {
    (self.query, self.metric) = (query, metric)
    length = Float(query.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot())
  }

  /// A distance for every row, also of those that no file has.
  func all(of matrix: VectorMatrix) -> [Float] {
    let rows = matrix.rows
    return [Float](unsafeUninitializedCapacity: rows) { result, count in
      let target = Target(start: result.baseAddress)
      matrix.withUnsafeValues { values in
        let source = Source(start: values.baseAddress)
        concurrently((rows + Self.block - 1) / Self.block) { block in
          guard let source = source.start, let target = target.start else { return }
          for row in block * Self.block..<min(rows, (block + 1) * Self.block) {
            target[row] = distance(source + row * query.count)
          }
        }
      }
      count = rows
    }
  }

  // Threads read one and write different places of the other.
  private struct Target: @unchecked Sendable { let start: UnsafeMutablePointer<Float>? }
  private struct Source: @unchecked Sendable { let start: UnsafePointer<Float>? }

  func distance(_ row: UnsafePointer<Float>) -> Float {
    query.withUnsafeBufferPointer { query in
      guard let query = query.baseAddress else { return metric == .cosine ? 1 : 0 }
      switch metric {
      case .euclidean: return squaredDistance(row, query, self.query.count).squareRoot()
      case .cosine:
        let (product, square) = productAndSquare(row, query, self.query.count)
        let lengths = square.squareRoot() * length
        return lengths > 0 ? 1 - product / lengths : 1
      }
    }
  }
}

/// `x·q` and `x·x`
@inline(__always)
private func productAndSquare(
  _ x: UnsafePointer<Float>, _ q: UnsafePointer<Float>, _ count: Int
) -> (Float, Float) {
  var products = SIMD16<Float>(repeating: 0)
  var squares = SIMD16<Float>(repeating: 0)
  let (xs, qs) = (UnsafeRawPointer(x), UnsafeRawPointer(q))
  var index = 0
  while index + 16 <= count {
    let a = xs.loadUnaligned(fromByteOffset: index * 4, as: SIMD16<Float>.self)
    let b = qs.loadUnaligned(fromByteOffset: index * 4, as: SIMD16<Float>.self)
    products += a * b
    squares += a * a
    index += 16
  }
  var (product, square) = (products.sum(), squares.sum())
  while index < count {
    product += x[index] * q[index]
    square += x[index] * x[index]
    index += 1
  }
  return (product, square)
}

/// `|x − q|²`
@inline(__always)
private func squaredDistance(_ x: UnsafePointer<Float>, _ q: UnsafePointer<Float>, _ count: Int) -> Float {
  var sums = SIMD16<Float>(repeating: 0)
  let (xs, qs) = (UnsafeRawPointer(x), UnsafeRawPointer(q))
  var index = 0
  while index + 16 <= count {
    let difference =
      xs.loadUnaligned(fromByteOffset: index * 4, as: SIMD16<Float>.self)
      - qs.loadUnaligned(fromByteOffset: index * 4, as: SIMD16<Float>.self)
    sums += difference * difference
    index += 16
  }
  var sum = sums.sum()
  while index < count {
    let difference = x[index] - q[index]
    sum += difference * difference
    index += 1
  }
  return sum
}
