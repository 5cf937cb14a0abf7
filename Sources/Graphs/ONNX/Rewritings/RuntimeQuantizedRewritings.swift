import Tensors

/// Quantised operators that ONNX Runtime's quantiser writes: what the numbers mean is computed, and quantised again where
/// the result is. Definitions: its `ContribOperators.md`.
let runtimeQuantizedRewritings: [String: Rewriter] = [
  "com.microsoft.QuantizeLinear": { $1.finish("QuantizeLinear", $0.inputs, keeping: $1.allAttributes()) },
  "com.microsoft.DequantizeLinear": { $1.finish("DequantizeLinear", $0.inputs, keeping: $1.allAttributes()) },
  "com.microsoft.DynamicQuantizeMatMul": { node, parts in
    let operands = try node.operands(3)
    let a = parts.add("DynamicQuantizeLinear", [operands[0]], results: 3)
    let left = parts.add("DequantizeLinear", a)
    let right = parts.meaning(of: operands[1], operands[2], node.operandOrNone(3), axis: -1)
    let y = parts.add("MatMul", [left, right])
    if node.hasOperand(4) { parts.finish("Add", [y, node.inputs[4]]) } else { parts.finish("Identity", [y]) }
  },
  "com.microsoft.MatMulIntegerToFloat": { node, parts in
    let operands = try node.operands(4)
    let left = parts.meaning(of: operands[0], operands[2], node.operandOrNone(4), axis: -2)
    let right = parts.meaning(of: operands[1], operands[3], node.operandOrNone(5), axis: -1)
    let y = parts.add("MatMul", [left, right])
    if node.hasOperand(6) { parts.finish("Add", [y, node.inputs[6]]) } else { parts.finish("Identity", [y]) }
  },
  "com.microsoft.QGemm": { node, parts in
    let operands = try node.operands(6)
    let transposes = node.integer("transB", default: 0) != 0
    let alpha = node.float("alpha", default: 1)
    var factors = [
      parts.meaning(of: operands[0], operands[1], node.inputs[2], axis: -2),
      parts.meaning(of: operands[3], operands[4], node.inputs[5], axis: transposes ? 0 : -1),
    ]
    if node.hasOperand(6) {
      let scale = parts.scaled(parts.product(operands[1], operands[4]), by: alpha)
      factors.append(parts.product(node.inputs[6], scale))
    }
    let y = parts.add("Gemm", factors, keeping: ["alpha", "transA", "transB"])
    guard node.hasOperand(7) else { return parts.finish("Identity", [y]) }
    parts.finish("QuantizeLinear", [y] + node.inputs[7...])
  },
  "com.microsoft.QLinearAdd": { try $0.quantizedPair("Add", &$1) },
  "com.microsoft.QLinearMul": { try $0.quantizedPair("Mul", &$1) },
  "com.microsoft.QLinearSigmoid": { try $0.quantizedFunction("Sigmoid", &$1) },
  "com.microsoft.QLinearLeakyRelu": { try $0.quantizedFunction("LeakyRelu", &$1, keeping: ["alpha"]) },
  "com.microsoft.QLinearSoftmax": { node, parts in
    let axis = node.integer("axis", default: -1)
    guard try axis == -1 || node.integer("opset", default: 13) > 12 || axis == node.knownShape(0).rank - 1
    else { throw node.unsupported("axis = \(axis) of opset 12, which is not the last") }
    try node.quantizedFunction("Softmax", &parts, ["axis": .integer(axis)])
  },
  "com.microsoft.QLinearReduceMean": {
    try $0.quantizedFunction("ReduceMean", &$1, keeping: ["axes", "keepdims"])
  },
  "com.microsoft.QLinearAveragePool": {
    try $0.quantizedFunction("AveragePool", &$1, keeping: $1.allAttributes())
  },
  "com.microsoft.QLinearGlobalAveragePool": { try $0.quantizedFunction("GlobalAveragePool", &$1) },
  "com.microsoft.QLinearConv": { node, parts in
    guard node.integer("channels_last", default: 0) != 0 else {
      return parts.finish("QLinearConv", node.inputs, keeping: parts.allAttributes())
    }
    let (there, back) = try node.channelOrders(rank: node.knownShape(3).rank)
    let x = parts.transposed(try node.operands(8)[0], there)
    let y = parts.add(
      "QLinearConv", [x] + node.inputs.dropFirst(), keeping: parts.allAttributes(but: ["channels_last"]))
    parts.finish("Transpose", [y], ["perm": .integers(back)])
  },
  "com.microsoft.QLinearConcat": { node, parts in
    guard node.inputs.count >= 5, node.inputs.count % 3 == 2 else {
      throw node.unsupported("\(node.inputs.count) operands; each part needs a scale and a zero point")
    }
    let wholes = stride(from: 2, to: node.inputs.count, by: 3).map {
      parts.add("DequantizeLinear", Array(node.inputs[$0..<$0 + 3]))
    }
    let y = parts.add("Concat", wholes, keeping: ["axis"])
    parts.finish("QuantizeLinear", [y] + node.inputs[..<2])
  },
  "com.microsoft.QLinearWhere": { node, parts in
    let operands = try node.operands(9)
    let x = parts.add("DequantizeLinear", Array(operands[1..<4]))
    let y = parts.add("DequantizeLinear", Array(operands[4..<7]))
    parts.finish("QuantizeLinear", [parts.add("Where", [operands[0], x, y])] + operands[7...])
  },
  // The weights are made real. ONNX Runtime also rounds the input and each state to 8 bits, which is left out here.
  "com.microsoft.DynamicQuantizeLSTM": { node, parts in
    _ = try node.operands(3)
    guard node.inputs.count >= 12 else { throw node.unsupported("it lacks scales or zero points") }
    let weights = [(1, 8), (2, 10)].map { weight, scale in
      // One scale a direction, or one for each gate of each cell.
      let wide = [scale, scale + 1].map { parts.add("Unsqueeze", [node.inputs[$0], parts.integers([1])]) }
      let isSingle = (try? node.knownShape(scale).rank) == 1
      let view = isSingle ? wide.map { parts.add("Unsqueeze", [$0, parts.integers([2])]) } : wide
      let real = parts.product(parts.difference(node.inputs[weight], view[1]), view[0])
      return parts.transposed(real, [0, 2, 1])
    }
    parts.finish(
      "LSTM", [node.inputs[0]] + weights + node.inputs[3..<8],
      keeping: parts.allAttributes())
  },
]

extension Rewriting {
  /// The real numbers that the whole ones stand for.
  fileprivate mutating func meaning(
    of x: TensorName, _ scale: TensorName, _ zero: TensorName, axis: Int
  ) -> TensorName {
    add("DequantizeLinear", [x, scale] + (zero.isEmpty ? [] : [zero]), ["axis": .integer(axis)])
  }
}

extension ONNXNode {
  /// Operand `index`, or an empty name.
  fileprivate func operandOrNone(_ index: Int) -> TensorName { hasOperand(index) ? inputs[index] : "" }

  /// `f(a, b)` of three operands each: the numbers, their scale, their zero point; then those of the result.
  fileprivate func quantizedPair(_ kind: String, _ parts: inout Rewriting) throws {
    guard inputs.count >= 7 else { throw unsupported("it has \(inputs.count) operands and needs 7") }
    let a = parts.meaning(of: inputs[0], inputs[1], inputs[2], axis: 1)
    let b = parts.meaning(of: inputs[3], inputs[4], inputs[5], axis: 1)
    parts.finish("QuantizeLinear", [parts.add(kind, [a, b])] + inputs[6...])
  }

  /// `f(x)`: the numbers, their scale and zero point, the scale and the zero point of the result.
  fileprivate func quantizedFunction(
    _ kind: String, _ parts: inout Rewriting, _ attributes: [String: Rewriting.Value] = [:],
    keeping: [String] = []
  ) throws {
    guard inputs.count >= 4 else { throw unsupported("it has \(inputs.count) operands and needs 4") }
    let isLast = integer("channels_last", default: 0) != 0
    var x = parts.meaning(of: inputs[0], inputs[1], inputs[2], axis: 1)
    let orders = isLast ? try channelOrders(rank: knownShape(0).rank) : ([], [])
    if isLast { x = parts.transposed(x, orders.0) }
    var y = parts.add(kind, [x], attributes, keeping: keeping.filter { $0 != "channels_last" })
    if isLast { y = parts.transposed(y, orders.1) }
    parts.finish("QuantizeLinear", [y] + inputs[3...])
  }
}
