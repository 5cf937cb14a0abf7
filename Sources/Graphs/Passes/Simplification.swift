import Tensors

extension Graph {
  /// The same function with less work: identities bypassed, functions recognized that were written as several nodes,
  /// batch normalizations folded into the layers before them, dead nodes dropped. Tensors named in `kept`, and the
  /// outputs, stay as they are.
  public func simplified(keeping kept: [TensorName] = []) throws(GraphError) -> Graph {
    try simplified(keeping: kept, sharing: ConstantPacker())
  }

  /// - Parameter constants: made once for all graphs that share them.
  func simplified(keeping kept: [TensorName], sharing constants: ConstantPacker) throws(GraphError) -> Graph {
    let kept = Set(kept).union(outputs)
    return try bypassingIdentities(keeping: kept).recognizingFunctions(keeping: kept)
      .foldingBatchNormalization(keeping: kept, sharing: constants).pruned(to: kept)
  }

  /// Without `Identity` and `Dropout`, whose readers then read the operand.
  func bypassingIdentities(keeping kept: Set<TensorName>) throws(GraphError) -> Graph {
    var renamed: [TensorName: TensorName] = [:]
    var left: [Node] = []
    for node in nodes {
      let inputs = node.inputs.map { renamed[$0] ?? $0 }
      if node.isIdentity, !kept.contains(node.outputs[0]) {
        renamed[node.outputs[0]] = inputs[0]
      } else {
        left.append(Node(name: node.name, operation: node.operation, inputs: inputs, outputs: node.outputs))
      }
    }
    return try Graph(name: name, inputs: inputs, nodes: left, constants: constants, outputs: outputs)
  }

  /// Only what is needed to compute `wanted`.
  ///
  /// - Parameter outputs: of the new graph, among `wanted`; nil for those of this one.
  func pruned(to wanted: Set<TensorName>, outputs: [TensorName]? = nil) throws(GraphError) -> Graph {
    var needed = wanted
    var left: [Node] = []
    for node in nodes.reversed() where node.outputs.contains(where: needed.contains) {
      needed.formUnion(node.inputs.filter { !$0.isEmpty })
      left.append(node)
    }
    return try Graph(
      name: name, inputs: inputs, nodes: left.reversed(),
      constants: constants.filter { needed.contains($0.key) },
      outputs: outputs ?? self.outputs)
  }
}

extension Node {
  /// Whether the node hands on its operand: a dropout does unless it has a seed.
  fileprivate var isIdentity: Bool {
    if operation is Dropout { return operand(1) == nil }
    return (operation as? Reshaping)?.form == .identity
  }
}
