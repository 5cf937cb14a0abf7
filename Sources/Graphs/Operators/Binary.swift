package import OneDNN
package import Tensors

/// `y = a ∘ b`, element by element; axes of extent 1 and missing leading axes are broadcast. ONNX `Add`, `Sub`, `Mul`,
/// `Div`, `Max`, `Min`. Where two numbers share a maximum, they share its gradient half and half.
package struct Binary: Operator {
  package let function: BinaryFunction

  package init(_ function: BinaryFunction) { self.function = function }

  package var kind: String {
    switch function {
    case .add: "Add"
    case .subtract: "Sub"
    case .multiply: "Mul"
    case .divide: "Div"
    case .maximum: "Max"
    case .minimum: "Min"
    }
  }

  package var hostsTail: Bool { true }

  private var commutes: Bool { function != .subtract && function != .divide }

  package var operandCounts: ClosedRange<Int> { 2...2 }
  /// A sum or a difference, linear in both operands together.
  package var isSum: Bool { function == .add || function == .subtract }
  package func isLinear(inOperand index: Int) -> Bool {
    switch function {
    case .add, .subtract, .multiply: true
    case .divide: index == 0
    case .maximum, .minimum: false
    }
  }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    [try Shape.broadcast(inputs, count: 2)]
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0] else { return [] }
    let (a, b) = (node.inputs[0], node.inputs[1])
    switch function {
    case .add:
      return [builder.summed(gradient, like: a), builder.summed(gradient, like: b)]
    case .subtract:
      let negative =
        builder.wants(b)
        ? builder.add(Activation(.linear(scale: -1, shift: 0), kind: "Neg"), [gradient]) : nil
      return [builder.summed(gradient, like: a), negative.flatMap { builder.summed($0, like: b) }]
    case .multiply:
      return [
        builder.wants(a) ? builder.add(ProductSum(), [gradient, b, a]) : nil,
        builder.wants(b) ? builder.add(ProductSum(), [gradient, a, b]) : nil,
      ]
    case .divide:
      // ∂a = gradient / b, ∂b = −(a / b) · gradient / b
      let toA = builder.add(Binary(.divide), [gradient, b])
      guard builder.wants(b) else { return [builder.summed(toA, like: a), nil] }
      let product = builder.add(Binary(.multiply), [toA, node.outputs[0]])
      let toB = builder.add(Activation(.linear(scale: -1, shift: 0), kind: "Neg"), [product])
      return [builder.summed(toA, like: a), builder.summed(toB, like: b)]
    case .maximum, .minimum:
      let share = Pointwise.shareOfExtreme(maximum: function == .maximum)
      let toA = builder.wants(a) ? builder.add(share, [gradient, a, b]) : nil
      let toB = builder.wants(b) ? builder.add(share, [gradient, b, a]) : nil
      return [toA.flatMap { builder.summed($0, like: a) }, toB.flatMap { builder.summed($0, like: b) }]
    }
  }

  package func tail(of node: Node, behind running: TensorName) -> [TailStep]? {
    guard node.inputs[0] != node.inputs[1] else { return nil }
    if node.inputs[0] == running { return [.binary(function, node.inputs[1])] }
    if function == .subtract { return [.binary(.subtract, node.inputs[0]), negation] }
    return commutes ? [.binary(function, node.inputs[0])] : nil
  }

  private var negation: TailStep { .function(.linear(scale: -1, shift: 0)) }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    try lowering.emitBinary(function, node)
  }
}
