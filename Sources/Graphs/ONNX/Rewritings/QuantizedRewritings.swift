import Tensors

/// Operators on quantized tensors: what the numbers mean is computed, and quantized again.
let quantizedRewritings: [String: Rewriter] = [
  "QLinearConv": { node, parts in
    _ = try node.operands(8)
    let x = parts.add("DequantizeLinear", Array(node.inputs[0..<3]))
    let w = parts.add("DequantizeLinear", Array(node.inputs[3..<6]), ["axis": 0])
    var operands = [x, w]
    if node.hasOperand(8) {
      let scale = parts.add("Mul", [node.inputs[1], node.inputs[4]])
      operands.append(parts.add("DequantizeLinear", [node.inputs[8], scale], ["axis": 0]))
    }
    let y = parts.add("Conv", operands, keeping: parts.allAttributes())
    parts.finish("QuantizeLinear", [y] + node.inputs[6..<8])
  },
  "QLinearMatMul": { node, parts in
    _ = try node.operands(8)
    let a = parts.add("DequantizeLinear", Array(node.inputs[0..<3]), ["axis": -2])
    let b = parts.add("DequantizeLinear", Array(node.inputs[3..<6]), ["axis": -1])
    parts.finish("QuantizeLinear", [parts.add("MatMul", [a, b])] + node.inputs[6..<8])
  },
  "ConvInteger": { node, parts in
    var operands = try node.operands(2)
    for place in 0..<2 where node.hasOperand(place + 2) {
      guard try place == 0 || node.weight(3).count == 1 else {
        throw node.unsupported("a zero point for each output channel")
      }
      operands[place] = parts.add("Sub", [operands[place], node.inputs[place + 2]])
    }
    parts.finish("Conv", operands, keeping: parts.allAttributes())
  },
  "MatMulInteger": { node, parts in
    var operands = try node.operands(2)
    for place in 0..<2 where node.hasOperand(place + 2) {
      // Of the second factor, each column may have its own.
      guard try place == 1 || node.shape(2)?.count == 1 || node.weight(2).count == 1 else {
        throw node.unsupported("a zero point for each row")
      }
      operands[place] = parts.add("Sub", [operands[place], node.inputs[place + 2]])
    }
    parts.finish("MatMul", operands)
  },
]
