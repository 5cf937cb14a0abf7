/// Pearson's correlation of two equally long rows of numbers.
///
/// - Returns: nil where one of the two is constant: nothing can be said.
package func correlation(_ a: [Float], _ b: [Float]) -> Double? {
  precondition(a.count == b.count, "\(a.count) values against \(b.count)")
  let count = Double(a.count)
  let (meanA, meanB) = (a.reduce(0) { $0 + Double($1) } / count, b.reduce(0) { $0 + Double($1) } / count)
  var (aa, bb, ab) = (0.0, 0.0, 0.0)
  for (x, y) in zip(a, b) {
    let (x, y) = (Double(x) - meanA, Double(y) - meanB)
    aa += x * x
    bb += y * y
    ab += x * y
  }
  guard aa > 0, bb > 0 else { return nil }
  return min(1, max(-1, ab / (aa * bb).squareRoot()))
}
