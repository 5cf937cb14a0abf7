import Tensors

/// What all forms of attention are made of: `softmax(scale · q kᵀ + bias) v`, on `[batch, heads, time, features]`.
struct AttentionParts {
  var query: TensorName
  var key: TensorName
  var value: TensorName
  /// `1 / √features` if the node does not say.
  var scale: Float
  /// Scores are bounded to `±softcap` by a hyperbolic tangent; 0: they are not.
  var softcap: Float = 0
  /// Added to the scores; broadcast to `[batch, heads, time of queries, time of keys]`.
  var bias: TensorName?
  /// Whether a query may have no key that it sees. Its result is then 0.
  var mayBeBlind = false
}

/// What comes out on the way; the later ones only where they are asked for.
struct AttentionResults {
  var result: TensorName
  var scores: TensorName
  var biased: TensorName
  var weights: TensorName
}

extension Rewriting {
  mutating func attention(_ parts: AttentionParts) -> AttentionResults {
    let turned = transposed(parts.key, [0, 1, 3, 2])
    var scores = add("MatMul", [scaled(parts.query, by: parts.scale), turned])
    if parts.softcap > 0 {
      scores = scaled(add("Tanh", [scaled(scores, by: 1 / parts.softcap)]), by: parts.softcap)
    }
    var (biased, blind) = (scores, TensorName?.none)
    if var bias = parts.bias {
      if parts.mayBeBlind {
        let highest = add("ReduceMax", [bias], ["axes": [-1], "keepdims": 1])
        let isBlind = add("IsInf", [highest], ["detect_positive": 0])
        bias = add("Where", [isBlind, number(0), bias])
        blind = isBlind
      }
      biased = sum(scores, bias)
    }
    var weights = add("Softmax", [biased], ["axis": -1])
    if let blind { weights = add("Where", [blind, number(0), weights]) }
    return AttentionResults(
      result: add("MatMul", [weights, parts.value]), scores: scores, biased: biased, weights: weights)
  }

  /// `[batch, time, heads · features]` as `[batch, heads, time, features]`.
  mutating func headsApart(_ x: TensorName, heads: Int) -> TensorName {
    transposed(reshaped(x, to: [0, 0, heads, -1]), [0, 2, 1, 3])
  }

  /// `[batch, heads, time, features]` as `[batch, time, heads · features]`, for `finish`.
  mutating func headsTogether(_ x: TensorName) -> (kind: String, inputs: [TensorName]) {
    ("Reshape", [transposed(x, [0, 2, 1, 3]), integers([0, 0, -1])])
  }

  /// Each head `times` times, one after another.
  mutating func repeatingHeads(_ x: TensorName, _ heads: Int, times: Int) -> TensorName {
    guard times > 1 else { return x }
    let places = (0..<heads).flatMap { head in [Int](repeating: head, count: times) }
    return add("Gather", [x, integers(places)], ["axis": 1])
  }

  /// 0 where `allowed` holds, `other` elsewhere.
  mutating func mask(_ allowed: TensorName, otherwise other: Float) -> TensorName {
    add("Where", [allowed, number(0), number(other)])
  }

  mutating func both(_ a: TensorName?, _ b: TensorName) -> TensorName { a.map { add("And", [$0, b]) } ?? b }

  /// `[queries, keys]`: whether query `i`, at `offset + i`, sees key `j`. Keys ahead of it by more than `ahead` and
  /// behind it by more than `behind` are not seen; nil is no bound. With an offset that is a tensor `[batch]`, the
  /// result is `[batch, 1, queries, keys]`.
  mutating func window(
    queries: Int, keys: Int, offset: TensorName, offsetHasBatch: Bool = false, ahead: Int?, behind: Int?
  ) -> TensorName? {
    guard ahead != nil || behind != nil else { return nil }
    var rows = reshaped(places(queries), to: [-1, 1])
    rows = sum(rows, offsetHasBatch ? reshaped(offset, to: [-1, 1, 1, 1]) : offset)
    let lead = difference(places(keys), rows)
    var seen: TensorName?
    if let ahead { seen = both(seen, add("LessOrEqual", [lead, integer(ahead)])) }
    if let behind { seen = both(seen, add("GreaterOrEqual", [lead, integer(-behind)])) }
    return seen
  }
}

extension ONNXNode {
  /// How many heads an attribute names; they become lists of places, so there must not be millions.
  func heads(_ attribute: String) throws(ONNXError) -> Int {
    let heads = integer(attribute, default: 0)
    guard (1...1 << 12).contains(heads) else { throw unsupported("\(attribute) = \(heads)") }
    return heads
  }

  /// The shape of operand `index`, of one of these ranks.
  func shape(_ index: Int, ofRank ranks: Int...) throws(ONNXError) -> Shape {
    let shape = try knownShape(index)
    guard ranks.contains(shape.rank) else {
      throw unsupported(
        "operand \(index) has shape \(shape); it needs \(ranks.map(String.init).joined(separator: " or ")) axes"
      )
    }
    return shape
  }
}
