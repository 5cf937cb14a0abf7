import Tensors

/// A tensor of `Double`, for oracles: slow, exact enough to judge float32 by, and indexed in the plainest way.
struct Values {
  let shape: Shape
  let strides: [Int]
  var elements: [Double]

  init(_ shape: Shape, _ elements: [Double]) {
    precondition(shape.count == elements.count)
    self.shape = shape
    strides = shape.strides
    self.elements = elements
  }

  init(_ tensor: Tensor) { self.init(tensor.shape, tensor.values.map(Double.init)) }

  /// A value for every index.
  init(_ dimensions: [Int], _ value: ([Int]) -> Double) {
    self.init(Shape(dimensions), indices(dimensions).map(value))
  }

  init(_ dimensions: [Int], _ elements: [Double]) { self.init(Shape(dimensions), elements) }

  subscript(_ index: [Int]) -> Double { elements[position(of: index)] }

  func position(of index: [Int]) -> Int { zip(index, strides).reduce(0) { $0 + $1.0 * $1.1 } }

  func map(_ function: (Double) -> Double) -> Values { Values(shape, elements.map(function)) }

  func reshaped(_ dimensions: [Int]) -> Values { Values(Shape(dimensions), elements) }

  /// The element that broadcasting reads at `index` of a larger result.
  func broadcast(at index: [Int]) -> Double {
    let own = index.suffix(shape.rank)
    return self[zip(own, shape.dimensions).map { $1 == 1 ? 0 : $0 }]
  }

  var tensor: Tensor { Tensor(shape, elements.map { Float($0) }) }
}

/// Every index into a tensor of these extents, last axis fastest.
func indices(_ dimensions: [Int]) -> [[Int]] {
  dimensions.reduce([[]]) { all, extent in all.flatMap { index in (0..<extent).map { index + [$0] } } }
}

/// The extents of what `a` and `b` give together, axes of 1 stretched.
func broadcast(_ a: [Int], _ b: [Int]) -> [Int] {
  let rank = max(a.count, b.count)
  let (x, y) = (
    [Int](repeating: 1, count: rank - a.count) + a, [Int](repeating: 1, count: rank - b.count) + b
  )
  return zip(x, y).map { max($0, $1) }
}

/// The largest difference, relative to the largest value.
///
/// Float32 rounds each sum of k products to about √k · 6e-8 of its largest terms; elements that cancel to nearly
/// nothing may be relatively far off and still be right.
func distance(_ tensor: Tensor, _ oracle: Values) -> Double {
  guard tensor.shape == oracle.shape else { return .infinity }
  let largest = oracle.elements.map(abs).max() ?? 0
  var worst = 0.0
  for (x, y) in zip(tensor.values, oracle.elements) {
    let difference = abs(Double(x) - y)
    worst = difference.isNaN ? .infinity : max(worst, difference)
  }
  return worst / max(largest, 1e-30)
}
