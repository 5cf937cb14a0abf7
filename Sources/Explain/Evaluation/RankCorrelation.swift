public import Tensors

/// Spearman's rank correlation: Pearson's of the ranks, equal values sharing the mean of theirs.
///
/// - Returns: nil where one of the two is constant: nothing can be said.
public func rankCorrelation(_ a: [Float], _ b: [Float]) -> Double? {
  precondition(a.count == b.count, "\(a.count) values against \(b.count)")
  let (x, y) = (ranks(a), ranks(b))
  let mean = Double(a.count + 1) / 2
  var (xx, yy, xy) = (0.0, 0.0, 0.0)
  for (x, y) in zip(x, y) {
    xx += (x - mean) * (x - mean)
    yy += (y - mean) * (y - mean)
    xy += (x - mean) * (y - mean)
  }
  guard xx > 0, yy > 0 else { return nil }
  return xy / (xx * yy).squareRoot()
}

/// Spearman's rank correlation of the magnitudes of two maps; 0 where one is constant: a map that vanishes has nothing in
/// common with another.
public func rankCorrelation(ofMagnitudes a: Tensor, _ b: Tensor) -> Double {
  rankCorrelation(a.magnitudes.values, b.magnitudes.values) ?? 0
}

/// The place of each value among all, the smallest 1; equal values share the mean of their places.
func ranks<Value: Comparable>(_ values: [Value]) -> [Double] {
  let order = values.indices.sorted { values[$0] < values[$1] }
  var ranks = [Double](repeating: 0, count: values.count)
  var start = 0
  while start < order.count {
    var end = start + 1
    while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
    for place in order[start..<end] { ranks[place] = Double(start + 1 + end) / 2 }
    start = end
  }
  return ranks
}
