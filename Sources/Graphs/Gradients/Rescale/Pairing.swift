extension Graph {
  /// The name of what `tensor` is where the inputs are a baseline, in a paired graph.
  public static func baselineName(_ tensor: TensorName) -> TensorName { "\(tensor) at the baseline" }

  /// This graph, and beside it a copy of all its nodes that reads other inputs: the same function twice, at an input and
  /// at a baseline. Constants are shared; inputs and tensors of the copy are called `baselineName(_:)`.
  func paired() throws(GraphError) -> Graph {
    func twin(_ name: TensorName) -> TensorName {
      name.isEmpty || constants[name] != nil ? name : Graph.baselineName(name)
    }
    let twins = nodes.map { node in
      Node(
        name: twin(node.name), operation: node.operation, inputs: node.inputs.map(twin),
        outputs: node.outputs.map(twin))
    }
    return try Graph(
      name: name,
      inputs: inputs + inputs.map { GraphInput(name: twin($0.name), dimensions: $0.dimensions) },
      nodes: nodes + twins, constants: constants, outputs: outputs)
  }
}
