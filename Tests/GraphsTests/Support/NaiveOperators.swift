import Glibc
import Tensors

/// The operations without a window, as ONNX defines them.

func logarithm(_ x: Double) -> Double { log(x) }

func naiveFunction(_ kind: String, _ attributes: [String: Attribute]) -> (Double) -> Double {
  switch kind {
  case "Relu": { max(0, $0) }
  case "LeakyRelu": { $0 > 0 ? $0 : attributes.float("alpha", default: 0.01) * $0 }
  case "Elu": { $0 > 0 ? $0 : attributes.float("alpha", default: 1) * (exp($0) - 1) }
  case "Sigmoid": { 1 / (1 + exp(-$0)) }
  case "Tanh": { tanh($0) }
  case "Exp": { exp($0) }
  case "Log": { log($0) }
  case "Sqrt": { $0.squareRoot() }
  case "Abs": { abs($0) }
  case "Neg": { -$0 }
  case "Identity", "Dropout": { $0 }
  default: preconditionFailure("no oracle for \(kind)")
  }
}

func naiveBinary(_ a: Values, _ b: Values, _ function: (Double, Double) -> Double) -> Values {
  Values(broadcast(a.shape.dimensions, b.shape.dimensions)) {
    function(a.broadcast(at: $0), b.broadcast(at: $0))
  }
}

/// `a · b` over the last two axes; the axes before them are batches, stretched to each other. A vector is a row on the
/// left and a column on the right.
func naiveProduct(_ a: Values, _ b: Values) -> Values {
  let left = a.shape.rank == 1 ? a.reshaped([1] + a.shape.dimensions) : a
  let right = b.shape.rank == 1 ? b.reshaped(b.shape.dimensions + [1]) : b
  let (depth, columns) = (right.shape[right.shape.rank - 2], right.shape[right.shape.rank - 1])
  let batches = broadcast(left.shape.dimensions.dropLast(2), right.shape.dimensions.dropLast(2))
  let rows = left.shape[left.shape.rank - 2]
  let product = Values(batches + [rows, columns]) { index in
    (0..<depth).reduce(0) { sum, k in
      let batch = Array(index.prefix(batches.count))
      return sum + left.broadcast(at: batch + [index[batches.count], k])
        * right.broadcast(at: batch + [k, index[batches.count + 1]])
    }
  }
  return product.reshaped(
    batches + (a.shape.rank == 1 ? [] : [rows]) + (b.shape.rank == 1 ? [] : [columns]))
}

func naiveTransposition(_ x: Values, _ order: [Int]?) -> Values {
  let order = order ?? Array(x.shape.dimensions.indices.reversed())
  return Values(order.map { x.shape[$0] }) { index in
    var source = index
    for (to, from) in order.enumerated() { source[from] = index[to] }
    return x[source]
  }
}

/// From opset 13 along one axis, before over all axes from there on.
func naiveSoftmax(_ x: Values, _ attributes: [String: Attribute], opset: Int) -> Values {
  let axis = attributes.integer("axis", default: opset < 13 ? 1 : -1)
  let place = axis < 0 ? axis + x.shape.rank : axis
  let exponentials = x.map { exp($0) }
  let all = indices(x.shape.dimensions)
  return Values(x.shape.dimensions) { index in
    let companions = all.filter { other in
      other.indices.allSatisfy { (opset < 13 ? $0 >= place : $0 == place) || other[$0] == index[$0] }
    }
    return exponentials[index] / companions.reduce(0) { $0 + exponentials[$1] }
  }
}
