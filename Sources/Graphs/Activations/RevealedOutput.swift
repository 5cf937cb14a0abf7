public import Tensors

/// An output whose values are known to be probabilities, with the activation that makes them and what that reads.
///
/// The activation need not be the last node. What stands behind it and changes neither values nor their order (reshapes,
/// casts, a clip to 0...1, a choice of classes) is put behind its operand as well, so that `logits` has the output's own
/// shape, and an index means the same class in both. A maximum over frames of a sigmoid is the sigmoid of the maximum; a
/// mean is not the sigmoid of anything that the graph has, and a softmax of a maximum is none either: then there are no
/// `logits`.
public struct RevealedOutput: Sendable {
  public enum Activation: String, Sendable, Hashable {
    /// Classes exclude each other.
    case softmax
    /// Classes can come together.
    case sigmoid
  }

  /// The graph, with `logits` among its tensors.
  public let graph: Graph
  public let output: TensorName
  public let activation: Activation
  /// Whether the output's values are logarithms of probabilities.
  public let isLogarithm: Bool
  /// What the activation reads, in the output's shape and order.
  public let logits: TensorName?
  /// The axis of the output that a softmax adds up over; nil where that is no single axis, and for sigmoids.
  public let classAxis: Int?
}

extension Network {
  /// The network with the logits of `output` among its tensors, and their name; `output` itself where no tensor is its logit.
  ///
  /// - Parameter shapes: of the inputs, the first axis the rows'.
  public func revealingLogits(of output: TensorName, at shapes: [TensorName: Shape]) throws -> (
    network: Network, logits: TensorName
  ) {
    guard let revealed = try stepGraph.revealing(output, at: fileShapes(at: shapes)),
      let logits = revealed.logits
    else { return (self, output) }
    let isKnown = graph.constants[logits] != nil || graph.tensors.contains(logits)
    return (try isKnown ? self : replacing(stepGraph: revealed.graph), logits)
  }
}

extension Graph {
  /// What makes the values of `output` probabilities; nil where the graph does not say that they are.
  ///
  /// - Parameter inputShapes: of one row, for example. Which axis is which hangs on them, the logits' name does not.
  /// - Throws: `GraphError` for an unknown tensor, or where the shapes do not fit.
  public func revealing(_ output: TensorName, at inputShapes: [TensorName: Shape]) throws(GraphError)
    -> RevealedOutput?
  {
    try tensor(named: output)
    let resolved = try resolved(for: inputShapes)
    let shapes = try resolved.shapes(for: inputShapes)
    guard let (nodes, finding) = resolved.activation(of: output, shapes) else { return nil }
    return RevealedOutput(
      graph: try nodes.isEmpty
        ? self
        : adding(
          nodes, making: finding.logits ?? output, from: output, at: inputShapes),
      output: output, activation: finding.activation, isLogarithm: finding.isLogarithm,
      logits: finding.logits, classAxis: finding.activation == .softmax ? finding.axis : nil)
  }

  /// The activation of `output`, and nodes that make its logits.
  private func activation(of output: TensorName, _ shapes: [TensorName: Shape]) -> (
    nodes: [Node], finding: ActivationFinder.Finding
  )? {
    var finder = ActivationFinder(self, shapes)
    guard var finding = finder.finding(of: output), !finding.isQuantized else { return nil }
    guard let logits = finding.logits else { return ([], finding) }
    // Whatever was put behind the operand, the result must be as large as the output.
    guard
      let whole = try? Graph(
        name: name, inputs: inputs, nodes: nodes + finder.added, constants: constants, outputs: outputs),
      let found = try? whole.shapes(for: shapes),
      found[logits] == shapes[output]
    else {
      finding.logits = nil
      return ([], finding)
    }
    return (finder.added, finding)
  }

  /// The graph with nodes behind it. Where it hangs on the shapes of its inputs, they are found again for each.
  private func adding(
    _ nodes: [Node], making logits: TensorName, from output: TensorName, at known: [TensorName: Shape]
  ) throws(GraphError) -> Graph {
    guard dependsOnShapes else {
      return try Graph(
        name: name, inputs: inputs, nodes: self.nodes + nodes, constants: constants, outputs: outputs)
    }
    let placeholder = Node(
      name: logits,
      operation: Unresolved(
        kind: "Logits", reason: "is known once the shapes of the inputs are", resultCount: 1),
      inputs: [output], outputs: [logits])
    return try Graph(
      name: name, inputs: inputs, nodes: self.nodes + [placeholder], constants: constants, outputs: outputs,
      resolver: rereading { graph, inputShapes in
        guard let inputShapes else {
          // Some inputs have become constants, no more.
          let left = known.filter { shape in graph.inputs.contains { $0.name == shape.key } }
          return try graph.revealing(output, at: left)?.graph ?? graph
        }
        let shapes = try graph.shapes(for: inputShapes)
        guard let found = graph.activation(of: output, shapes), found.finding.logits == logits else {
          throw GraphError.unresolved(
            "the activation of '\(output)' is another one for inputs of other shapes; name the tensor to explain"
          )
        }
        return try Graph(
          name: graph.name, inputs: graph.inputs, nodes: graph.nodes + found.nodes,
          constants: graph.constants,
          outputs: graph.outputs)
      })
  }
}
