import SwiftProtobuf
import Tensors

/// What the bodies of nodes and functions need to be copied in.
extension Reading {
  /// The value of `name`, if it is a constant by now.
  func constant(_ name: TensorName) -> Tensor? { known.constants.tensors[name] }

  /// Reads a body; what its results are called in the graph.
  mutating func add(_ body: Onnx_GraphProto, _ scope: Scope, for node: ONNXNode) throws -> [TensorName] {
    try count(node)
    for tensor in body.initializer where !tensor.name.isEmpty {
      let name = scope.graphName(tensor.name)
      let value = try ConstantTable.Value(tensor, named: name, folder: reader.folder)
      try account(for: value, scope, node)
      try add(constant: value, named: name)
    }
    for (index, inner) in body.node.enumerated() {
      try count(node)
      try add(inner, at: index, scope)
    }
    return body.output.map { scope.graphName($0.name) }
  }

  /// Gives `source` another name.
  mutating func alias(_ name: TensorName, of source: TensorName, for node: ONNXNode) throws {
    if let list = known.sequences[source] { return known.sequences[name] = list }
    if let value = known.constants.value(source) { return try add(constant: value, named: name) }
    try append(
      Node(name: name, operation: Reshaping(.identity), inputs: [source], outputs: [name]), from: node)
  }

  /// Constants of the file let more be computed; those of a body are copied for each of its turns.
  mutating func account(for value: ConstantTable.Value, _ scope: Scope, _ node: ONNXNode) throws {
    elementsLeft += scope.prefix.isEmpty ? 2 * value.tensor.count : -value.tensor.count
    guard elementsLeft >= 0 else {
      throw node.unsupported("the constants of its bodies, all turns counted, would fill the memory")
    }
  }

  mutating func count(_ node: ONNXNode, _ nodes: Int = 1) throws {
    copied += nodes
    try checkRoom(for: 0, of: node)
  }

  /// Refuses a loop as soon as it is known that its turns will come to too many nodes.
  func checkRoom(for nodes: Int, of node: ONNXNode) throws {
    guard nodes <= Self.mostCopied - copied else {
      throw node.unsupported("the bodies come to more than \(Self.mostCopied) nodes; export a shorter loop")
    }
  }

  /// The most nodes that bodies may come to, all turns counted.
  private static var mostCopied: Int { 40_000 }
}
