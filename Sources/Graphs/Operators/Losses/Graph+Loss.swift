import Tensors

extension Graph {
  /// Names of what a loss adds: inputs for the targets `[N, C]` and the classes' weights `[C]`, and its result `[N]`, and the logits as it reads them.
  package enum LossName {
    package static let targets = "targets of the loss"
    package static let weights = "weights of the classes"
    package static let result = "loss"
    /// `[N, C]`, whatever axes of 1 the network's own have.
    package static let logits = "logits of the loss"
  }

  /// This graph, and behind `logits` (`[N, C]`, or with further axes of extent 1) a loss for each example.
  ///
  /// - Throws: `GraphError.unknownTensor`.
  package func appending(_ loss: Loss, to logits: TensorName) throws(GraphError) -> Graph {
    try tensor(named: logits)
    let flat = LossName.logits
    return try Graph(
      name: name,
      inputs: inputs + [LossName.targets, LossName.weights].map { GraphInput(name: $0, dimensions: nil) },
      nodes: nodes + [
        Node(name: flat, operation: Reshaping(.flatten(axis: 1)), inputs: [logits], outputs: [flat]),
        Node(
          name: LossName.result, operation: LossOperator(loss: loss),
          inputs: [flat, LossName.targets, LossName.weights], outputs: [LossName.result]),
      ],
      constants: constants, outputs: outputs + [LossName.result])
  }
}
