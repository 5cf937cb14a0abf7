package import Tensors

/// Mixes the rows of a batch two by two, and their targets: `λ a + (1 − λ) b` and `λ b + (1 − λ) a`, `λ` drawn for each pair from
/// the beta distribution with both parameters `alpha`. Zhang et al., *mixup*, ICLR 2018.
///
/// Row `i` goes with row `rows − 1 − i`: rows come in random order. Of an odd number, the middle one stays as it is. Works in
/// place.
///
/// - Parameters:
///   - batch: `[rows, ...]`.
///   - targets: `[rows, classes]`.
///   - alpha: more than 0; the paper's are 0.1 to 0.4 and 1. Smaller ones mix less.
package func mixup(
  _ batch: UnsafeMutableBufferPointer<Float>, targets: UnsafeMutableBufferPointer<Float>, rows: Int,
  alpha: Double, _ generator: inout SplitMix64
) {
  precondition(
    rows > 0 && batch.count.isMultiple(of: rows) && targets.count.isMultiple(of: rows),
    "\(batch.count) values and \(targets.count) targets of \(rows) rows")
  for row in 0..<rows / 2 {
    let share = Float(generator.beta(alpha))
    mix(batch, row, rows - 1 - row, of: rows, share)
    mix(targets, row, rows - 1 - row, of: rows, share)
  }
}

private func mix(
  _ values: UnsafeMutableBufferPointer<Float>, _ first: Int, _ second: Int, of rows: Int, _ share: Float
) {
  let width = values.count / rows
  let (start, other) = (first * width, second * width)
  for place in 0..<width {
    let (a, b) = (values[start + place], values[other + place])
    values[start + place] = share * a + (1 - share) * b
    values[other + place] = share * b + (1 - share) * a
  }
}
