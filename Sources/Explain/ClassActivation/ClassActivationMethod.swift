public import Graphs
public import Tensors

/// A method that makes a map of a layer: which of its places argue for the target.
public protocol ClassActivationMethod: Sendable {
  /// - Parameters:
  ///   - activations: the layer's values, `[N, C, places…]`.
  ///   - gradients: of the scores with respect to them, of the same shape.
  /// - Returns: the map, `[N, 1, places…]`.
  func weigh(_ activations: Tensor, _ gradients: Tensor) -> Tensor
}

extension ClassActivationMethod {
  /// The map of `layer` for each row of `x`, at the layer's own resolution: `[N, 1, places…]`.
  public func map(_ score: NetworkScore, layer: TensorName, at x: Tensor) throws -> Tensor {
    let (values, gradients) = try score.layer(layer, at: x)
    guard values.shape.rank >= 3 else {
      throw ExplainError.layerWithoutPlaces(layer, shape: values.shape.description)
    }
    return weigh(values, gradients)
  }
}
