package import OneDNN
package import Tensors

/// `y = a ∘ b`, element by element; axes of extent 1 and missing leading axes are broadcast. ONNX `Add`, `Sub`, `Mul`,
/// `Div`.
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

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let (a, b) = (try inputs.operand(0), try inputs.operand(1))
    return [Shape(try stretched(a.dimensions, b.dimensions))]
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
      let toA = builder.wants(a) ? builder.add(Binary(.multiply), [gradient, b]) : nil
      let toB = builder.wants(b) ? builder.add(Binary(.multiply), [gradient, a]) : nil
      return [toA.flatMap { builder.summed($0, like: a) }, toB.flatMap { builder.summed($0, like: b) }]
    case .divide:
      // ∂a = gradient / b, ∂b = −(a / b) · gradient / b
      let toA = builder.add(Binary(.divide), [gradient, b])
      guard builder.wants(b) else { return [builder.summed(toA, like: a), nil] }
      let product = builder.add(Binary(.multiply), [toA, node.outputs[0]])
      let toB = builder.add(Activation(.linear(scale: -1, shift: 0), kind: "Neg"), [product])
      return [builder.summed(toA, like: a), builder.summed(toB, like: b)]
    case .maximum, .minimum:
      throw .notDifferentiable(node: node.name, kind: kind)
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
    var (first, second) = (node.inputs[0], node.inputs[1])
    let output = try lowering.shape(node.outputs[0])
    // oneDNN stretches the second operand only: a − b = −(b − a).
    let swaps = try (commutes || function == .subtract) && lowering.shape(first) != output
    if swaps { swap(&first, &second) }
    let source = try lowering.use(first, stretchedTo: output)
    let operand = try lowering.use(second, broadcastTo: output, as: source.layout)
    try lowering.emitHost(node, firstFusing: swaps && !commutes ? [negation] : []) { fused in
      try .binary(
        function, source: source.layout, source1: operand.layout, destination: source.layout, fusing: fused,
        on: lowering.engine)
    } arguments: { _ in
      [(.source, source), (.source1, operand)]
    }
  }
}

/// The sum of `x` over the axes along which `like` (only its shape is read) was broadcast to it.
package struct SumLike: Operator {
  package var kind: String { "SumLike" }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let (from, to) = (try inputs.operand(0), try inputs.operand(1))
    guard to.rank <= from.rank,
      zip(from.dimensions.reversed(), to.dimensions.reversed()).allSatisfy({ $0 == $1 || $1 == 1 })
    else { throw ShapeMismatch("\(from) cannot be summed to \(to)") }
    return [to]
  }

  package func readsValue(ofInput index: Int) -> Bool { index == 0 }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let (from, to) = (try lowering.shape(node.inputs[0]), try lowering.shape(node.inputs[1]))
    guard from.count != to.count else { return try lowering.reshape(node.inputs[0], to: node.outputs[0]) }
    let missing = from.rank - to.rank
    let axes = from.dimensions.indices.filter { $0 < missing || to[$0 - missing] != from[$0] }
    try lowering.reduce(node.inputs[0], .sum, along: axes, as: node.outputs[0])
  }
}

extension GradientBuilder {
  /// `gradient` summed to the shape of `operand`, if a gradient with respect to it is wanted.
  mutating func summed(_ gradient: TensorName, like operand: TensorName) -> TensorName? {
    wants(operand) ? add(SumLike(), [gradient, operand]) : nil
  }
}
