import SwiftProtobuf
import Tensors

/// A file halfway read.
struct Reading {
  let reader: GraphReader
  let known: KnownTensors
  private var nodes: [Node] = []
  /// What the nodes make.
  private var made: Set<TensorName> = []
  /// Operators that are not known, each with the nodes that use it.
  private var missing: [(kind: String, nodes: [String])] = []
  /// False if a node is left that waits for the shapes of the inputs.
  private var isComplete = true
  /// Whether nothing may be left for later: the shapes of all inputs are known, and no value of theirs can become known.
  let isFinal: Bool
  /// How many more elements may be made while reading, by computing or from a description.
  var elementsLeft: Int
  /// How many nodes of bodies and turns of loops have been copied in.
  var copied = 0

  init(_ reader: GraphReader, shapes: [TensorName: Shape]?) {
    self.reader = reader
    known = KnownTensors(constants: reader.constants, integers: reader.integerInputs)
    var inputs = shapes ?? [:]
    for input in reader.inputs where shapes == nil {
      // Without symbols, a shape is known at once.
      let extents = input.dimensions?.compactMap { dimension in
        if case .fixed(let extent) = dimension { extent } else { nil }
      }
      if let extents, extents.count == input.dimensions?.count { inputs[input.name] = Shape(extents) }
    }
    isFinal = inputs.count == reader.inputs.count && (shapes != nil || reader.integerInputs.isEmpty)
    elementsLeft = Self.mostElements + 2 * reader.constants.tensors.values.reduce(0) { $0 + $1.count }
    known.shapes.merge(inputs) { _, input in input }
  }

  /// The graph of what has been read; `again` reads the file for inputs of given shapes.
  func graph(_ again: @escaping Graph.Resolver) throws -> Graph {
    guard missing.isEmpty else { throw ONNXError.missingOperators(path: reader.path, missing) }
    return try Graph(
      name: reader.path, inputs: reader.inputs, nodes: nodes, constants: known.constants.tensors,
      outputs: reader.file.output.map(\.name), resolver: isComplete ? nil : again)
  }

  /// What `add` reads by itself.
  static let builtInOperators =
    ["Constant", "If", "Loop", "Scan", "Shape", "Size"] + sequenceOperators

  /// Reads one node of the file, or of the body of another node.
  mutating func add(_ proto: Onnx_NodeProto, at index: Int, _ scope: Scope) throws {
    var proto = proto
    let name =
      scope.prefix + (proto.name.isEmpty ? proto.output.first ?? "\(proto.opType) \(index)" : proto.name)
    proto.input = proto.input.map(scope.graphName)
    proto.output = proto.output.map(scope.graphName)
    let node = ONNXNode(proto, name: name, opset: scope.opset ?? reader.opset, known: known)
    guard proto.output.contains(where: { !$0.isEmpty }) else { throw node.unsupported("it makes nothing") }
    if let function = reader.functions[proto] { return try addCall(of: function, proto, node, scope) }
    let domain = proto.domain == "ai.onnx" ? "" : proto.domain
    guard domain.isEmpty || domain == Self.runtimeDomain else {
      return miss("\(domain).\(proto.opType)", name)
    }
    let isOwn = domain.isEmpty
    if let text = proto.input.first(where: known.texts.contains) {
      throw node.unsupported("operand '\(text)' is text, which no network here reads")
    }
    let before = nodes.count
    do throws {
      switch isOwn ? proto.opType : "" {
      case "Constant" where node.has("value_string") || node.has("value_strings"):
        known.texts.insert(proto.output[0])
      case "Constant":
        let value = try ConstantTable.value(of: node, folder: reader.folder)
        try account(for: value, scope, node)
        try add(constant: value, named: proto.output[0])
      case "Shape": try addShape(node)
      case "Size": try addSize(node)
      case "If": try addIf(node, scope)
      case "Loop": try addLoop(node, scope)
      case "Scan": try addScan(node, scope)
      case let kind where Self.sequenceOperators.contains(kind): try addSequence(node)
      case "Identity" where node.inputs.first.map({ known.sequences[$0] != nil }) ?? false:
        try addSequence(node)
      default: try addOperation(node, proto, isOwn ? proto.opType : "\(domain).\(proto.opType)", scope)
      }
    } catch ONNXError.notConstant(_, _, let reason) where !isFinal {
      made.subtract(nodes[before...].flatMap(\.outputs))
      nodes.removeSubrange(before...)
      postpone(node, proto, scope, reason: reason)
    }
  }

  /// ONNX Runtime's own operators.
  static let runtimeDomain = "com.microsoft"

  /// - Parameter key: the operator's name in the tables, its domain in front.
  private mutating func addOperation(
    _ node: ONNXNode, _ proto: Onnx_NodeProto, _ key: String, _ scope: Scope
  ) throws {
    if let list = node.inputs.first(where: { known.sequences[$0] != nil }) {
      throw node.unsupported("operand '\(list)' is a list of tensors")
    }
    if let read = operatorReaders[key] {
      let (operation, inputs) = try read(node)
      // Results that nobody can use (a dropout's mask, a training statistic) are not made.
      let outputs = Array(proto.output.prefix(operation.resultCount))
      guard outputs.contains(where: { !$0.isEmpty }) else { throw node.unsupported("it makes nothing") }
      try append(Node(name: node.name, operation: operation, inputs: inputs, outputs: outputs), from: node)
    } else if let compose = compositeReaders[key] {
      var composer = Composer(node: node, room: elementsLeft)
      try compose(node, &composer)
      for (name, tensor, isInteger) in composer.constants {
        elementsLeft -= tensor.count
        try add(constant: .init(tensor: tensor, isInteger: isInteger), named: name)
      }
      for part in composer.nodes { try append(part, from: node) }
    } else if let expand = rewriters[key] {
      var rewriting = Rewriting(proto, name: node.name)
      try expand(node, &rewriting)
      for part in rewriting.nodes { try add(part, at: 0, Scope(opset: scope.opset)) }
    } else {
      miss(key, node.name)
    }
  }

  /// Adds a node, or its value if it has constant operands only.
  mutating func append(_ node: Node, from source: ONNXNode) throws {
    let isInteger = makesIntegers(node, source)
    if node.inputs.allSatisfy({ $0.isEmpty || known.constants.contains($0) }),
      let results = try computed(node, source)
    {
      for (name, result) in zip(node.outputs, results) where !name.isEmpty {
        try add(constant: .init(tensor: result, isInteger: isInteger), named: name)
      }
      return
    }
    keep(node)
    if isInteger { known.integers.formUnion(node.outputs) }
    if node.kind == "TopK" { known.integers.formUnion(node.outputs.dropFirst()) }
    let operands = node.inputs.map { known.shapes[$0] }
    guard zip(node.inputs, operands).allSatisfy({ $0.isEmpty || $1 != nil }) else { return }
    do throws(ShapeMismatch) {
      for (name, shape) in zip(node.outputs, try node.operation.outputShapes(operands))
      where !name.isEmpty {
        if let flaw = shape.sizeFlaw { throw ShapeMismatch("its result of shape \(shape) \(flaw)") }
        known.shapes[name] = shape
      }
    } catch {
      throw ONNXError.unsupported(node: node.name, kind: node.kind, reason: error.reason)
    }
  }

  /// Whether the results of `node` are whole numbers or truth values.
  private func makesIntegers(_ node: Node, _ source: ONNXNode) -> Bool {
    if let told = source.resultsAreIntegers { return told }
    return node.inputs.first.map(known.isInteger) ?? false
  }

  /// The results of a node with constant operands; nil where they are too large to keep.
  private mutating func computed(_ node: Node, _ source: ONNXNode) throws -> [Tensor]? {
    let operands = Dictionary(
      node.inputs.filter { !$0.isEmpty }.compactMap { name in known.constants.tensors[name].map { (name, $0) }
      }
    ) { first, _ in first }
    do {
      let shapes = try node.operation.outputShapes(node.inputs.map { operands[$0]?.shape })
      for shape in shapes {
        if let flaw = shape.sizeFlaw { throw ShapeMismatch("its result of shape \(shape) \(flaw)") }
      }
      // Besides the results themselves, computing takes an arena, and some operations tables as large.
      let elements = shapes.reduce(0) { $0 + $1.count }
      let work = node.operation.multiplyAccumulates(
        inputs: node.inputs.map { operands[$0]?.shape }, outputs: shapes)
      guard elements <= elementsLeft / 2, work <= Self.mostWork else { return nil }
      elementsLeft -= elements
      try node.checkEmpty(node.inputs.map { operands[$0]?.shape }, shapes)
      // Results of no elements (an empty list of axes) need no kernel.
      if shapes.allSatisfy({ $0.count == 0 }) { return shapes.map { Tensor($0) } }
      let wanted = node.outputs.filter { !$0.isEmpty }
      let graph = try Graph(name: node.name, inputs: [], nodes: [node], constants: operands, outputs: wanted)
      var results = try Program(graph, inputShapes: [:], wanted: wanted, threads: 1).run([:])[...]
      return node.outputs.map { $0.isEmpty ? Tensor([0]) : results.removeFirst() }
    } catch {
      throw ONNXError.unsupported(
        node: node.name, kind: node.kind,
        reason: (error as? ShapeMismatch)?.reason ?? (error as? GraphError)?.reason(at: node.name)
          ?? "\(error)")
    }
  }

  /// Elements that may be made while reading, apart from twice as many as the file holds: a hostile file of a few
  /// bytes must not fill the memory. What is beyond stays in the graph and is computed when it runs.
  private static let mostElements = 1 << 22
  /// Multiplications for one result; more would keep the reader waiting.
  private static let mostWork = 1 << 30

  mutating func add(constant value: ConstantTable.Value, named name: TensorName) throws {
    try known.constants.add(value, named: name)
    known.shapes[name] = value.tensor.shape
  }

  private mutating func addShape(_ node: ONNXNode) throws {
    let shape = try node.knownShape(0)
    let (start, end) = (node.integer("start", default: 0), node.optionalInteger("end") ?? shape.rank)
    func place(_ axis: Int) -> Int { min(max(axis < 0 ? axis + shape.rank : axis, 0), shape.rank) }
    let extents = shape.dimensions[place(start)..<max(place(start), place(end))].map { Float($0) }
    try add(
      constant: .init(tensor: Tensor([extents.count], extents), isInteger: true), named: node.outputs[0])
  }

  private mutating func addSize(_ node: ONNXNode) throws {
    let count = Float(try node.knownShape(0).count)
    try add(constant: .init(tensor: Tensor([], [count]), isInteger: true), named: node.outputs[0])
  }

  private mutating func postpone(
    _ node: ONNXNode, _ proto: Onnx_NodeProto, _ scope: Scope, reason: String
  ) {
    isComplete = false
    // A body also reads tensors around it.
    var captured = proto.attribute.flatMap(\.g.captures).map(scope.graphName)
    if !captured.isEmpty {
      let inputs = Set(reader.inputs.map(\.name))
      captured.removeAll { !made.contains($0) && !inputs.contains($0) && !known.constants.contains($0) }
    }
    keep(
      Node(
        name: node.name,
        operation: Unresolved(kind: node.kind, reason: reason, resultCount: node.outputs.count),
        inputs: node.inputs.filter { !$0.isEmpty }.flatMap { known.sequences[$0] ?? [$0] } + captured,
        outputs: node.outputs))
  }

  private mutating func keep(_ node: Node) {
    nodes.append(node)
    made.formUnion(node.outputs)
  }

  private mutating func miss(_ kind: String, _ name: String) {
    if let place = missing.firstIndex(where: { $0.kind == kind }) {
      missing[place].nodes.append(name)
    } else {
      missing.append((kind, [name]))
    }
  }
}
