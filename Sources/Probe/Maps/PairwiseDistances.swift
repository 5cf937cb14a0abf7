import OneDNN
package import Tensors

/// Squared Euclidean distances of points, `[N, D]`, by blocks of rows: `|a|² + |b|² − 2 a·b`, the products by matrix
/// multiplication.
///
/// The points are centred first, which keeps the cancellation small; what is left of it is a few millionths of a point's
/// squared norm. Where that matters, `exact(_:_:)` takes the differences in double precision. A block is computed by
/// one thread in one order, so that the number of threads changes no bit.
package struct PairwiseDistances: Sendable {
  /// Less their mean, `[N, D]`.
  package let points: Tensor
  private let squares: [Float]

  package var count: Int { points.shape[0] }
  package var width: Int { points.shape[1] }

  /// Rows of a block: what keeps a block of 100,000 columns within 26 MB.
  static let blockRows = 64

  package init(_ points: Tensor) {
    precondition(points.shape.rank == 2, "points of shape \(points.shape)")
    let centred = points.centred.points
    let (count, width) = (centred.shape[0], centred.shape[1])
    self.points = centred
    squares = centred.withUnsafeValues { values in
      (0..<count).map { row in
        var sum = 0.0
        for place in row * width..<(row + 1) * width { sum += Double(values[place]) * Double(values[place]) }
        return Float(sum)
      }
    }
  }

  /// The blocks that together are all rows.
  var blocks: [Range<Int>] {
    stride(from: 0, to: count, by: Self.blockRows).map { $0..<min(count, $0 + Self.blockRows) }
  }

  /// Writes the distances from each of `rows` to all points, `[rows, N]`; none below zero.
  func write(_ rows: Range<Int>, into block: UnsafeMutablePointer<Float>) {
    Engine.useThreads(1)
    points.withUnsafeValues { values in
      guard let start = values.baseAddress else { return }
      multiply(
        MatrixView(start + rows.lowerBound * width, stride: width),
        MatrixView(start, stride: width, transposed: true),
        rows: rows.count, columns: count, depth: width, into: block, stride: count)
    }
    squares.withUnsafeBufferPointer { squares in
      for row in rows {
        let line = block + (row - rows.lowerBound) * count
        let own = squares[row]
        for place in 0..<count { line[place] = max(0, own + squares[place] - 2 * line[place]) }
      }
    }
  }

  /// The squared distance of two points, from their differences.
  func exact(_ a: Int, _ b: Int) -> Double {
    points.withUnsafeValues { values in
      var sum = 0.0
      for place in 0..<width {
        let difference = Double(values[a * width + place]) - Double(values[b * width + place])
        sum += difference * difference
      }
      return sum
    }
  }
}

extension Tensor {
  /// `[N, D]` less the mean of its rows, and that mean.
  var centred: (points: Tensor, mean: [Double]) {
    let (count, width) = (shape[0], shape[1])
    var mean = [Double](repeating: 0, count: width)
    withUnsafeValues { values in
      for row in 0..<count {
        for place in 0..<width { mean[place] += Double(values[row * width + place]) }
      }
    }
    for place in mean.indices { mean[place] /= Double(max(1, count)) }
    let points = Tensor(unsafeUninitialized: shape) { result in
      withUnsafeValues { values in
        for row in 0..<count {
          for place in 0..<width {
            result[row * width + place] = Float(Double(values[row * width + place]) - mean[place])
          }
        }
      }
    }
    return (points, mean)
  }
}
