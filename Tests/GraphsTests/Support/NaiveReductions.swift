import Glibc
import Tensors

/// What is left of the elements along `axes` (all, if nil), each result from its list of elements.
func naiveReduction(_ kind: String, _ x: Values, axes: [Int]?, keepsAxes: Bool) -> Values {
  let rank = x.shape.rank
  let reduced = Set((axes ?? Array(0..<rank)).map { $0 < 0 ? $0 + rank : $0 })
  let inner = indices((0..<rank).map { reduced.contains($0) ? x.shape[$0] : 1 })
  let kept = Values((0..<rank).map { reduced.contains($0) ? 1 : x.shape[$0] }) { index in
    naiveReduction(kind, inner.map { x[zip(index, $0).map(+)] })
  }
  return keepsAxes
    ? kept : kept.reshaped((0..<rank).filter { !reduced.contains($0) }.map { x.shape[$0] })
}

private func naiveReduction(_ kind: String, _ values: [Double]) -> Double {
  let sum = values.reduce(0, +)
  return switch kind {
  case "ReduceSum": sum
  case "ReduceMean": sum / Double(values.count)
  case "ReduceMax": values.max() ?? 0
  case "ReduceMin": values.min() ?? 0
  case "ReduceProd": values.reduce(1, *)
  case "ReduceL1": values.reduce(0) { $0 + abs($1) }
  case "ReduceL2": values.reduce(0) { $0 + $1 * $1 }.squareRoot()
  case "ReduceLogSum": log(sum)
  case "ReduceLogSumExp": log(values.reduce(0) { $0 + exp($1) })
  case "ReduceSumSquare": values.reduce(0) { $0 + $1 * $1 }
  case "ArgMax": Double(values.firstIndex(of: values.max() ?? 0) ?? 0)
  case "ArgMin": Double(values.firstIndex(of: values.min() ?? 0) ?? 0)
  default: preconditionFailure("no oracle for \(kind)")
  }
}
