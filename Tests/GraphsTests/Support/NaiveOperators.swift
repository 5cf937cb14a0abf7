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
  case "HardSigmoid":
    {
      min(max(attributes.float("alpha", default: 0.2) * $0 + attributes.float("beta", default: 0.5), 0), 1)
    }
  case "HardSwish": { $0 * min(max($0 / 6 + 0.5, 0), 1) }
  case "Mish": { $0 * tanh(log(1 + exp($0))) }
  case "Softplus": { log(1 + exp($0)) }
  case "Softsign": { $0 / (1 + abs($0)) }
  case "Gelu" where attributes.string("approximate", default: "none") == "tanh":
    { $0 / 2 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0))) }
  case "Gelu": { $0 / 2 * (1 + erf($0 / 2.0.squareRoot())) }
  case "Erf": { erf($0) }
  case "Selu":
    { x in
      let (alpha, gamma) = (
        attributes.float("alpha", default: 1.67326319217681884765625),
        attributes.float("gamma", default: 1.05070102214813232421875)
      )
      return gamma * (x > 0 ? x : alpha * (exp(x) - 1))
    }
  case "Celu":
    { x in
      let alpha = attributes.float("alpha", default: 1)
      return max(0, x) + min(0, alpha * (exp(x / alpha) - 1))
    }
  case "ThresholdedRelu": { $0 > attributes.float("alpha", default: 1) ? $0 : 0 }
  case "Shrink":
    { x in
      let (width, bias) = (attributes.float("lambd", default: 0.5), attributes.float("bias", default: 0))
      return x < -width ? x + bias : x > width ? x - bias : 0
    }
  default: naiveElementaryFunction(kind)
  }
}

private func naiveElementaryFunction(_ kind: String) -> (Double) -> Double {
  switch kind {
  case "Reciprocal": { 1 / $0 }
  case "Sin": { sin($0) }
  case "Cos": { cos($0) }
  case "Tan": { tan($0) }
  case "Asin": { asin($0) }
  case "Acos": { acos($0) }
  case "Atan": { atan($0) }
  case "Sinh": { sinh($0) }
  case "Cosh": { cosh($0) }
  case "Asinh": { asinh($0) }
  case "Acosh": { acosh($0) }
  case "Atanh": { atanh($0) }
  case "Floor": { $0.rounded(.down) }
  case "Ceil": { $0.rounded(.up) }
  case "Round": { $0.rounded(.toNearestOrEven) }
  case "Sign": { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }
  case "Not": { $0 == 0 ? 1 : 0 }
  default: preconditionFailure("no oracle for \(kind)")
  }
}

/// Functions of two numbers; nil if `kind` is none.
func naiveFunctionOfTwo(_ kind: String, _ attributes: [String: Attribute]) -> ((Double, Double) -> Double)? {
  switch kind {
  case "Add", "Sum": return { $0 + $1 }
  case "Sub": return { $0 - $1 }
  case "Mul": return { $0 * $1 }
  case "Div": return { $0 / $1 }
  case "Max": return { max($0, $1) }
  case "Min": return { min($0, $1) }
  case "Pow": return { pow($0, $1) }
  case "PRelu": return { $0 > 0 ? $0 : $0 * $1 }
  case "Mod" where attributes.integer("fmod", default: 0) == 1: return { fmod($0, $1) }
  case "Mod": return { $0 - ($0 / $1).rounded(.down) * $1 }
  case "Equal": return { $0 == $1 ? 1 : 0 }
  case "Greater": return { $0 > $1 ? 1 : 0 }
  case "GreaterOrEqual": return { $0 >= $1 ? 1 : 0 }
  case "Less": return { $0 < $1 ? 1 : 0 }
  case "LessOrEqual": return { $0 <= $1 ? 1 : 0 }
  case "And": return { $0 != 0 && $1 != 0 ? 1 : 0 }
  case "Or": return { $0 != 0 || $1 != 0 ? 1 : 0 }
  case "Xor": return { ($0 != 0) != ($1 != 0) ? 1 : 0 }
  default: return nil
  }
}

func naiveBinary(_ a: Values, _ b: Values, _ function: (Double, Double) -> Double) -> Values {
  Values(broadcast(a.shape.dimensions, b.shape.dimensions)) {
    function(a.broadcast(at: $0), b.broadcast(at: $0))
  }
}

/// `a · b` over the last two axes; the axes before them are batches.
func naiveProduct(_ a: Values, _ b: Values) -> Values {
  let depth = a.shape[a.shape.rank - 1]
  return Values(a.shape.dimensions.dropLast() + [b.shape[b.shape.rank - 1]]) { index in
    (0..<depth).reduce(0) { sum, k in
      let batch = index.dropLast(2).suffix(b.shape.rank - 2)
      return sum + a[index.dropLast() + [k]] * b[batch + [k, index[index.count - 1]]]
    }
  }
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
