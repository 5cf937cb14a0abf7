import Glibc
import Tensors

/// How likely points are to be each other's neighbours: the joint probabilities that t-SNE keeps.
///
/// `p(j|i) ∝ exp(−βᵢ |xᵢ − xⱼ|²)` over the `3 · perplexity` nearest neighbours of `i`, with `βᵢ` such that the distribution's
/// entropy is `ln(perplexity)`; `pᵢⱼ = (p(j|i) + p(i|j)) / 2N`. Van der Maaten, JMLR 2014; scikit-learn's search and
/// tolerance (1e-5).
struct NeighbourAffinities: Sendable {
  /// The entries of row `i` are `starts[i]..<starts[i + 1]`.
  let starts: [Int32]
  /// Rising within a row.
  let columns: [Int32]
  /// They sum to 1.
  let values: [Float]

  init(_ neighbours: PointNeighbours, perplexity: Double) {
    let width = neighbours.count
    let points = width > 0 ? neighbours.indices.count / width : 0
    let conditional = concurrentResults(points) { point -> [Double] in
      Self.conditional(
        Array(neighbours.squaredDistances[point * width..<(point + 1) * width]), perplexity: perplexity)
    }
    // Each entry stands in two rows; those that stand there twice are added up.
    var rows = [[(column: Int32, value: Double)]](repeating: [], count: points)
    for point in 0..<points {
      for place in 0..<width {
        let other = neighbours.indices[point * width + place]
        let value = conditional[point][place] / Double(2 * points)
        rows[point].append((other, value))
        rows[Int(other)].append((Int32(point), value))
      }
    }
    var starts: [Int32] = [0]
    var columns: [Int32] = []
    var values: [Float] = []
    for row in rows {
      var last: Int32 = -1
      var sum = 0.0
      for (column, value) in row.sorted(by: { $0.column < $1.column }) {
        if column != last, last >= 0 {
          columns.append(last)
          values.append(Float(sum))
          sum = 0
        }
        last = column
        sum += value
      }
      if last >= 0 {
        columns.append(last)
        values.append(Float(sum))
      }
      starts.append(Int32(columns.count))
    }
    (self.starts, self.columns, self.values) = (starts, columns, values)
  }

  /// `p(j|i)` over one point's neighbours; they sum to 1. Equally far neighbours get equal shares, whatever their distance.
  static func conditional(_ squaredDistances: [Double], perplexity: Double) -> [Double] {
    let wanted = log(perplexity)
    let nearest = squaredDistances.min() ?? 0
    // Less the smallest, which changes no probability and keeps the nearest at 1; in units of the mean, for any scale.
    let mean = squaredDistances.reduce(0) { $0 + ($1 - nearest) } / Double(max(1, squaredDistances.count))
    guard mean > 0 else {
      return squaredDistances.map { _ in 1 / Double(squaredDistances.count) }
    }
    let distances = squaredDistances.map { ($0 - nearest) / mean }
    var beta = 1.0
    var (low, high) = (0.0, Double.infinity)
    var result: [Double] = []
    for _ in 0..<100 {
      result = distances.map { exp(-beta * $0) }
      let sum = result.reduce(0, +)
      let moment = zip(result, distances).reduce(0) { $0 + $1.0 * $1.1 }
      result = result.map { $0 / sum }
      let entropy = log(sum) + beta * moment / sum
      if abs(entropy - wanted) <= 1e-5 { break }
      if entropy > wanted {
        low = beta
        beta = high.isFinite ? (low + high) / 2 : beta * 2
      } else {
        high = beta
        beta = (low + high) / 2
      }
    }
    return result
  }
}
