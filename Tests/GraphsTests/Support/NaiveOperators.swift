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

/// Einstein's sum: for every value of all letters the product of the operands, added to where its result's letters say.
/// Axes without names are given digits, counted from the last.
func naiveSummation(_ equation: String, _ operands: [Values]) -> Values {
  let sides = equation.filter { $0 != " " }.split(separator: "->", omittingEmptySubsequences: false)
  var terms = sides[0].split(separator: ",", omittingEmptySubsequences: false).map(Array.init)
  let hidden = Array("9876543210")
  func expanded(_ term: [Character], rank: Int?) -> [Character] {
    guard let place = term.firstIndex(of: ".") else { return term }
    let count = rank.map { $0 - (term.count - 3) } ?? 0
    return term[..<place] + hidden.suffix(count) + term[(place + 3)...]
  }
  let most = zip(terms, operands).map { $0.contains(".") ? $1.shape.rank - $0.count + 3 : 0 }.max() ?? 0
  terms = zip(terms, operands).map { expanded($0, rank: $1.shape.rank) }
  let all = Array(Set(terms.joined())).sorted()
  let result: [Character] =
    sides.count > 1
    ? expanded(Array(sides[1]), rank: sides[1].count - 3 + most)
    : hidden.suffix(most)
      + all.filter { letter in letter.isLetter && terms.joined().count { $0 == letter } == 1 }
  var extents: [Character: Int] = [:]
  for (term, operand) in zip(terms, operands) {
    for (letter, extent) in zip(term, operand.shape.dimensions) {
      extents[letter] = max(extents[letter] ?? 1, extent)
    }
  }
  var sum = Values(result.map { extents[$0] ?? 1 }) { _ in 0 }
  for index in indices(all.map { extents[$0] ?? 1 }) {
    let place = Dictionary(uniqueKeysWithValues: zip(all, index))
    let product = zip(terms, operands).reduce(1.0) { product, factor in
      let own = zip(factor.0, factor.1.shape.dimensions).map { $1 == 1 ? 0 : place[$0] ?? 0 }
      return product * factor.1[own]
    }
    sum.elements[sum.position(of: result.map { place[$0] ?? 0 })] += product
  }
  return sum
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
