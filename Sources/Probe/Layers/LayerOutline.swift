package import Graphs

/// The layers of a network that are worth looking at: what each convolution, product with weights, recurrence and attention
/// makes, behind the bias, the normalization, the residual sum and the activation that belong to it.
///
/// Spelled-out functions (a GELU of five nodes) count as the activation they are.
package struct LayerOutline: Sendable {
  package struct Layer: Sendable, Hashable {
    /// What it makes, in the names of the file.
    package let tensor: TensorName
    package let kind: Kind
    /// What the node makes that it begins with.
    package let origin: TensorName

    package init(tensor: TensorName, kind: Kind, origin: TensorName? = nil) {
      (self.tensor, self.kind, self.origin) = (tensor, kind, origin ?? tensor)
    }
  }

  package enum Kind: String, Sendable, Hashable, Codable {
    case convolution, dense, recurrence
    /// Of a head, query by key: a softmax whose last two axes are alike.
    case attention
    /// A tensor that the outline does not list.
    case other
  }

  /// In the order in which they are computed.
  package let layers: [Layer]

  /// - Parameter last: what is explained; layers that it does not depend on are left out.
  package init(_ network: Network, upTo last: TensorName) throws {
    let graph = try network.graph.recognizingFunctions(keeping: [last])
    var needed: Set<TensorName> = [last]
    for node in graph.nodes.reversed() where node.outputs.contains(where: needed.contains) {
      needed.formUnion(node.inputs)
    }
    var consumers: [TensorName: [Node]] = [:]
    for node in graph.nodes where node.outputs.contains(where: needed.contains) {
      for input in Set(node.inputs) { consumers[input, default: []].append(node) }
    }
    var (found, layers) = (Set<TensorName>(), [Layer]())
    for node in graph.nodes where node.outputs.contains(where: needed.contains) {
      guard let kind = Self.kind(of: node, in: graph), let output = node.outputs.first, !output.isEmpty else {
        continue
      }
      let tensor = kind == .attention ? output : Self.end(of: output, upTo: last, graph, consumers)
      if found.insert(tensor).inserted { layers.append(Layer(tensor: tensor, kind: kind, origin: output)) }
    }
    self.layers = layers
  }

  private static func kind(of node: Node, in graph: Graph) -> Kind? {
    switch node.kind {
    case "Conv", "ConvTranspose": return .convolution
    case "Gemm", "MatMul":
      // Products of two computed tensors are attention's own; what they make is seen in its softmax and behind it.
      return node.inputs.contains { graph.constants[$0] != nil } ? .dense : nil
    case "LSTM", "GRU", "RNN": return .recurrence
    case "Softmax": return node.inputs.first.flatMap { attends($0, in: graph) } ?? false ? .attention : nil
    default: return nil
    }
  }

  /// Whether a softmax's argument comes from a product of two computed tensors, through scaling and masking.
  private static func attends(_ tensor: TensorName, in graph: Graph) -> Bool? {
    var tensor = tensor
    for _ in 0..<6 {
      guard let node = graph.producer(of: tensor) else { return false }
      let computed = node.inputs.filter { !$0.isEmpty && graph.constants[$0] == nil }
      if node.kind == "MatMul" { return computed.count == 2 }
      guard passedThrough.contains(node.kind), let first = computed.first else { return false }
      tensor = first
    }
    return false
  }

  private static let passedThrough: Set = ["Mul", "Div", "Add", "Where", "Identity", "Cast", "Reshape"]

  /// The last tensor of the layer that begins with `tensor`: as long as one node alone goes on with it, and belongs to it.
  private static func end(
    of tensor: TensorName, upTo last: TensorName, _ graph: Graph, _ consumers: [TensorName: [Node]]
  ) -> TensorName {
    var tensor = tensor
    while tensor != last, let readers = consumers[tensor], readers.count == 1,
      completing.contains(readers[0].kind) || readers[0].operation is Activation,
      let next = readers[0].outputs.first
    {
      tensor = next
    }
    return tensor
  }

  private static let completing: Set = ["BatchNormalization", "Add", "Identity", "Dropout", "Clip"]
}
