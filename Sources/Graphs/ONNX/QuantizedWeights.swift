import SwiftProtobuf
import Tensors

/// Weights of 8 bits that only a `DequantizeLinear` reads: made real while they are converted.
extension Onnx_GraphProto {
  /// The places of those nodes, by the name of the weight.
  var largeQuantizedWeights: [TensorName: Int] {
    let large = initializer.filter { tensor in
      [2, 3].contains(tensor.dataType)
        && tensor.dims.reduce(1) { saturatingProduct($0, Int(max(0, $1))) } >= Self.leastElements
    }
    guard !large.isEmpty else { return [:] }
    // Everywhere a name stands: as a weight, an operand, an output, or within a body.
    var uses: [TensorName: Int] = [:]
    for name in initializer.map(\.name) + node.flatMap(\.input) + output.map(\.name) {
      uses[name, default: 0] += 1
    }
    for name in node.flatMap(\.attribute).flatMap(\.g.captures) { uses[name, default: 0] += 1 }
    let names = Set(large.map(\.name).filter { uses[$0] == 2 })
    var places: [TensorName: Int] = [:]
    for (place, node) in node.enumerated()
    where node.opType == "DequantizeLinear" && ["", "ai.onnx"].contains(node.domain) {
      if let name = node.input.first, names.contains(name), node.output.count == 1, !node.output[0].isEmpty {
        places[name] = place
      }
    }
    return places
  }

  /// Smaller ones take little room twice.
  private static let leastElements = 1 << 16
}

extension ConstantTable.Value {
  /// Becomes what `node`, a `DequantizeLinear`, makes of it; false if its scales are not constant, or do not fit.
  mutating func dequantize(by node: Onnx_NodeProto, with constants: ConstantTable) -> Bool {
    guard node.input.count > 1, let scale = constants.tensors[node.input[1]] else { return false }
    let zeroName = node.input.count > 2 ? node.input[2] : ""
    let zero = constants.tensors[zeroName]
    guard zero != nil || zeroName.isEmpty else { return false }
    func integer(_ name: String, default value: Int) -> Int {
      node.attribute.first { $0.name == name }.map { Int($0.i) } ?? value
    }
    let scales = ScaleAssignment(
      axis: integer("axis", default: 1), block: max(0, integer("block_size", default: 0)))
    do {
      try Dequantization(scales: scales).apply(
        to: &tensor, scale: scale, zero: zero)
    } catch {
      return false
    }
    (isInteger, integers, elementType) = (false, nil, nil)
    return true
  }
}
