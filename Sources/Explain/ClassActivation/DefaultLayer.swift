public import Graphs
public import Tensors

extension NetworkScore {
  /// The layer that a class activation map is made of unless another is named, for inputs of this shape.
  ///
  /// - Throws: `ExplainError.noConvolution`.
  public func defaultLayer(at inputShape: Shape) throws -> TensorName {
    let shapes = try network.shapes(at: inputShapes(beside: inputShape))
    guard let layer = network.graph.lastConvolution(before: tensor, shapes: shapes) else {
      throw ExplainError.noConvolution
    }
    return layer
  }
}

extension Graph {
  /// The last convolution before `score` that still has more than one place, with the normalization and the activation
  /// behind it, never going past `score` itself.
  func lastConvolution(before score: TensorName, shapes: [TensorName: Shape]) -> TensorName? {
    var upstream: Set<TensorName> = [score]
    for node in nodes.reversed() where node.outputs.contains(where: upstream.contains) {
      upstream.formUnion(node.inputs)
    }
    for node in nodes.reversed() where node.kind == "Conv" && upstream.contains(node.outputs[0]) {
      guard let shape = shapes[node.outputs[0]], shape.dimensions.dropFirst(2).reduce(1, *) > 1 else {
        continue
      }
      var layer = node.outputs[0]
      while true {
        let readers = consumers(of: layer)
        guard readers.count == 1, Self.completesALayer.contains(readers[0].kind),
          upstream.contains(readers[0].outputs[0])
        else { return layer }
        layer = readers[0].outputs[0]
      }
    }
    return nil
  }

  /// What belongs to the convolution before it.
  private static let completesALayer: Set = [
    "BatchNormalization", "Relu", "LeakyRelu", "Elu", "Clip", "Tanh", "Sigmoid", "Identity", "Dropout",
  ]
}
