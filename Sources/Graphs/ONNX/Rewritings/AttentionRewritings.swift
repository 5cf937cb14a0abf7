import Tensors

/// Attention of ONNX itself (opset 23 on), and the rotation of positions that goes with it.
let attentionRewritings: [String: Rewriter] = [
  "Attention": { node, parts in try node.attention(&parts) },
  "RotaryEmbedding": { node, parts in
    _ = try node.operands(3)
    let source = try node.shape(0, ofRank: 3, 4)
    let heads = source.rank == 4 ? nil : try node.heads("num_heads")
    let features = source.rank == 4 ? source[3] : source[2] / (heads ?? 1)
    let rotation = Rotation(
      count: node.integer("rotary_embedding_dim", default: 0), of: features,
      isInterleaved: node.integer("interleaved", default: 0) != 0)
    // Of the caches, the rows of the positions, for all heads alike.
    let angles = (1...2).map { place in
      var rows = node.inputs[place]
      if node.hasOperand(3) { rows = parts.add("Gather", [rows, node.inputs[3]], ["axis": 0]) }
      return parts.add("Unsqueeze", [rows, parts.integers([1])])
    }
    try parts.rotate(node, heads: heads, rotation, cosines: angles[0], sines: angles[1])
  },
]

/// Pairs of features turned by an angle that grows with the position (Su et al., RoFormer, 2021).
struct Rotation {
  /// How many of the features are rotated, the first ones; the others stay.
  let count: Int
  let features: Int
  /// Whether neighbours are a pair; else one of the first half and one of the second.
  let isInterleaved: Bool

  init(count: Int, of features: Int, isInterleaved: Bool) {
    (self.count, self.features, self.isInterleaved) = (count == 0 ? features : count, features, isInterleaved)
  }
}

extension Rewriting {
  /// Finishes a node whose first operand is `[batch, heads, time, features]`, or without axes of their own for the heads.
  mutating func rotate(
    _ node: ONNXNode, heads: Int?, _ rotation: Rotation, cosines: TensorName, sines: TensorName
  ) throws {
    guard let heads else {
      return finish("Identity", [try rotated(node.inputs[0], node, rotation, cosines, sines)])
    }
    let apart = headsApart(node.inputs[0], heads: heads)
    let whole = headsTogether(try rotated(apart, node, rotation, cosines, sines))
    finish(whole.kind, whole.inputs)
  }

  /// `x`, `[batch, heads, time, features]`, rotated by angles whose cosines and sines are `[batch, 1, time, pairs]`.
  mutating func rotated(
    _ x: TensorName, _ node: ONNXNode, _ rotation: Rotation, _ cosines: TensorName, _ sines: TensorName
  ) throws(ONNXError) -> TensorName {
    let (count, features) = (rotation.count, rotation.features)
    guard count > 0, count % 2 == 0, count <= features else {
      throw node.unsupported("rotary_embedding_dim = \(count) of \(features) features")
    }
    let step = rotation.isInterleaved ? 2 : 1
    let second = rotation.isInterleaved ? 1 : count / 2
    let a = cut(x, axis: 3, from: 0, to: rotation.isInterleaved ? count : second, step: step)
    let b = cut(x, axis: 3, from: second, to: count, step: step)
    var pair = [
      difference(product(cosines, a), product(sines, b)), sum(product(sines, a), product(cosines, b)),
    ]
    var turned: TensorName
    if rotation.isInterleaved {
      pair = pair.map { add("Unsqueeze", [$0, integers([4])]) }
      turned = reshaped(joined(pair, axis: 4), to: [0, 0, 0, count])
    } else {
      turned = joined(pair, axis: 3)
    }
    if count < features { turned = joined([turned, cut(x, axis: 3, from: count, to: features)], axis: 3) }
    return turned
  }
}

extension ONNXNode {
  /// ONNX `Attention`. Keys of the past are put before those given; a group of queries may share a head of keys.
  fileprivate func attention(_ parts: inout Rewriting) throws {
    let operands = try operands(3)
    let shapes = try (0..<3).map { try shape($0, ofRank: 3, 4) }
    let isFlat = shapes[0].rank == 3
    let queryHeads = try isFlat ? heads("q_num_heads") : shapes[0][1]
    let keyHeads = try isFlat ? heads("kv_num_heads") : shapes[1][1]
    let features = isFlat ? shapes[0][2] / queryHeads : shapes[0][3]
    guard keyHeads > 0, queryHeads % keyHeads == 0, queryHeads <= 1 << 12, features > 0,
      Set(shapes.map(\.rank)).count == 1
    else {
      throw unsupported(
        "queries, keys and values of shapes \(shapes), of \(queryHeads) and \(keyHeads) heads")
    }
    var (query, key, value) = (operands[0], operands[1], operands[2])
    if isFlat {
      query = parts.headsApart(query, heads: queryHeads)
      key = parts.headsApart(key, heads: keyHeads)
      value = parts.headsApart(value, heads: keyHeads)
    }
    let queries = shapes[0][isFlat ? 1 : 2]
    var (keys, past) = (shapes[1][isFlat ? 1 : 2], 0)
    if hasOperand(4), hasOperand(5) {
      past = try shape(4, ofRank: 4)[2]
      keys += past
      key = parts.joined([inputs[4], key], axis: 2)
      value = parts.joined([inputs[5], value], axis: 2)
    }
    parts.give(1, "Identity", [key])
    parts.give(2, "Identity", [value])
    let (bias, mayBeBlind) = try attentionBias(&parts, queries: queries, keys: keys, past: past)
    let times = queryHeads / keyHeads
    let results = parts.attention(
      AttentionParts(
        query: query, key: parts.repeatingHeads(key, keyHeads, times: times),
        value: parts.repeatingHeads(value, keyHeads, times: times),
        scale: optionalFloat("scale") ?? 1 / Float(features).squareRoot(),
        softcap: float("softcap", default: 0), bias: bias, mayBeBlind: mayBeBlind))
    switch integer("qk_matmul_output_mode", default: 0) {
    case 0, 1: parts.give(3, "Identity", [results.scores])
    case 2: parts.give(3, "Identity", [results.biased])
    case 3: parts.give(3, "Identity", [results.weights])
    case let other: throw unsupported("qk_matmul_output_mode = \(other)")
    }
    guard isFlat else { return parts.give(0, "Identity", [results.result]) }
    let whole = parts.headsTogether(results.result)
    parts.give(0, whole.kind, whole.inputs)
  }

  /// What is added to the scores, and whether it may hide all keys from a query.
  private func attentionBias(_ parts: inout Rewriting, queries: Int, keys: Int, past: Int) throws
    -> (TensorName?, mayBeBlind: Bool)
  {
    func bound(_ attribute: String) -> Int? {
      let bound = integer(attribute, default: -1)
      return bound < 0 ? nil : bound
    }
    let hasLengths = hasOperand(6)
    let offset =
      hasLengths && past == 0
      ? parts.difference(inputs[6], parts.integer(queries)) : parts.integer(past)
    var ahead = bound("right_window_size")
    if integer("is_causal", default: 0) != 0 { ahead = 0 }
    var seen = parts.window(
      queries: queries, keys: keys, offset: offset, offsetHasBatch: hasLengths && past == 0, ahead: ahead,
      behind: bound("left_window_size"))
    if hasLengths {
      let lengths = parts.reshaped(inputs[6], to: [-1, 1, 1, 1])
      seen = parts.both(seen, parts.add("Less", [parts.places(keys), lengths]))
    }
    var bias = seen.map { parts.mask($0, otherwise: -.infinity) }
    guard hasOperand(3) else { return (bias, hasLengths || bound("left_window_size") != nil) }
    var own = isInteger(3) ? parts.mask(inputs[3], otherwise: -.infinity) : inputs[3]
    // A mask may be shorter than the keys: those behind it are not seen.
    let shape = try knownShape(3)
    if let extent = shape.dimensions.last, extent < keys {
      let none = [Int](repeating: 0, count: 2 * shape.rank - 1)
      own = parts.add("Pad", [own, parts.integers(none + [keys - extent]), parts.number(-.infinity)])
    }
    bias = bias.map { parts.sum($0, own) } ?? own
    return (bias, true)
  }
}
