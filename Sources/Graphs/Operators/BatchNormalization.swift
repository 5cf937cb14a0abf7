import OneDNN
package import Tensors

/// `y[n, c, …] = scale[c] · (x[n, c, …] − mean[c]) / √(variance[c] + ε) + bias[c]`, with constants for all four: a
/// scale and a shift for each channel. ONNX `BatchNormalization` as it is at inference.
package struct BatchNormalization: Operator {
  /// `scale / √(variance + ε)`
  let scale: Tensor
  /// `bias − mean · scale / √(variance + ε)`
  let shift: Tensor

  /// Computed in double precision: the variances of dead channels are tiny.
  package init(scale: Tensor, bias: Tensor, mean: Tensor, variance: Tensor, epsilon: Float) {
    let scales = zip(scale.values, variance.values).map {
      Double($0) / (Double($1) + Double(epsilon)).squareRoot()
    }
    let shifts = zip(bias.values, zip(mean.values, scales)).map { Double($0) - Double($1.0) * $1.1 }
    self.scale = Tensor(Shape([scales.count]), scales.map { Float($0) })
    self.shift = Tensor(Shape([shifts.count]), shifts.map { Float($0) })
  }

  package var kind: String { "BatchNormalization" }
  /// Scale, bias, mean and variance of the file.
  package var parameterCount: Int { 4 * scale.count }
  package var hostsTail: Bool { true }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let source = try inputs.operand(0)
    guard source.rank >= 2, source[1] == scale.count else {
      throw ShapeMismatch("\(scale.count) scales for an input of shape \(source)")
    }
    return [source]
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0] else { return [] }
    return [builder.add(ChannelScaling(scale: scale), [gradient])]
  }

  package func tail(of node: Node, behind running: TensorName) -> [TailStep]? {
    [.perChannel(.multiply, scale), .perChannel(.add, shift)]
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    try lowering.emitPerChannel(node, scale: scale, shift: shift)
  }
}

/// `y[n, c, …] = scale[c] · x[n, c, …]`: the gradient of a batch normalization at inference.
package struct ChannelScaling: Operator {
  let scale: Tensor

  package var kind: String { "ChannelScaling" }
  package var hostsTail: Bool { true }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] { [try inputs.operand(0)] }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    try lowering.emitPerChannel(node, scale: scale)
  }
}
