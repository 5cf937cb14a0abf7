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

/// How much two maps agree: Spearman's rank correlation. Where it says nothing, 0 if one of them is constant, which has
/// nothing in common with another, and 1 if both are, which say the same.
func agreement(_ a: [Float], _ b: [Float]) -> Double {
  rankCorrelation(a, b) ?? (a.isConstant && b.isConstant ? 1 : 0)
}

/// Spearman's rank correlation of the magnitudes of two maps; 0 where one is constant, 1 where both are.
public func agreement(ofMagnitudes a: Tensor, _ b: Tensor) -> Double {
  agreement(a.magnitudes.values, b.magnitudes.values)
}

/// The bins of a clip that hold any sound. Where there is digital silence, as in what a short clip is padded with, many
/// methods say zero whatever the network: maps are compared over these alone.
struct SoundingBins {
  private let places: [Int]

  /// - Parameter silence: the picture of a silent clip, as large.
  init(of picture: Tensor, silence: Tensor) {
    places = zip(picture.values, silence.values).enumerated().filter { $0.element.0 != $0.element.1 }.map(
      \.offset)
  }

  func agreement(_ a: Tensor, _ b: Tensor) -> Double {
    let (a, b) = (a.values, b.values)
    return Explain.agreement(places.map { a[$0] }, places.map { b[$0] })
  }
}

extension [Float] {
  fileprivate var isConstant: Bool { allSatisfy { $0 == first } }
}

/// The place of each value among all, the smallest 1; equal values share the mean of their places.
package func ranks<Value: Comparable>(_ values: [Value]) -> [Double] {
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
