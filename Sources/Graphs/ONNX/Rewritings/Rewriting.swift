import SwiftProtobuf

/// Writes one node of a file as several, in ONNX's own words.
typealias Rewriter = @Sendable (ONNXNode, inout Rewriting) throws -> Void

/// Every ONNX operator that is written in others, by name.
let rewriters: [String: Rewriter] = quantizedRewritings

/// The nodes that stand for one.
struct Rewriting {
  private let proto: Onnx_NodeProto
  private let name: String
  private(set) var nodes: [Onnx_NodeProto] = []

  init(_ proto: Onnx_NodeProto, name: String) {
    self.proto = proto
    self.name = name
  }

  /// Adds a node whose result is an inner tensor of the expansion, and returns its name.
  mutating func add(
    _ kind: String, _ inputs: [TensorName], axis: Int? = nil, keepingAttributes: Bool = false
  ) -> TensorName {
    let result = "\(name)/\(nodes.count) (\(kind))"
    append(kind, inputs, [result], named: result, axis: axis, keepingAttributes: keepingAttributes)
    return result
  }

  /// Adds the node that makes what the expanded node makes.
  mutating func finish(_ kind: String, _ inputs: [TensorName], keepingAttributes: Bool = false) {
    append(kind, inputs, proto.output, named: name, axis: nil, keepingAttributes: keepingAttributes)
  }

  private mutating func append(
    _ kind: String, _ inputs: [TensorName], _ outputs: [TensorName], named name: String, axis: Int?,
    keepingAttributes: Bool
  ) {
    nodes.append(
      .with {
        $0.opType = kind
        $0.name = name
        $0.input = inputs
        $0.output = outputs
        if keepingAttributes { $0.attribute = proto.attribute }
        guard let axis else { return }
        $0.attribute.append(
          .with {
            $0.name = "axis"
            $0.i = Int64(axis)
          })
      })
  }
}
