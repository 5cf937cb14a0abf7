import OneDNN
package import Tensors

/// `y[n, c, …] = scale[c] · x[n, c, …] + shift[c]`, with constants for both: what a batch normalization is at inference,
/// and, without the shift, its gradient.
package struct ChannelScaling: Operator {
  package let kind: String
  let scale: Tensor
  let shift: Tensor?

  /// What a batch normalization with these constants does. Computed in double precision: the variances of dead
  /// channels are tiny.
  init(normalizing node: Node, scale: Tensor, bias: Tensor, mean: Tensor, variance: Tensor, epsilon: Float) {
    let scales = zip(scale.values, variance.values).map {
      Double($0) / (Double($1) + Double(epsilon)).squareRoot()
    }
    let shifts = zip(bias.values, zip(mean.values, scales)).map { Double($0) - Double($1.0) * $1.1 }
    kind = node.kind
    self.scale = Tensor(Shape([scales.count]), scales.map { Float($0) })
    self.shift = Tensor(Shape([shifts.count]), shifts.map { Float($0) })
  }

  init(scale: Tensor) {
    kind = "ChannelScaling"
    self.scale = scale
    shift = nil
  }

  package var hostsTail: Bool { true }

  package func isLinear(inOperand index: Int) -> Bool { index == 0 }

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
    [.perChannel(.multiply, scale)] + (shift.map { [.perChannel(.add, $0)] } ?? [])
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    try lowering.emitPerChannel(node, scale: scale, shift: shift)
  }
}
