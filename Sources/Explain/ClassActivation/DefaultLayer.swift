public import Graphs
public import Tensors

extension Graph {
  /// The layer that a class activation map is made of unless another is named: the last convolution before `score`
  /// that still has more than one place, with the normalization and the activation behind it.
  ///
  /// - Throws: `ExplainError.noConvolution`.
  public func lastConvolution(before score: TensorName, shapes: [TensorName: Shape]) throws -> TensorName {
    var upstream: Set<TensorName> = [score]
    for node in nodes.reversed() where node.outputs.contains(where: upstream.contains) {
      upstream.formUnion(node.inputs)
    }
    for node in nodes.reversed() where node.kind == "Conv" && upstream.contains(node.outputs[0]) {
      guard let shape = shapes[node.outputs[0]], shape.dimensions.dropFirst(2).reduce(1, *) > 1 else { continue }
      var layer = node.outputs[0]
      while let reader = consumers(of: layer).first, consumers(of: layer).count == 1,
        Self.completesALayer.contains(reader.kind), upstream.contains(reader.outputs[0])
      {
        layer = reader.outputs[0]
      }
      return layer
    }
    throw ExplainError.noConvolution
  }

  /// What belongs to the convolution before it.
  private static let completesALayer: Set = [
    "BatchNormalization", "Relu", "LeakyRelu", "Elu", "Clip", "Tanh", "Sigmoid", "Identity", "Dropout",
  ]
}
