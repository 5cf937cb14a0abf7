import SwiftProtobuf
import Tensors

/// The operators that a model defines itself as bodies of others, as PyTorch's dynamo exporter writes.
struct FunctionTable: Sendable {
  struct Function: Sendable {
    let proto: Onnx_FunctionProto
    /// How many nodes there are, those in bodies within them counted.
    let nodeCount: Int
  }

  private let functions: [String: Function]

  init(_ functions: [Onnx_FunctionProto]) {
    self.functions = Dictionary(
      functions.map { proto in
        (
          Self.key(proto.domain, proto.name, proto.overload),
          Function(proto: proto, nodeCount: proto.node.reduce(0) { $0 + $1.count })
        )
      }
    ) { first, _ in first }
  }

  /// The function that `node` calls, if it calls one.
  subscript(node: Onnx_NodeProto) -> Function? {
    functions.isEmpty ? nil : functions[Self.key(node.domain, node.opType, node.overload)]
  }

  private static func key(_ domain: String, _ name: String, _ overload: String) -> String {
    "\(domain == "ai.onnx" ? "" : domain):\(name):\(overload)"
  }
}

extension Reading {
  /// Copies in the body of a function, its attributes replaced by those of the call.
  mutating func addCall(
    of callee: FunctionTable.Function, _ call: Onnx_NodeProto, _ node: ONNXNode, _ scope: Scope
  ) throws {
    let function = callee.proto
    guard scope.calls < Self.deepestCall else {
      throw node.unsupported("functions call each other more than \(Self.deepestCall) deep")
    }
    guard call.input.count <= function.input.count, call.output.count <= function.output.count else {
      throw node.unsupported(
        "it gives \(call.input.count) operands and wants \(call.output.count) results of a function of "
          + "\(function.input.count) and \(function.output.count)")
    }
    var inner = Scope()
    inner.prefix = node.prefix
    inner.calls = scope.calls + 1
    inner.opset =
      function.opsetImport.first { $0.domain.isEmpty || $0.domain == "ai.onnx" }.map {
        Int(clamping: $0.version)
      } ?? scope.opset
    for name in function.node.flatMap(\.output) where !name.isEmpty {
      inner.renamed[name] = inner.prefix + name
    }
    for (place, name) in function.input.enumerated() where !name.isEmpty {
      inner.renamed[name] = place < call.input.count ? call.input[place] : ""
    }
    let attributes = Dictionary(
      (call.attribute + function.attributeProto).map { ($0.name, $0) }
    ) { first, _ in first }
    try count(node, callee.nodeCount)
    for (index, part) in function.node.enumerated() {
      try add(part.replacingReferences(by: attributes), at: index, inner)
    }
    for (name, result) in zip(call.output, function.output) where !name.isEmpty {
      try alias(name, of: inner.graphName(result), for: node)
    }
  }

  private static var deepestCall: Int { 32 }
}

extension Onnx_NodeProto {
  /// This node and those of its bodies.
  fileprivate var count: Int {
    attribute.reduce(1) { $0 + $1.g.node.reduce(0) { $0 + $1.count } }
  }

  /// The node with attributes that refer to those of a function given their values; left out where there is none.
  fileprivate func replacingReferences(by values: [String: Onnx_AttributeProto]) -> Onnx_NodeProto {
    var node = self
    node.attribute = attribute.compactMap { attribute in
      var result = attribute
      if !attribute.refAttrName.isEmpty {
        guard let value = values[attribute.refAttrName] else { return nil }
        result = value
        result.name = attribute.name
      }
      if result.hasG { result.g.node = result.g.node.map { $0.replacingReferences(by: values) } }
      return result
    }
    return node
  }
}
