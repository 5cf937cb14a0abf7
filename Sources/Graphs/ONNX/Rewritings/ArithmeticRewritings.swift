import Tensors

/// Functions and normalizations that are a few steps of others.
let arithmeticRewritings: [String: Rewriter] = [
  // x · sigmoid(alpha · x)
  "Swish": { node, parts in
    let x = try node.operands(1)[0]
    parts.finish("Mul", [x, parts.add("Sigmoid", [parts.scaled(x, by: node.float("alpha", default: 1))])])
  },
  "RMSNormalization": { node, parts in try node.rootMeanSquare(&parts) },
  "SimplifiedLayerNormalization": { node, parts in try node.rootMeanSquare(&parts) },
  // Products over stretches of 1, 2, 4, … places, each from two of half the length.
  "CumProd": { node, parts in
    let axis = try node.integers(1)?.first ?? 0
    let shape = try node.knownShape(0)
    let place = try node.placing { try shape.place(ofAxis: axis) }
    let isReversed = node.integer("reverse", default: 0) != 0
    func moved(_ x: TensorName, by step: Int) -> TensorName {
      var pads = [Int](repeating: 0, count: 2 * shape.rank)
      pads[isReversed ? shape.rank + place : place] = step
      let (start, end) = isReversed ? (step, shape[place]) : (0, shape[place] - step)
      return parts.add(
        "Pad", [parts.cut(x, axis: place, from: start, to: end), parts.integers(pads), parts.number(1)])
    }
    var product = try node.operands(1)[0]
    if node.integer("exclusive", default: 0) != 0, shape[place] > 0 { product = moved(product, by: 1) }
    var step = 1
    while step < shape[place] {
      product = parts.product(product, moved(product, by: step))
      step *= 2
    }
    parts.finish("Identity", [product])
  },
  // The update laid over the cache from a place on that each example has of its own.
  "TensorScatter": { node, parts in
    let operands = try node.operands(2)
    let (cache, update) = (try node.knownShape(0), try node.knownShape(1))
    let axis = try node.placing { try cache.place(ofAxis: node.integer("axis", default: -2)) }
    guard update.rank == cache.rank, axis > 0 else {
      throw node.unsupported("an update of shape \(update) for a cache of shape \(cache) along axis \(axis)")
    }
    var along = [Int](repeating: 1, count: cache.rank)
    along[axis] = -1
    var places = parts.reshaped(parts.places(update[axis]), to: along)
    if node.hasOperand(2) {
      var rows = [Int](repeating: 1, count: cache.rank)
      rows[0] = -1
      places = parts.sum(places, parts.reshaped(node.inputs[2], to: rows))
    }
    switch node.string("mode", default: "linear") {
    case "linear": break
    case "circular": places = parts.add("Mod", [places, parts.integer(cache[axis])])
    case let other: throw node.unsupported("mode = \(other)")
    }
    places = parts.add("Expand", [places, parts.integers(update.dimensions)])
    parts.finish("ScatterElements", [operands[0], places, operands[1]], ["axis": .integer(axis)])
  },
]

extension ONNXNode {
  /// `x / √(mean of x² over the last axes + epsilon) · scale` (Zhang and Sennrich, 2019).
  func rootMeanSquare(_ parts: inout Rewriting, of x: TensorName? = nil) throws {
    let operands = try operands(2)
    let axis = integer("axis", default: -1)
    let first = try axis < 0 ? axis : axis - knownShape(0).rank
    guard (-64 ... -1).contains(first) else { throw unsupported("axis = \(axis)") }
    let (inverse, normal) = parts.rootMeanSquare(
      x ?? operands[0], axes: Array(first...(-1)), epsilon: float("epsilon", default: 1e-5))
    parts.give(0, "Mul", [normal, operands[1]])
    if kind != "SkipSimplifiedLayerNormalization" { parts.give(1, "Identity", [inverse]) }
  }

  /// What `body` finds; its mismatch as an error of this node.
  func placing<Found>(_ body: () throws -> Found) throws -> Found {
    do { return try body() } catch let error as ShapeMismatch { throw unsupported(error.reason) }
  }
}

extension Rewriting {
  /// One over the root of the mean square of `x` over `axes`, and `x` times that.
  mutating func rootMeanSquare(_ x: TensorName, axes: [Int], epsilon: Float) -> (TensorName, TensorName) {
    let mean = add("ReduceMean", [product(x, x)], ["axes": .integers(axes), "keepdims": 1])
    let inverse = add("Reciprocal", [add("Sqrt", [raised(mean, by: epsilon)])])
    return (inverse, product(x, inverse))
  }
}
