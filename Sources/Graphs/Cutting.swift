package import Tensors

/// Cuts a network in two at some of its tensors: what makes them, and what follows from them.
extension Graph {
  /// The part that makes `tensors`, which become its outputs.
  ///
  /// - Throws: `GraphError.unknownTensor`.
  package func making(_ tensors: [TensorName]) throws(GraphError) -> Graph {
    for name in tensors { try tensor(named: name) }
    let kept = try pruned(to: Set(tensors), outputs: tensors)
    return try Graph(
      name: name, inputs: inputs, nodes: kept.nodes, constants: kept.constants, outputs: tensors,
      resolver: rereading { graph, _ in try graph.making(tensors) })
  }

  /// The part that follows from `tensors`, which become its inputs.
  ///
  /// - Parameter inputShapes: the shapes of this graph's own inputs for given shapes of `tensors`: what a graph that hangs
  ///   on the shapes of its inputs is read again for.
  /// - Throws: `GraphError.unknownTensor`, `.notSeparated` where the outputs need more than `tensors`.
  package func following(
    from tensors: [GraphInput],
    inputShapes: @escaping @Sendable ([TensorName: Shape]) throws -> [TensorName: Shape]
  ) throws(GraphError) -> Graph {
    for input in tensors { try tensor(named: input.name) }
    let given = Set(tensors.map(\.name))
    var needed = Set(outputs)
    var left: [Node] = []
    for node in nodes.reversed()
    where node.outputs.contains(where: { needed.contains($0) && !given.contains($0) }) {
      needed.formUnion(node.inputs.filter { !$0.isEmpty })
      left.append(node)
    }
    if let other = inputs.first(where: { needed.contains($0.name) && !given.contains($0.name) }) {
      throw .notSeparated(tensors.map(\.name), from: other.name)
    }
    // A node that makes one of the tensors and something else that is needed would make the tensor again.
    left = left.map { node in
      Node(
        name: node.name, operation: node.operation, inputs: node.inputs,
        outputs: node.outputs.map { given.contains($0) ? "" : $0 })
    }
    var again: Resolver?
    if let resolver {
      again = { known in
        var own = known
        own.shapes = try known.shapes.map(inputShapes)
        return try resolver(own).following(from: tensors, inputShapes: inputShapes)
      }
    }
    return try Graph(
      name: name, inputs: tensors, nodes: left.reversed(),
      constants: constants.filter { needed.contains($0.key) && !given.contains($0.key) }, outputs: outputs,
      resolver: again)
  }

  /// This graph behind another one, whose outputs are this one's inputs.
  ///
  /// - Throws: `GraphError.missingInput` where an input is none of the outputs of `first`; `.malformed` where both call
  ///   different tensors by one name.
  package func preceded(by first: Graph) throws(GraphError) -> Graph {
    if let open = inputs.first(where: { !first.outputs.contains($0.name) }) {
      throw .missingInput(open.name)
    }
    var again: Resolver?
    if let resolver {
      again = { known in
        var own = known
        own.shapes = try known.shapes.map { shapes in
          let made = try first.shapes(for: shapes)
          return made.filter { shape in self.inputs.contains { $0.name == shape.key } }
        }
        return try resolver(own).preceded(by: first)
      }
    }
    return try Graph(
      name: name, inputs: first.inputs, nodes: first.nodes + nodes,
      constants: constants.merging(first.constants) { own, _ in own }, outputs: outputs, resolver: again)
  }
}
