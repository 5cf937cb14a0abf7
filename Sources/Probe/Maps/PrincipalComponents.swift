import OneDNN
package import Tensors

/// The directions in which points vary most, and how much of the variance each explains.
///
/// `C = XᵀX / (N − 1)` of the centred points `[N, D]`, or `XXᵀ / (N − 1)` where there are fewer points than dimensions;
/// its leading eigenvectors by Jacobi rotations where that matrix is small, else by subspace iteration (Halko, Martinsson
/// and Tropp, SIAM Review 2011) until the wanted vectors stand still. The component of largest magnitude in each
/// direction is positive, so that a map is not mirrored from one run to the next. scikit-learn's `PCA`, whose signs may
/// differ.
package struct PrincipalComponents: Sendable {
  package let mean: [Double]
  /// Unit vectors, `[K, D]`, the one that explains most first.
  package let axes: Tensor
  /// Of the points along each axis, with `N − 1` in the denominator.
  package let variances: [Double]
  package let totalVariance: Double

  /// The share of the total variance that each axis explains; empty where the points do not vary.
  package var explained: [Double] {
    totalVariance > 0 ? variances.map { $0 / totalVariance } : []
  }

  /// - Parameters:
  ///   - points: `[N, D]`, finite.
  ///   - count: how many axes at most; there are no more than `min(N − 1, D)` in which points vary.
  package init(of points: Tensor, count: Int, seed: UInt64 = 0) {
    precondition(points.shape.rank == 2, "points of shape \(points.shape)")
    let (centred, mean) = points.centred
    let (rows, width) = (centred.shape[0], centred.shape[1])
    self.mean = mean
    let wanted = max(0, min(count, rows - 1, width))
    totalVariance = centred.withUnsafeValues { values in
      values.reduce(0) { $0 + Double($1) * Double($1) } / Double(max(1, rows - 1))
    }
    guard wanted > 0, totalVariance > 0 else {
      (axes, variances) = (Tensor([0, width]), [])
      return
    }
    let isWide = rows < width
    let size = min(rows, width)
    let matrix = Covariance(of: centred, overRows: !isWide)
    let leading = LeadingEigenvectors(of: matrix, size: size, count: wanted, seed: seed)
    // What rounding leaves of directions without variance is no direction.
    let real = leading.values.prefix { $0 > 1e-12 * max(leading.values[0], .leastNormalMagnitude) }.count
    variances = Array(leading.values.prefix(real))
    var axes = Array(leading.vectors.prefix(real * size))
    if isWide { axes = Self.directions(of: centred, weights: axes, count: real) }
    self.axes = Tensor([real, width], Self.withSigns(axes, width: width).map(Float.init))
  }

  /// Where points lie along the axes, `[N, K]`.
  package func coordinates(of points: Tensor) -> Tensor {
    let (rows, width, count) = (points.shape[0], points.shape[1], axes.shape[0])
    precondition(width == mean.count, "points of \(width) dimensions on axes of \(mean.count)")
    return Tensor(unsafeUninitialized: [rows, count]) { result in
      points.withUnsafeValues { points in
        axes.withUnsafeValues { axes in
          for row in 0..<rows {
            for axis in 0..<count {
              var sum = 0.0
              for place in 0..<width {
                sum +=
                  (Double(points[row * width + place]) - mean[place]) * Double(axes[axis * width + place])
              }
              result[row * count + axis] = Float(sum)
            }
          }
        }
      }
    }
  }

  /// `Xᵀu`, of unit length, of each row `u` of weights.
  private static func directions(of points: Tensor, weights: [Double], count: Int) -> [Double] {
    let (rows, width) = (points.shape[0], points.shape[1])
    var result = [Double](repeating: 0, count: count * width)
    points.withUnsafeValues { points in
      for axis in 0..<count {
        for row in 0..<rows {
          let weight = weights[axis * rows + row]
          for place in 0..<width {
            result[axis * width + place] += weight * Double(points[row * width + place])
          }
        }
        let length = result[axis * width..<(axis + 1) * width].reduce(0) { $0 + $1 * $1 }.squareRoot()
        for place in axis * width..<(axis + 1) * width { result[place] /= max(length, .leastNormalMagnitude) }
      }
    }
    return result
  }

  private static func withSigns(_ axes: [Double], width: Int) -> [Double] {
    stride(from: 0, to: axes.count, by: width).flatMap { start -> [Double] in
      let axis = axes[start..<start + width]
      let largest = axis.max { abs($0) < abs($1) } ?? 1
      return largest < 0 ? axis.map { -$0 } : Array(axis)
    }
  }
}

/// `XᵀX / (N − 1)`, or `XXᵀ / (N − 1)`, written out where it is not too large, else applied as two products.
struct Covariance: Sendable {
  private let points: Tensor
  private let overRows: Bool
  private let matrix: [Double]?

  /// Larger ones are not written out.
  private static let largest = 2048
  /// As many terms are summed in single precision before double precision takes over.
  private static let chunk = 256
  private static let blockRows = 128

  /// - Parameters:
  ///   - points: `[N, D]`, centred.
  ///   - overRows: `XᵀX`, `[D, D]`; otherwise `XXᵀ`, `[N, N]`.
  init(of points: Tensor, overRows: Bool) {
    (self.points, self.overRows) = (points, overRows)
    let size = overRows ? points.shape[1] : points.shape[0]
    matrix = size <= Self.largest ? Self.writtenOut(points, overRows, size) : nil
  }

  /// The whole matrix, however large.
  func writtenOut() -> [Double] {
    matrix ?? Self.writtenOut(points, overRows, overRows ? points.shape[1] : points.shape[0])
  }

  private static func writtenOut(_ points: Tensor, _ overRows: Bool, _ size: Int) -> [Double] {
    let (rows, width) = (points.shape[0], points.shape[1])
    let depth = overRows ? rows : width
    let share = 1 / Double(max(1, rows - 1))
    let starts = Array(stride(from: 0, to: size, by: blockRows))
    return concurrentResults(starts.count) { index -> [Double] in
      Engine.useThreads(1)
      let block = starts[index]..<min(size, starts[index] + blockRows)
      var sums = [Double](repeating: 0, count: block.count * size)
      var part = [Float](repeating: 0, count: block.count * size)
      for start in stride(from: 0, to: depth, by: chunk) {
        let terms = min(chunk, depth - start)
        points.withUnsafeValues { values in
          part.withUnsafeMutableBufferPointer { part in
            guard let x = values.baseAddress, let part = part.baseAddress else { return }
            if overRows {
              multiply(
                MatrixView(x + start * width + block.lowerBound, stride: width, transposed: true),
                MatrixView(x + start * width, stride: width), rows: block.count, columns: size, depth: terms,
                into: part, stride: size)
            } else {
              multiply(
                MatrixView(x + block.lowerBound * width + start, stride: width),
                MatrixView(x + start, stride: width, transposed: true), rows: block.count, columns: size,
                depth: terms, into: part, stride: size)
            }
          }
        }
        for place in sums.indices { sums[place] += Double(part[place]) }
      }
      for place in sums.indices { sums[place] *= share }
      return sums
    }.flatMap { $0 }
  }

  /// The matrix times each of `count` vectors, `[count, size]`.
  func applied(to vectors: [Double], size: Int) -> [Double] {
    let count = vectors.count / max(1, size)
    return concurrentResults(count) { index -> [Double] in
      let vector = Array(vectors[index * size..<(index + 1) * size])
      if let matrix {
        return (0..<size).map { row in
          matrix.withUnsafeBufferPointer { matrix in
            dot(UnsafeBufferPointer(rebasing: matrix[row * size..<(row + 1) * size]), vector)
          }
        }
      }
      let share = 1 / Double(max(1, points.shape[0] - 1))
      return (overRows ? backward(forward(vector)) : forward(backward(vector))).map { $0 * share }
    }.flatMap { $0 }
  }

  /// `Xv`
  private func forward(_ vector: [Double]) -> [Double] {
    let width = points.shape[1]
    return points.withUnsafeValues { values in
      (0..<points.shape[0]).map { row in
        var sum = 0.0
        for place in 0..<width { sum += Double(values[row * width + place]) * vector[place] }
        return sum
      }
    }
  }

  /// `Xᵀu`
  private func backward(_ vector: [Double]) -> [Double] {
    let width = points.shape[1]
    var result = [Double](repeating: 0, count: width)
    points.withUnsafeValues { values in
      for (row, weight) in vector.enumerated() {
        for place in 0..<width { result[place] += weight * Double(values[row * width + place]) }
      }
    }
    return result
  }
}

/// The sum of products, four sums at a time.
private func dot(_ a: UnsafeBufferPointer<Double>, _ b: [Double]) -> Double {
  var sums = SIMD4<Double>.zero
  b.withUnsafeBufferPointer { b in
    var place = 0
    while place + 4 <= a.count {
      let x = SIMD4(a[place], a[place + 1], a[place + 2], a[place + 3])
      sums += x * SIMD4(b[place], b[place + 1], b[place + 2], b[place + 3])
      place += 4
    }
    while place < a.count {
      sums[0] += a[place] * b[place]
      place += 1
    }
  }
  return sums.sum()
}
