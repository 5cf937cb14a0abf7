public import Tensors

/// A network as it is in training: its weights are inputs, so that a program need not be compiled anew when they
/// change; batch normalizations that are learnt take the statistics of the batch; dropouts drop.
///
/// The gradient with respect to its parameters is `graph.gradient(of: score, withRespectTo: parameters)`.
public struct TrainingGraph: Sendable {
  public let graph: Graph
  /// The weights to learn.
  public let parameters: [TensorName]
  /// Running averages that are not learnt but kept: the input that takes each, and the output with its next value.
  public let averages: [(current: TensorName, next: TensorName)]
  /// The input that takes the seed of the dropouts, one number of shape `[]`; nil if there are none.
  public let seed: TensorName?
  /// What parameters and averages are in the file.
  public let initialValues: [TensorName: Tensor]
}

extension Graph {
  /// This network as it is in training.
  ///
  /// - Parameters:
  ///   - parameters: the constants to learn; nil takes the weights of all layers (`defaultParameters`). Batch
  ///     normalizations none of whose weights are among them stay as they are at inference.
  ///   - momentum: how much of a running average stays at each step (ONNX's momentum; PyTorch's is `1 − momentum`).
  ///     The variance that is averaged is the population's, as in ONNX.
  /// - Throws: `GraphError.unresolved` for a graph that depends on its inputs' shapes: resolve it first.
  public func training(parameters: [TensorName]? = nil, momentum: Float = 0.9) throws(GraphError)
    -> TrainingGraph
  {
    guard !dependsOnShapes else { throw .unresolved("a graph must be resolved before it is trained") }
    let learnt = parameters ?? defaultParameters
    let isLearnt = Set(learnt)
    let seed = nodes.contains { $0.operation is Dropout } ? "seed of the dropouts" : nil
    var next: [TensorName: TensorName] = [:]
    var averages: [TensorName] = []
    var trained: [Node] = []
    for (index, node) in nodes.enumerated() {
      var (operation, inputs, outputs) = (node.operation, node.inputs, node.outputs)
      if var normalization = operation as? BatchNormalization,
        inputs[1...2].contains(where: isLearnt.contains)
      {
        normalization.momentum = momentum
        operation = normalization
        outputs = [node.outputs[0], "", ""]
        for place in 1...2 where constants[inputs[place + 2]] != nil {
          let average = inputs[place + 2]
          // Layers that share an average take turns.
          inputs[place + 2] = next[average] ?? average
          outputs[place] = "next(\(inputs[place + 2]))"
          if next.updateValue(outputs[place], forKey: average) == nil { averages.append(average) }
        }
      } else if var dropout = operation as? Dropout, let seed {
        dropout.stream = UInt64(index)
        operation = dropout
        inputs = [inputs[0], seed]
      }
      trained.append(Node(name: node.name, operation: operation, inputs: inputs, outputs: outputs))
    }
    let pairs = averages.map { (current: $0, next: next[$0] ?? $0) }
    let graph = try Graph(
      name: name, inputs: inputs + (seed.map { [GraphInput(name: $0, dimensions: [])] } ?? []),
      nodes: trained,
      constants: constants, outputs: outputs + pairs.map(\.next))
    let promoted = learnt + averages.filter { !learnt.contains($0) }
    return TrainingGraph(
      graph: try graph.promotingConstants(promoted), parameters: learnt, averages: pairs, seed: seed,
      initialValues: constants.filter { promoted.contains($0.key) })
  }

  /// The constants that layers of weights read as such: kernels, matrices, biases, scales; not the statistics of batch
  /// normalizations, nor numbers that a network calculates with.
  public var defaultParameters: [TensorName] {
    var found: Set<TensorName> = []
    let products = Set(nodes.filter { $0.kind == "MatMul" }.flatMap(\.outputs))
    return nodes.flatMap { node in
      // What is added to a product is its bias.
      let isBias = node.kind == "Add" && node.inputs.contains(where: products.contains)
      return (isBias ? [0, 1] : Self.weightOperands[node.kind] ?? []).compactMap { node.operand($0) }
    }.filter { constants[$0] != nil && found.insert($0).inserted }
  }

  /// Which operands of which layers are weights.
  private static let weightOperands: [String: [Int]] = [
    "Conv": [1, 2], "ConvTranspose": [1, 2], "Gemm": [1, 2], "MatMul": [0, 1], "PRelu": [1], "Gather": [0],
    "BatchNormalization": [1, 2], "InstanceNormalization": [1, 2], "GroupNormalization": [1, 2],
    "LayerNormalization": [1, 2], "RNN": [1, 2, 3], "GRU": [1, 2, 3], "LSTM": [1, 2, 3, 7],
  ]

  /// This graph with the constants `names` as inputs.
  public func promotingConstants(_ names: [TensorName]) throws(GraphError) -> Graph {
    var promoted = inputs
    for name in names {
      guard let constant = constants[name] else {
        throw .unknownTensor(name, nearest: nearest(to: name, among: constants.keys))
      }
      promoted.append(GraphInput(name: name, dimensions: constant.shape.dimensions.map { .fixed($0) }))
    }
    return try Graph(
      name: name, inputs: promoted, nodes: nodes, constants: constants.filter { !names.contains($0.key) },
      outputs: outputs, resolver: promotingResolver(names))
  }
}
