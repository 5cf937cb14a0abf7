import Glibc
public import Graphs
package import Tensors

extension AudioModel {
  /// Where the reported probabilities come from.
  public enum Scores: Sendable, Hashable {
    /// A tensor of the graph.
    case tensor(TensorName)
    /// The logits, through this.
    case activation(ModelDescription.Activation)

    /// The first output where it ends in a softmax or sigmoid, another output that is one of the first, else the first
    /// output through `activation`.
    ///
    /// - Parameter activation: how logits become probabilities where the graph does not say.
    public init(of graph: Graph, otherwise activation: ModelDescription.Activation) throws(GraphError) {
      let output = graph.outputs[0]
      if graph.producer(of: output)?.kind == "LogSoftmax" {
        // Its values are logarithms; what is reported are probabilities.
        self = .activation(.softmax)
        return
      }
      guard try graph.logits(of: output) == output else {
        self = .tensor(output)
        return
      }
      for other in graph.outputs where other != output {
        guard try graph.logits(of: other) == output else { continue }
        self = .tensor(other)
        return
      }
      self = .activation(activation)
    }
  }
}

extension ModelDescription.Activation {
  /// The probabilities for rows of logits, `[N, …]`.
  package func applied(to logits: Tensor) -> Tensor {
    let classes = max(1, logits.shape.dimensions.dropFirst().reduce(1, *))
    var result = logits
    result.withUnsafeMutableValues { values in
      switch self {
      case .none: break
      case .sigmoid: for place in values.indices { values[place] = 1 / (1 + expf(-values[place])) }
      case .softmax:
        for start in stride(from: 0, to: values.count, by: classes) {
          let row = UnsafeMutableBufferPointer(rebasing: values[start..<start + classes])
          let highest = row.max() ?? 0
          for place in row.indices { row[place] = expf(row[place] - highest) }
          let sum = row.reduce(0, +)
          for place in row.indices { row[place] /= sum }
        }
      }
    }
    return result
  }
}
