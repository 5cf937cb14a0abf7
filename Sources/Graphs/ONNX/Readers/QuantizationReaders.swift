import SwiftProtobuf
import Tensors

/// Numbers brought to few bits and back. They stay float32 here, whole and within the range of their type.
let quantizationReaders: [String: OperatorReader] = [
  "QuantizeLinear": { node in
    let type = node.optionalInteger("output_dtype") ?? 0
    guard let range = quantizedRanges[type != 0 ? type : node.elementType(2) ?? 2] else {
      throw node.unsupported(
        "it quantizes to the element type \(type != 0 ? type : node.elementType(2) ?? 0)")
    }
    return (Quantization(scales: node.scales, range: range), try node.scaledOperands())
  },
  "DequantizeLinear": { (Dequantization(scales: $0.scales), try $0.scaledOperands()) },
  "DynamicQuantizeLinear": { (DynamicQuantization(), try $0.operands(1)) },
]

/// The ranges of ONNX's small integer types.
private let quantizedRanges: [Int: ClosedRange<Float>] = [
  2: 0...255, 3: -128...127, 4: 0...65535, 5: -32768...32767, 21: 0...15, 22: -8...7,
]

extension ONNXNode {
  fileprivate var scales: ScaleAssignment {
    // Whole tensors have one scale before opset 13, along axis 1 or not.
    ScaleAssignment(axis: integer("axis", default: 1), block: max(0, integer("block_size", default: 0)))
  }

  /// x, the scales, and the zero points if there are any.
  fileprivate func scaledOperands() throws -> [TensorName] {
    try operands(2) + (hasOperand(2) ? [inputs[2]] : [])
  }
}

/// Operators on quantized tensors: what the numbers mean is computed, and quantized again.
let quantizedExpansions: [String: Expander] = [
  "QLinearConv": { node, parts in
    _ = try node.operands(8)
    let x = parts.add("DequantizeLinear", Array(node.inputs[0..<3]))
    let w = parts.add("DequantizeLinear", Array(node.inputs[3..<6]), axis: 0)
    var operands = [x, w]
    if node.hasOperand(8) {
      let scale = parts.add("Mul", [node.inputs[1], node.inputs[4]])
      operands.append(parts.add("DequantizeLinear", [node.inputs[8], scale], axis: 0))
    }
    let y = parts.add("Conv", operands, keepingAttributes: true)
    parts.finish("QuantizeLinear", [y] + node.inputs[6..<8])
  },
  "QLinearMatMul": { node, parts in
    _ = try node.operands(8)
    let a = parts.add("DequantizeLinear", Array(node.inputs[0..<3]), axis: -2)
    let b = parts.add("DequantizeLinear", Array(node.inputs[3..<6]), axis: -1)
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
    parts.finish("Conv", operands, keepingAttributes: true)
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
