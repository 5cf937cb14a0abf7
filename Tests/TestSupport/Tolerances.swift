public import Tensors

/// The relative L2 distance `‖a − b‖ / ‖b‖`; infinite where `b` is all zero and `a` is not.
public func relativeError(_ a: [Float], _ b: [Float]) -> Double {
  precondition(a.count == b.count, "\(a.count) values against \(b.count)")
  var difference = 0.0
  var norm = 0.0
  for (x, y) in zip(a, b) {
    difference += (Double(x) - Double(y)) * (Double(x) - Double(y))
    norm += Double(y) * Double(y)
  }
  return difference == 0 ? 0 : (difference / norm).squareRoot()
}

public func relativeError(_ a: Tensor, _ b: Tensor) -> Double {
  precondition(a.shape == b.shape, "\(a.shape) against \(b.shape)")
  return relativeError(a.values, b.values)
}
