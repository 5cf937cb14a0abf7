import SwiftProtobuf
import Tensors

/// Control flow whose course is known while the file is read: the body of a branch taken, and of each turn of a loop, is
/// copied in under names of its own. What depends on the network's numbers cannot be unrolled; the error names the node.
extension Reading {
  /// ONNX `If`: the branch that the condition chooses.
  mutating func addIf(_ node: ONNXNode, _ scope: Scope) throws {
    guard let condition = try node.scalar(0) else { throw node.unsupported("it has no condition") }
    let branch = condition != 0 ? "then" : "else"
    guard let body = node.graph("\(branch)_branch"), body.output.count >= node.outputs.count else {
      throw node.unsupported("its \(branch)_branch does not make \(node.outputs.count) results")
    }
    let inner = scope.entering(body, as: "\(node.prefix)\(branch)/")
    let results = try add(body, inner, for: node)
    for (name, result) in zip(node.outputs, results) where !name.isEmpty {
      try alias(name, of: result, for: node)
    }
  }

  /// ONNX `Loop`: a turn takes its number, whether the loop goes on, and the values carried from turn to turn; it gives
  /// whether the loop goes on, the values carried on, and one row of each tensor collected over all turns.
  mutating func addLoop(_ node: ONNXNode, _ scope: Scope) throws {
    guard let body = node.graph("body") else { throw node.unsupported("it has no body") }
    var carried = Array(node.inputs.dropFirst(2))
    let count = carried.count
    guard body.input.count == count + 2, body.output.count > count,
      body.output.count > node.outputs.count
    else {
      throw node.unsupported(
        "its body takes \(body.input.count) values and gives \(body.output.count), with \(count) carried")
    }
    let turns = try node.integers(0).map { $0.first ?? 0 } ?? .max
    var goesOn = try node.scalar(1).map { $0 != 0 } ?? true
    var rows = [[TensorName]](repeating: [], count: body.output.count - 1 - count)
    var turn = 0
    while goesOn, turn < turns {
      var inner = scope.entering(body, as: "\(node.prefix)\(turn)/")
      for (input, value) in zip(body.input.dropFirst(2), carried) { inner.renamed[input.name] = value }
      for (input, value) in zip(body.input, [turn, 1]) {
        let name = inner.prefix + input.name
        inner.renamed[input.name] = name
        try add(constant: .init([value], []), named: name)
      }
      let results = try add(body, inner, for: node)
      guard let next = constant(results[0])?.values.first else {
        throw node.notConstant("whether turn \(turn + 1) is made ('\(body.output[0].name)')")
      }
      goesOn = next != 0
      if turn == 0, goesOn, body.conditionIsSteady {
        let (all, overflows) = (turns - 1).multipliedReportingOverflow(by: body.node.count + 1)
        try checkRoom(for: overflows ? .max : all, of: node)
      }
      carried = Array(results[1...count])
      for (place, row) in results[(count + 1)...].enumerated() { rows[place].append(row) }
      turn += 1
    }
    for (place, name) in node.outputs.enumerated() where !name.isEmpty {
      if place < count {
        try alias(name, of: carried[place], for: node)
      } else {
        try collect(rows[place - count], as: name, of: body.output[place + 1], for: node)
      }
    }
  }

  /// The rows of all turns, one below the other. Without a turn, the shape is the one that the body declares for a row;
  /// an extent that it leaves open is 0, as in ONNX Runtime.
  mutating func collect(
    _ rows: [TensorName], as name: TensorName, of declared: Onnx_ValueInfoProto, axis: Int = 0,
    for node: ONNXNode
  ) throws {
    guard !rows.isEmpty else {
      let type = declared.type.tensorType
      let extents = type.shape.dim.map { Int(clamping: max(0, $0.dimValue)) }
      let isInteger = holdsWholeNumbers(Int(type.elemType))
      guard let shape = try? Shape(checking: [0] + extents), shape.sizeFlaw == nil else {
        throw node.unsupported("it makes no turn, and a row of '\(name)' would have shape \(extents)")
      }
      return try add(constant: .init(tensor: Tensor(shape), isInteger: isInteger), named: name)
    }
    let lifted = try rows.enumerated().map { turn, row in
      let lifted = "\(name)/row \(turn)"
      try add("Unsqueeze", [row], lifted, ["axes": .with { $0.ints = [Int64(axis)] }])
      return lifted
    }
    try add("Concat", lifted, name, ["axis": .with { $0.i = Int64(axis) }])
  }

  /// Adds a node that is not in the file, its tensors called as in the graph.
  mutating func add(
    _ kind: String, _ inputs: [TensorName], _ output: TensorName,
    _ attributes: [String: Onnx_AttributeProto]
  ) throws {
    var proto = Onnx_NodeProto()
    proto.opType = kind
    proto.input = inputs
    proto.output = [output]
    proto.attribute = attributes.map { name, attribute in
      var attribute = attribute
      attribute.name = name
      return attribute
    }
    try add(proto, at: 0, Scope())
  }
}

extension ONNXNode {
  /// In front of the names of this node's bodies: its first result, which no other node makes.
  var prefix: String { "\(outputs.first { !$0.isEmpty } ?? name)/" }
}

extension Onnx_GraphProto {
  /// Whether a loop with this body decides alike on every turn: its condition follows neither from the number of the turn
  /// nor from what is carried.
  var conditionIsSteady: Bool {
    guard let condition = output.first?.name else { return false }
    var needed: Set<TensorName> = [condition]
    for node in node.reversed() where node.output.contains(where: needed.contains) {
      needed.formUnion(node.input)
      for attribute in node.attribute { needed.formUnion(attribute.g.captures) }
    }
    let varying = input.prefix(1) + input.dropFirst(2)
    return varying.allSatisfy { !needed.contains($0.name) }
  }

  /// The names that the nodes and weights of this body define.
  var definitions: [TensorName] {
    initializer.map(\.name) + node.flatMap(\.output).filter { !$0.isEmpty }
  }

  /// The names that this body reads and does not define, bodies within it included.
  var captures: [TensorName] {
    let own = Set(definitions + input.map(\.name))
    var found: Set<TensorName> = []
    for node in node {
      found.formUnion(node.input)
      for attribute in node.attribute { found.formUnion(attribute.g.captures) }
    }
    found.formUnion(output.map(\.name))
    return found.subtracting(own).filter { !$0.isEmpty }.sorted()
  }
}
