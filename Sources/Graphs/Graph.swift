public import Tensors

/// The name of a tensor in a graph: the ONNX name where the graph came from a file.
public typealias TensorName = String

/// A network as data: nodes in topological order over named tensors.
///
/// An immutable value. Passes and `gradient(of:withRespectTo:rule:)` return new graphs; a `Program` is a graph
/// compiled for given input shapes.
public struct Graph: Sendable {
  /// What the graph is called in its file, for messages.
  public let name: String
  public let inputs: [GraphInput]
  public let nodes: [Node]
  /// Weights, by tensor name.
  public let constants: [TensorName: Tensor]
  public let outputs: [TensorName]
  /// Reads the graph again once more is known of the inputs; nil if it does not depend on them.
  let resolver: Resolver?

  package typealias Resolver = @Sendable (KnownInputs) throws -> Graph

  /// What is known of the inputs.
  package struct KnownInputs: Sendable {
    /// The shapes of all inputs; nil where they are open.
    package var shapes: [TensorName: Shape]?
    /// Inputs whose values are known and are inputs no more.
    package var values: [TensorName: Tensor] = [:]
  }

  /// A graph, checked: every tensor is defined once and before it is used.
  public init(
    name: String, inputs: [GraphInput], nodes: [Node], constants: [TensorName: Tensor], outputs: [TensorName]
  ) throws(GraphError) {
    try self.init(
      name: name, inputs: inputs, nodes: nodes, constants: constants, outputs: outputs, resolver: nil)
  }

  package init(
    name: String, inputs: [GraphInput], nodes: [Node], constants: [TensorName: Tensor], outputs: [TensorName],
    resolver: Resolver?
  ) throws(GraphError) {
    self.name = name
    self.inputs = inputs
    self.nodes = nodes
    self.constants = constants
    self.outputs = outputs
    self.resolver = resolver
    try verify()
  }

  /// Whether some nodes can only be told when the shapes of the inputs are: `resolved(for:)` tells them.
  public var dependsOnShapes: Bool { resolver != nil }

  /// The graph for inputs of these shapes: shape arithmetic computed, control flow unrolled.
  public func resolved(for inputShapes: [TensorName: Shape]) throws(GraphError) -> Graph {
    guard let resolver else { return self }
    var symbols: [String: Int] = [:]
    for input in inputs {
      guard let shape = inputShapes[input.name] else { throw .missingInput(input.name) }
      try input.check(shape, &symbols)
    }
    let own = inputShapes.filter { shape in inputs.contains { $0.name == shape.key } }
    do { return try resolver(KnownInputs(shapes: own)) } catch {
      throw (error as? GraphError) ?? .unresolved("\(error)")
    }
  }

  /// The same graph with other values for some of its constants; names that it does not have are passed over.
  func replacingConstants(by others: [TensorName: Tensor]) throws(GraphError) -> Graph {
    let known = others.filter { constants[$0.key] != nil }
    var again: Resolver?
    if let resolver { again = { known in try resolver(known).replacingConstants(by: others) } }
    return try Graph(
      name: name, inputs: inputs, nodes: nodes, constants: constants.merging(known) { _, new in new },
      outputs: outputs, resolver: again)
  }

  /// What reads this graph again, for inputs of given shapes or (nil) for open ones, and changes what it read; nil if it is
  /// never read again.
  func rereading(_ change: @escaping @Sendable (Graph, [TensorName: Shape]?) throws -> Graph) -> Resolver? {
    guard let resolver else { return nil }
    return { known in try change(resolver(known), known.shapes) }
  }

  /// What reads this graph again once the constants `names` are inputs.
  func promotingResolver(_ names: [TensorName]) -> Resolver? {
    guard let resolver else { return nil }
    return { known in
      var known = known
      known.shapes = known.shapes?.filter { !names.contains($0.key) }
      return try resolver(known).promotingConstants(names)
    }
  }

  /// The node that makes `tensor`; nil for inputs, constants and unknown names.
  public func producer(of tensor: TensorName) -> Node? { nodes.first { $0.outputs.contains(tensor) } }

  /// The nodes that read `tensor`.
  public func consumers(of tensor: TensorName) -> [Node] { nodes.filter { $0.inputs.contains(tensor) } }

  /// Every tensor that is computed: the inputs and what the nodes make, in order.
  public var tensors: [TensorName] { inputs.map(\.name) + nodes.flatMap(\.outputs) }

  /// `name`, if the graph computes or holds such a tensor; an error that suggests similar ones if it does not.
  @discardableResult
  public func tensor(named name: TensorName) throws(GraphError) -> TensorName {
    let known = tensors
    guard constants[name] != nil || known.contains(name) else {
      throw .unknownTensor(name, nearest: nearest(to: name, among: known))
    }
    return name
  }
}

/// One operation of a graph.
public struct Node: Sendable {
  public let name: String
  package let operation: any Operator
  /// Names of the operands; an empty name is an operand left out.
  public let inputs: [TensorName]
  public let outputs: [TensorName]

  package init(name: String, operation: any Operator, inputs: [TensorName], outputs: [TensorName]) {
    self.name = name
    self.operation = operation
    self.inputs = inputs
    self.outputs = outputs
  }

  /// The operation's ONNX name, `Conv` for example.
  public var kind: String { operation.kind }
}

/// A tensor that the caller provides.
public struct GraphInput: Sendable, Hashable {
  public let name: TensorName
  /// nil: the file does not say.
  public let dimensions: [Dimension]?
  /// Whether the file takes whole numbers or truth values there.
  public let isInteger: Bool

  public init(name: TensorName, dimensions: [Dimension]?, isInteger: Bool = false) {
    self.name = name
    self.dimensions = dimensions
    self.isInteger = isInteger
  }

  /// The shape with `batch` rows: every symbolic dimension in front is the batch, and there may be no others.
  public func shape(batch: Int) throws(GraphError) -> Shape {
    guard let dimensions else {
      throw .unknownInputShape(name, "the file declares none")
    }
    var extents: [Int] = []
    for (axis, dimension) in dimensions.enumerated() {
      switch dimension {
      case .fixed(let extent): extents.append(axis == 0 ? batch : extent)
      case .symbolic(let symbol):
        guard axis == 0 else { throw .unknownInputShape(name, "axis \(axis) is symbolic ('\(symbol)')") }
        extents.append(batch)
      }
    }
    return Shape(extents)
  }
}

/// The extent of one axis of an input.
public enum Dimension: Sendable, Hashable, CustomStringConvertible {
  case fixed(Int)
  /// Decided by whoever feeds the network; equal symbols mean equal extents.
  case symbolic(String)

  public var description: String {
    switch self {
    case .fixed(let extent): String(extent)
    case .symbolic(let symbol): symbol.isEmpty ? "?" : symbol
    }
  }
}

/// The names among `candidates` most like `name`, best first: for suggestions in messages.
public func nearest(to name: String, among candidates: some Sequence<String>, count: Int = 3) -> [String] {
  let wanted = Array(name.lowercased().utf8)
  let ranked = candidates.map { candidate -> (distance: Int, candidate: String) in
    let lower = Array(candidate.lowercased().utf8)
    let contained = !wanted.isEmpty && candidate.lowercased().contains(name.lowercased())
    return (contained ? 0 : editDistance(wanted, lower), candidate)
  }
  return ranked.sorted { ($0.distance, $0.candidate.utf8.count) < ($1.distance, $1.candidate.utf8.count) }
    .prefix(count).map(\.candidate)
}

/// Levenshtein's distance: insertions, deletions and replacements that lead from `a` to `b`.
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var row = Array(0...b.count)
  for (i, x) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, y) in b.enumerated() {
      let replaced = diagonal + (x == y ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
    }
  }
  return row[b.count]
}

extension Node {
  /// How many weights the node has of its own.
  public func parameterCount(in graph: Graph) -> Int {
    inputs.reduce(operation.parameterCount) { $0 + (graph.constants[$1]?.count ?? 0) }
  }

  /// Multiplications followed by an addition, for one evaluation at these shapes.
  public func multiplyAccumulates(_ shapes: [TensorName: Shape]) -> Int {
    operation.multiplyAccumulates(
      inputs: inputs.map { shapes[$0] }, outputs: outputs.compactMap { shapes[$0] })
  }
}
