public import Graphs
public import Tensors

/// Where the probabilities of a network's first output come from, for networks that are asked with arrays.
public enum ReportedScores: Sendable, Hashable {
  /// A tensor of the graph, or the exponential of its values where they are logarithms.
  case tensor(TensorName, isLogarithm: Bool)
  /// The tensor that is explained, through this.
  case activation(ModelDescription.Activation)

  /// The first output where its last nodes make probabilities, another output that is made of it, else what the user
  /// says.
  ///
  /// - Parameter shapes: of the inputs, for one row.
  /// - Returns: nil where nothing tells.
  public init?(
    of graph: Graph, at shapes: [TensorName: Shape], otherwise activation: ModelDescription.Activation?
  ) throws(GraphError) {
    let output = graph.outputs[0]
    for candidate in graph.outputs {
      guard let revealed = try graph.revealing(candidate, at: shapes),
        candidate == output || revealed.logits == output
      else { continue }
      self = .tensor(candidate, isLogarithm: revealed.isLogarithm)
      return
    }
    guard let activation else { return nil }
    self = .activation(activation)
  }

  /// The probabilities.
  ///
  /// - Parameter values: of a tensor, one row an example.
  package func probabilities(_ explained: TensorName, _ values: (TensorName) throws -> Tensor) rethrows
    -> Tensor
  {
    switch self {
    case .tensor(let name, let isLogarithm):
      let found = try values(name)
      return isLogarithm ? found.exponentials : found
    case .activation(let activation): return activation.applied(to: try values(explained))
    }
  }
}
