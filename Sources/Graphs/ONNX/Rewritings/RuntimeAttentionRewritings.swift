import Tensors

/// The forms of attention that ONNX Runtime's optimiser writes. Definitions: its `ContribOperators.md`.
let runtimeAttentionRewritings: [String: Rewriter] = [
  "com.microsoft.Attention": { node, parts in
    _ = try node.operands(2)
    let operands = RuntimeAttention(
      input: node.inputs[0], weights: node.inputs[1], bias: node.hasOperand(2) ? node.inputs[2] : nil,
      mask: 3, past: 4, added: 5)
    guard !node.hasOperand(6) else { throw node.unsupported("a buffer shared by past and present") }
    try node.runtimeAttention(&parts, operands)
  },
  "com.microsoft.QAttention": { node, parts in
    _ = try node.operands(5)
    func zero(_ place: Int) -> [TensorName] { node.hasOperand(place) ? [node.inputs[place]] : [] }
    let input = parts.add("DequantizeLinear", [node.inputs[0], node.inputs[3]] + zero(6))
    let weights = parts.add(
      "DequantizeLinear", [node.inputs[1], node.inputs[4]] + zero(7), ["axis": 1])
    try node.runtimeAttention(
      &parts,
      RuntimeAttention(input: input, weights: weights, bias: node.inputs[2], mask: 5, past: 8, added: nil))
  },
  "com.microsoft.MultiHeadAttention": { node, parts in try node.multiHeadAttention(&parts) },
  "com.microsoft.GroupQueryAttention": { node, parts in try node.groupQueryAttention(&parts) },
  "com.microsoft.RotaryEmbedding": { node, parts in
    _ = try node.operands(4)
    let source = try node.shape(0, ofRank: 3, 4)
    let pairs = try node.shape(2, ofRank: 2)[1]
    let count = node.integer("rotary_embedding_dim", default: 0)
    let heads: Int?
    let features: Int
    if source.rank == 4 {
      (heads, features) = (nil, source[3])
    } else if count > 0 {
      let own = try node.heads("num_heads")
      (heads, features) = (own, source[2] / own)
    } else {
      (heads, features) = (source[2] / max(1, 2 * pairs), 2 * pairs)
    }
    guard heads.map({ (1...1 << 12).contains($0) && $0 * features == source[2] }) ?? true else {
      throw node.unsupported("\(source) are not heads of \(features) features")
    }
    let rotation = Rotation(
      count: count, of: features, isInterleaved: node.integer("interleaved", default: 0) != 0)
    let time = source.rank == 4 ? source[2] : source[1]
    // One place to begin at, or the places of all.
    let places =
      try node.knownShape(1).rank == 1
      ? parts.reshaped(parts.sum(parts.places(time), node.inputs[1]), to: [1, time]) : node.inputs[1]
    let angles = parts.angles(places, cosines: node.inputs[2], sines: node.inputs[3])
    try parts.rotate(node, heads: heads, rotation, cosines: angles.cosines, sines: angles.sines)
  },
]

/// The operands of `Attention` and of its quantised form.
private struct RuntimeAttention {
  let input: TensorName
  let weights: TensorName
  let bias: TensorName?
  /// Places of further operands.
  let mask: Int
  let past: Int
  let added: Int?
}

extension Rewriting {
  /// The rows of the caches that `places`, `[batch, time]`, name: `[batch, 1, time, pairs]`.
  fileprivate mutating func angles(_ places: TensorName, cosines: TensorName, sines: TensorName)
    -> (cosines: TensorName, sines: TensorName)
  {
    let rows = [cosines, sines].map {
      add("Unsqueeze", [add("Gather", [$0, places], ["axis": 0]), integers([1])])
    }
    return (rows[0], rows[1])
  }

  /// Parts of the last axis of these sizes.
  fileprivate mutating func split(_ x: TensorName, axis: Int, _ sizes: [Int]) -> [TensorName] {
    add("Split", [x, integers(sizes)], ["axis": .integer(axis)], results: sizes.count)
  }

  fileprivate mutating func finish(_ result: TensorName, heads: Int) {
    let whole = headsTogether(result)
    give(0, whole.kind, whole.inputs)
  }
}

extension ONNXNode {
  /// A mask of numbers as what is added to the scores: `[batch]` lengths, `[2 · batch]` ends and starts, or 0 and 1 for
  /// each key, `[batch, keys]`, `[batch, queries, keys]`, or with an axis of heads.
  private func maskBias(_ parts: inout Rewriting, _ place: Int, batch: Int, keys: Int) throws -> TensorName? {
    guard hasOperand(place) else { return nil }
    let (mask, shape) = (inputs[place], try knownShape(place))
    let filter = float("mask_filter_value", default: -10000)
    func isKept(_ x: TensorName) -> TensorName { parts.add("Greater", [x, parts.integer(0)]) }
    switch shape.rank {
    case 1 where shape[0] == batch:
      let ends = parts.reshaped(mask, to: [-1, 1, 1, 1])
      return parts.mask(parts.add("Less", [parts.places(keys), ends]), otherwise: filter)
    case 1 where shape[0] == 2 * batch:
      let bounds = parts.split(mask, axis: 0, [batch, batch]).map { parts.reshaped($0, to: [-1, 1, 1, 1]) }
      let range = parts.places(keys)
      let inside = parts.add(
        "And", [parts.add("Less", [range, bounds[0]]), parts.add("GreaterOrEqual", [range, bounds[1]])])
      return parts.mask(inside, otherwise: filter)
    case 2: return parts.mask(isKept(parts.reshaped(mask, to: [0, 1, 1, -1])), otherwise: filter)
    case 3: return parts.mask(isKept(parts.add("Unsqueeze", [mask, parts.integers([1])])), otherwise: filter)
    default: throw unsupported("a mask of shape \(shape)")
    }
  }

  /// Queries, keys and values from one product with `weights`, `[features, queries + keys + values]`.
  fileprivate func runtimeAttention(_ parts: inout Rewriting, _ operands: RuntimeAttention) throws {
    let source = try shape(0, ofRank: 3)
    let columns = try shape(1, ofRank: 2)[1]
    let heads = try heads("num_heads")
    let sizes = optionalIntegers("qkv_hidden_sizes") ?? [Int](repeating: columns / 3, count: 3)
    guard sizes.count == 3, sizes.allSatisfy({ $0 > 0 && $0 % heads == 0 }), sizes.reduce(0, +) == columns,
      sizes[0] == sizes[1], integer("do_rotary", default: 0) == 0
    else { throw unsupported("\(columns) columns as queries, keys and values of sizes \(sizes)") }
    var projected = parts.add("MatMul", [operands.input, operands.weights])
    if let bias = operands.bias { projected = parts.sum(projected, bias) }
    var all = parts.split(projected, axis: 2, sizes).map { parts.headsApart($0, heads: heads) }
    var past = 0
    if hasOperand(operands.past) {
      past = try shape(operands.past, ofRank: 5)[3]
      for place in 0..<2 {
        let own = parts.add("Gather", [inputs[operands.past], parts.integer(place)], ["axis": 0])
        all[place + 1] = parts.joined([own, all[place + 1]], axis: 2)
      }
    }
    if parts.wants(1) {
      let rows = all[1...].map { parts.add("Unsqueeze", [$0, parts.integers([0])]) }
      parts.give(1, "Concat", rows, ["axis": 0])
    }
    let keys = past + source[1]
    var bias = try maskBias(&parts, operands.mask, batch: source[0], keys: keys)
    if integer("unidirectional", default: 0) != 0,
      let seen = parts.window(
        queries: source[1], keys: keys, offset: parts.integer(past), ahead: 0, behind: nil)
    {
      let causal = parts.mask(seen, otherwise: -Float.greatestFiniteMagnitude)
      bias = bias.map { parts.sum($0, causal) } ?? causal
    }
    if let added = operands.added, hasOperand(added) {
      bias = bias.map { parts.sum($0, inputs[added]) } ?? inputs[added]
    }
    let results = parts.attention(
      AttentionParts(
        query: all[0], key: all[1], value: all[2],
        scale: nonzero("scale") ?? 1 / Float(sizes[0] / heads).squareRoot(), bias: bias))
    parts.finish(results.result, heads: heads)
  }

  /// An attribute of which 0 means that it is not given.
  private func nonzero(_ attribute: String) -> Float? {
    optionalFloat(attribute).flatMap { $0 == 0 ? nil : $0 }
  }

  /// Queries, keys and values apart, or packed: `[batch, time, heads, 3 or 2, features]`.
  fileprivate func multiHeadAttention(_ parts: inout Rewriting) throws {
    let heads = try heads("num_heads")
    let source = try shape(0, ofRank: 3, 5)
    var all: [TensorName]
    var keys = source[1]
    func unpacked(_ place: Int, _ count: Int) -> [TensorName] {
      (0..<count).map { index in
        let one = parts.add("Gather", [inputs[place], parts.integer(index)], ["axis": 3])
        return parts.transposed(one, [0, 2, 1, 3])
      }
    }
    var isApart = [true, true, true]
    if source.rank == 5 {
      all = unpacked(0, 3)
    } else {
      let key = try shape(1, ofRank: 3, 4, 5)
      all = [parts.headsApart(inputs[0], heads: heads)]
      if key.rank == 5 {
        keys = key[1]
        all += unpacked(1, 2)
      } else {
        guard hasOperand(2) else { throw unsupported("it has keys and no values") }
        keys = key.rank == 4 ? key[2] : key[1]
        isApart = [true, key.rank == 3, key.rank == 3]
        all += (1...2).map { key.rank == 4 ? inputs[$0] : parts.headsApart(inputs[$0], heads: heads) }
      }
    }
    let features = source.rank == 5 ? source[4] : source[2] / heads
    if hasOperand(3) {
      // The values may have another size than queries and keys.
      let total = try shape(3, ofRank: 1)[0]
      let size = features * heads
      guard total > 2 * size, (total - 2 * size) % heads == 0 else {
        throw unsupported("a bias of \(total) for queries and keys of \(size)")
      }
      let terms = parts.split(inputs[3], axis: 0, [size, size, total - 2 * size])
      for place in 0..<3 where isApart[place] {
        let term = parts.transposed(parts.reshaped(terms[place], to: [1, 1, heads, -1]), [0, 2, 1, 3])
        all[place] = parts.sum(all[place], term)
      }
    }
    var past = 0
    if hasOperand(6), hasOperand(7) {
      past = try shape(6, ofRank: 4)[2]
      all[1] = parts.joined([inputs[6], all[1]], axis: 2)
      all[2] = parts.joined([inputs[7], all[2]], axis: 2)
      keys += past
    }
    guard !hasOperand(8), !hasOperand(9) else { throw unsupported("buffers for decoding step by step") }
    parts.give(1, "Identity", [all[1]])
    parts.give(2, "Identity", [all[2]])
    var bias = try maskBias(&parts, 4, batch: source[0], keys: keys)
    if integer("unidirectional", default: 0) != 0,
      let seen = parts.window(
        queries: source[1], keys: keys, offset: parts.integer(past), ahead: 0, behind: nil)
    {
      let causal = parts.mask(seen, otherwise: -Float.greatestFiniteMagnitude)
      bias = bias.map { parts.sum($0, causal) } ?? causal
    }
    if hasOperand(5) { bias = bias.map { parts.sum($0, inputs[5]) } ?? inputs[5] }
    let results = parts.attention(
      AttentionParts(
        query: all[0], key: all[1], value: all[2],
        scale: nonzero("scale") ?? 1 / Float(features).squareRoot(), bias: bias))
    parts.finish(results.result, heads: heads)
  }

  /// The whole sequence at once, without keys of the past: what a decoder does first.
  fileprivate func groupQueryAttention(_ parts: inout Rewriting) throws {
    let (heads, keyHeads) = (try heads("num_heads"), try heads("kv_num_heads"))
    let source = try shape(0, ofRank: 3)
    let isPacked = !hasOperand(1)
    let features = isPacked ? source[2] / (heads + 2 * keyHeads) : source[2] / heads
    guard heads % keyHeads == 0, features > 0 else {
      throw unsupported("\(heads) heads of queries and \(keyHeads) of keys for shape \(source)")
    }
    for place in [3, 4] where hasOperand(place) {
      guard try knownShape(place).count == 0 else {
        throw unsupported("keys of the past; Otoscope reads the form that takes the whole sequence at once")
      }
    }
    guard !hasOperand(11), integer("smooth_softmax", default: 0) <= 0 else {
      throw unsupported("a softmax with a sink")
    }
    let sizes = [heads, keyHeads, keyHeads].map { $0 * features }
    let flat = isPacked ? parts.split(inputs[0], axis: 2, sizes) : Array(try operands(3))
    var all = zip(flat, [heads, keyHeads, keyHeads]).map { parts.headsApart($0, heads: $1) }
    let time = source[1]
    if integer("do_rotary", default: 0) != 0 {
      guard hasOperand(7), hasOperand(8) else { throw unsupported("it has no angles to rotate by") }
      let places = hasOperand(9) ? inputs[9] : parts.reshaped(parts.places(time), to: [1, time])
      let angles = parts.angles(places, cosines: inputs[7], sines: inputs[8])
      let rotation = Rotation(
        count: 2 * (try shape(7, ofRank: 2)[1]), of: features,
        isInterleaved: integer("rotary_interleaved", default: 0) != 0)
      for place in 0..<2 {
        all[place] = try parts.rotated(all[place], self, rotation, angles.cosines, angles.sines)
      }
    }
    parts.give(1, "Identity", [all[1]])
    parts.give(2, "Identity", [all[2]])
    let window = integer("local_window_size", default: -1)
    var seen = parts.window(
      queries: time, keys: time, offset: parts.integer(0), ahead: 0, behind: window > 0 ? window - 1 : nil)
    // Of each example, the place of its last key.
    if hasOperand(5) {
      let last = parts.reshaped(inputs[5], to: [-1, 1, 1, 1])
      seen = parts.both(seen, parts.add("LessOrEqual", [parts.places(time), last]))
    }
    var bias = seen.map { parts.mask($0, otherwise: -.infinity) }
    if hasOperand(10) { bias = bias.map { parts.sum($0, inputs[10]) } ?? inputs[10] }
    let times = heads / keyHeads
    let results = parts.attention(
      AttentionParts(
        query: all[0], key: parts.repeatingHeads(all[1], keyHeads, times: times),
        value: parts.repeatingHeads(all[2], keyHeads, times: times),
        scale: nonzero("scale") ?? 1 / Float(features).squareRoot(),
        softcap: float("softcap", default: 0), bias: bias, mayBeBlind: true))
    parts.finish(results.result, heads: heads)
  }
}
