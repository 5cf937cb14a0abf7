import Tensors

/// Float operators that ONNX Runtime's optimiser writes, in ONNX's own words. Definitions: its `ContribOperators.md`.
let runtimeRewritings: [String: Rewriter] = [
  "com.microsoft.FusedConv": { node, parts in
    var y = parts.add(
      "Conv", try node.operands(2, atMost: 3),
      keeping: parts.allAttributes(but: ["activation", "activation_params"]))
    if node.hasOperand(3) { y = parts.sum(y, node.inputs[3]) }
    let numbers = node.optionalFloats("activation_params") ?? []
    try parts.activate(y, node, numbers: numbers)
  },
  "com.microsoft.FusedGemm": { node, parts in
    let y = parts.add(
      "Gemm", try node.operands(2, atMost: 3), keeping: ["alpha", "beta", "transA", "transB"])
    try parts.activate(y, node, numbers: node.activationNumbers)
  },
  "com.microsoft.FusedMatMulActivation": { node, parts in
    let y = parts.add(
      "com.microsoft.FusedMatMul", try node.operands(2),
      keeping: ["alpha", "transA", "transB", "transBatchA", "transBatchB"])
    try parts.activate(y, node, numbers: node.activationNumbers)
  },

  "com.microsoft.Gelu": { node, parts in parts.finish("Gelu", try node.operands(1)) },
  "com.microsoft.BiasGelu": { node, parts in
    let operands = try node.operands(2)
    parts.finish("Gelu", [parts.sum(operands[0], operands[1])])
  },
  "com.microsoft.FastGelu": { node, parts in
    let operands = try node.operands(1, atMost: 2)
    let x = node.hasOperand(1) ? parts.sum(operands[0], operands[1]) : operands[0]
    parts.finish("Gelu", [x], ["approximate": "tanh"])
  },
  "com.microsoft.QuickGelu": { node, parts in
    let x = try node.operands(1)[0]
    let alpha = node.float("alpha", default: 1.702)
    parts.finish("Mul", [x, parts.add("Sigmoid", [parts.scaled(x, by: alpha)])])
  },
  // Half of the features times the other half's GELU.
  "com.microsoft.BiasSplitGelu": { node, parts in
    let operands = try node.operands(2)
    let halves = parts.add(
      "Split", [parts.sum(operands[0], operands[1])], ["axis": -1, "num_outputs": 2], results: 2)
    parts.finish("Mul", [halves[0], parts.add("Gelu", [halves[1]])])
  },
  "com.microsoft.BiasAdd": { node, parts in
    let operands = try node.operands(3)
    parts.finish("Add", [parts.sum(operands[0], operands[1]), operands[2]])
  },
  "com.microsoft.BiasSoftmax": { node, parts in
    let operands = try node.operands(2)
    let axis = node.integer("axis", default: 1)
    guard try axis == -1 || axis == node.knownShape(0).rank - 1 else {
      throw node.unsupported("axis = \(axis), which is not the last")
    }
    parts.finish("Softmax", [parts.sum(operands[0], operands[1])], ["axis": -1])
  },

  "com.microsoft.SkipLayerNormalization": { node, parts in
    try node.refuseResults([1, 2], in: parts)
    let x = try node.withSkip(&parts, bias: 4)
    let terms = node.hasOperand(3) ? [node.inputs[3]] : []
    parts.give(0, "LayerNormalization", [x, node.inputs[2]] + terms, keeping: ["epsilon"])
    parts.give(3, "Identity", [x])
  },
  "com.microsoft.SkipSimplifiedLayerNormalization": { node, parts in
    try node.refuseResults([1, 2], in: parts)
    let x = try node.withSkip(&parts, bias: 3)
    let (_, normal) = parts.rootMeanSquare(x, axes: [-1], epsilon: node.float("epsilon", default: 1e-5))
    parts.give(0, "Mul", [normal, node.inputs[2]])
    parts.give(3, "Identity", [x])
  },
  "com.microsoft.EmbedLayerNormalization": { node, parts in
    guard [0, 2, 3, 5].allSatisfy(node.hasOperand) else {
      throw node.unsupported("it lacks numbers of words, embeddings or a scale (gamma)")
    }
    let length = try node.shape(0, ofRank: 2)[1]
    let places = node.hasOperand(8) ? node.inputs[8] : parts.places(length)
    var x = parts.sum(
      parts.add("Gather", [node.inputs[2], node.inputs[0]]), parts.add("Gather", [node.inputs[3], places]))
    if node.hasOperand(1), node.hasOperand(4) {
      x = parts.sum(x, parts.add("Gather", [node.inputs[4], node.inputs[1]]))
    }
    let terms = node.hasOperand(6) ? [node.inputs[6]] : []
    parts.give(0, "LayerNormalization", [x, node.inputs[5]] + terms, keeping: ["epsilon"])
    if parts.wants(1), node.hasOperand(7) {
      parts.give(1, "ReduceSum", [node.inputs[7], parts.integers([1])], ["keepdims": 0])
    } else if parts.wants(1) {
      parts.give(
        1, "ReduceSum", [parts.product(node.inputs[0], parts.integer(0)), parts.integers([1])],
        ["keepdims": 0])
    }
    parts.give(2, "Identity", [x])
  },
  "com.microsoft.GroupNorm": { node, parts in try node.groupNorm(&parts, of: node.operands(3)[0]) },
  "com.microsoft.SkipGroupNorm": { node, parts in
    var x = parts.sum(try node.operands(4)[0], node.inputs[3])
    if node.hasOperand(4) { x = parts.sum(x, node.inputs[4]) }
    parts.give(1, "Identity", [x])
    try node.groupNorm(&parts, of: x)
  },

  "com.microsoft.NhwcConv": { node, parts in try node.channelsLast("Conv", &parts) },
  "com.microsoft.NhwcFusedConv": { node, parts in
    try node.channelsLast("com.microsoft.FusedConv", &parts)
  },
  "com.microsoft.NhwcMaxPool": { node, parts in try node.channelsLast("MaxPool", &parts) },

  "com.microsoft.ExpandDims": { node, parts in
    guard let axis = try node.integers(1)?.first else { throw node.unsupported("it names no axis") }
    parts.finish("Unsqueeze", [try node.operands(1)[0], parts.integers([axis])])
  },
  "com.microsoft.Pad": { $1.finish("Pad", $0.inputs, keeping: ["mode"]) },
  "com.microsoft.Range": { node, parts in
    parts.finish("Range", node.inputs.count == 2 ? node.inputs + [parts.integer(1)] : node.inputs)
  },
  "com.microsoft.Trilu": { $1.finish("Trilu", $0.inputs, keeping: ["upper"]) },
  "com.microsoft.GatherND": { $1.finish("GatherND", $0.inputs) },
  "com.microsoft.GridSample": {
    $1.finish("GridSample", $0.inputs, keeping: ["mode", "padding_mode", "align_corners"])
  },
]

extension Rewriting {
  /// Finishes with the function that the attribute `activation` names, of `numbers`.
  mutating func activate(_ x: TensorName, _ node: ONNXNode, numbers: [Float]) throws {
    func number(_ place: Int, default value: Float) -> Value {
      .float(place < numbers.count ? numbers[place] : value)
    }
    switch node.string("activation", default: "") {
    case "": finish("Identity", [x])
    case "Relu": finish("Relu", [x])
    case "Sigmoid": finish("Sigmoid", [x])
    case "Tanh": finish("Tanh", [x])
    case "LeakyRelu": finish("LeakyRelu", [x], ["alpha": number(0, default: 0.01)])
    case "Clip":
      finish("Clip", [x], ["min": number(0, default: -.infinity), "max": number(1, default: .infinity)])
    case "HardSigmoid":
      finish("HardSigmoid", [x], ["alpha": number(0, default: 0.2), "beta": number(1, default: 0.5)])
    case "Elu": finish("Elu", [x], ["alpha": number(0, default: 1)])
    case "Softplus": finish("Softplus", [x])
    case "Softsign": finish("Softsign", [x])
    case "ThresholdedRelu": finish("ThresholdedRelu", [x], ["alpha": number(0, default: 1)])
    case let other: throw node.unsupported("activation = \(other)")
    }
  }
}

extension ONNXNode {
  fileprivate var activationNumbers: [Float] {
    ["activation_alpha", "activation_beta", "activation_gamma"].compactMap { optionalFloat($0) }
  }

  fileprivate func refuseResults(_ places: [Int], in parts: Rewriting) throws {
    if let place = places.first(where: parts.wants) {
      throw unsupported("its result \(place) is read, which ONNX Runtime does not make on a CPU either")
    }
  }

  /// The first operand, the second (what is skipped past a layer) and operand `bias` added up.
  fileprivate func withSkip(_ parts: inout Rewriting, bias: Int) throws -> TensorName {
    let operands = try operands(3)
    let x = parts.sum(operands[0], operands[1])
    return hasOperand(bias) ? parts.sum(x, inputs[bias]) : x
  }

  fileprivate func groupNorm(_ parts: inout Rewriting, of x: TensorName) throws {
    let isLast = integer("channels_last", default: 1) != 0
    var y = parts.add(
      "GroupNormalization", [isLast ? parts.transposed(x, [0, 3, 1, 2]) : x, inputs[1], inputs[2]],
      ["num_groups": .integer(integer("groups", default: 0))], keeping: ["epsilon"])
    if integer("activation", default: 0) != 0 { y = parts.product(y, parts.add("Sigmoid", [y])) }
    if isLast { y = parts.transposed(y, [0, 2, 3, 1]) }
    parts.give(0, "Identity", [y])
  }

  /// The same with the channels as the second axis.
  fileprivate func channelsLast(_ kind: String, _ parts: inout Rewriting) throws {
    let rank = try optionalIntegers("kernel_shape").map { $0.count + 2 } ?? knownShape(0).rank
    let (there, back) = try channelOrders(rank: rank)
    let others = inputs.dropFirst().enumerated().map { place, name in
      // What is added to a fused convolution lies as its result.
      place == 2 && !name.isEmpty ? parts.transposed(name, there) : name
    }
    let y = parts.add(
      kind, [parts.transposed(try operands(1)[0], there)] + others, keeping: parts.allAttributes())
    parts.finish("Transpose", [y], ["perm": .integers(back)])
  }

  /// From channels last to channels second, and back.
  func channelOrders(rank: Int) throws -> (there: [Int], back: [Int]) {
    guard (3...5).contains(rank) else { throw unsupported("its operand has \(rank) axes") }
    return ([0, rank - 1] + Array(1..<rank - 1), [0] + Array(2..<rank) + [1])
  }
}
