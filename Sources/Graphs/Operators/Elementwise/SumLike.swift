package import Tensors

/// The sum of `x` over the axes along which `like` (only its shape is read) was broadcast to it.
package struct SumLike: Operator {
  package var kind: String { "SumLike" }
  package var acceptsEmptyOperands: Bool { true }

  package var operandCounts: ClosedRange<Int> { 2...2 }

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
    try lowering.reduce(node.inputs[0], .sum, along: Self.axes(from: from, to: to), as: node.outputs[0])
  }

  /// The axes of `from` along which `to` was broadcast to it.
  static func axes(from: Shape, to: Shape) -> [Int] {
    let missing = from.rank - to.rank
    return from.dimensions.indices.filter { $0 < missing || to[$0 - missing] != from[$0] }
  }
}

extension GradientBuilder {
  /// `gradient` summed to the shape of `operand`, if a gradient with respect to it is wanted.
  mutating func summed(_ gradient: TensorName, like operand: TensorName) -> TensorName? {
    wants(operand) ? add(SumLike(), [gradient, operand]) : nil
  }
}
