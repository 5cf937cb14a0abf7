import SwiftProtobuf
import Tensors

/// Numbers brought to few bits and back. They stay float32 here, whole and within the range of their type.
let quantizationReaders: [String: OperatorReader] = [
  "QuantizeLinear": { node in
    let type = node.optionalInteger("output_dtype") ?? 0
    if let format = SmallFloat.formats[type != 0 ? type : node.elementType(2) ?? 2] {
      var quantization = Quantization(scales: node.scales, range: -format.largest...format.largest)
      (quantization.format, quantization.rounding) = (format, node.smallFloatRounding)
      return (quantization, try node.scaledOperands())
    }
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
  25: 0...3, 26: -2...1,
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
