public import Files
import Glibc
public import Graphs
import Tensors

/// The result of a network that holds its classes: which tensor is reported, which one is explained, and what its axes
/// are.
public struct ModelOutput: Sendable {
  /// What a score that is explained counts.
  public enum Quantity: String, Sendable, Hashable, Codable {
    case logit
    /// No tensor of the graph is the logit of what is reported.
    case probability
    /// Nothing says what the values are.
    case score
  }

  /// What is reported, perhaps through `activation`.
  public let tensor: TensorName
  /// What is explained: one number for each class of each moment, in the order of `tensor`.
  public let explained: TensorName
  public let quantity: Quantity
  /// nil where only the values can tell.
  public let meaning: ScoreMeaning?
  public let layout: OutputLayout
  /// What runs along each axis of a row; nil for axes of extent 1 that nobody named.
  public let axes: [AxisRole?]
  /// Whether the values of `tensor` are logarithms of what is reported.
  let isLogarithm: Bool
  /// Where each moment lies in a patch, in frames from its beginning; nil for moments that share it evenly.
  let field: ReceptiveField.Axis?

  /// The scores, one row a moment, from the values of `tensor`.
  func scores(_ values: Tensor) -> Tensor {
    let matrix = layout.matrix(values)
    if isLogarithm { return matrix.exponentials }
    guard let meaning, meaning.source == .description else { return matrix }
    return meaning.activation.applied(to: matrix)
  }
}

extension Tensor {
  /// `exp(x)` of each element.
  var exponentials: Tensor {
    var result = self
    result.withUnsafeMutableValues { values in
      for place in values.indices { values[place] = expf(values[place]) }
    }
    return result
  }
}

extension AudioModel {
  /// What a reader of the scores should know of how their meaning was found, with what the user can do about it; nil where
  /// it is certain.
  public func remark(on meaning: ScoreMeaning) -> (text: String, remedy: Remedy)? {
    let remedy = Remedy.nameActivation(description: sidecarPath(of: path))
    switch meaning.source {
    case .graph, .description: return nil
    case .values:
      let kind = meaning.activation == .softmax ? "probabilities that add up to 1" : "probabilities"
      return (
        "\(name): its scores behave as \(kind) and are taken for some, though no node makes them so", remedy
      )
    case .unknown:
      return (
        "\(name): whether its scores are logits, probabilities or something else is not known, so they are shown as they "
          + "are", remedy
      )
    }
  }
}
