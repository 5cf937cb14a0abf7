import SwiftProtobuf
import Tensors

extension ONNXFile {
  /// Puts `(x − mean) / deviation` in front of the network: one of each for every place of the input's last axis.
  ///
  /// The numbers stand in the file as `input.mean` and `input.deviation`, which are not learnt: who runs the file elsewhere
  /// gives it the same pictures as Otoscope does.
  ///
  /// - Throws: `ONNXFileError.cut` where the file has not exactly one input of known rank.
  public mutating func scaleInput(mean: [Float], deviation: [Float]) throws {
    guard proto.graph.input.count == 1, let input = proto.graph.input.first else {
      throw ONNXFileError.cut(
        proto.graph.input.first?.name ?? "", reason: "the file has \(proto.graph.input.count) inputs")
    }
    let (centred, scaled) = ("\(input.name).centred", "\(input.name).scaled")
    for place in proto.graph.node.indices {
      for operand in proto.graph.node[place].input.indices
      where proto.graph.node[place].input[operand] == input.name {
        proto.graph.node[place].input[operand] = scaled
      }
    }
    var nodes: [Onnx_NodeProto] = []
    for (kind, operands, result) in [
      ("Sub", [input.name, "input.mean"], centred), ("Div", [centred, "input.deviation"], scaled),
    ] {
      var node = Onnx_NodeProto()
      (node.name, node.opType, node.input, node.output) = (result, kind, operands, [result])
      nodes.append(node)
    }
    proto.graph.node = nodes + proto.graph.node
    for (name, values) in [("input.mean", mean), ("input.deviation", deviation)] {
      proto.graph.initializer.append(
        try Onnx_TensorProto(name, Tensor([values.count], values), elementType: 1))
    }
  }
}
