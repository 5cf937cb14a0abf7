import OneDNN
package import Tensors

/// The gradient of a pooling: to where the maximum was found (the first of equals), or spread evenly over the window.
/// Operands: gradient of y, x (only its shape), and for maxima where they were found.
package struct PoolingGradient: Operator {
  let forward: Pooling

  package var kind: String { "\(forward.kind)Gradient" }

  package var operandCounts: ClosedRange<Int> { 2...3 }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] { [try inputs.operand(1)] }
  package func readsValue(ofInput index: Int) -> Bool { index != 1 }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let shape = try lowering.shape(node.inputs[1])
    let (window, _) = try forward.geometry(over: shape)
    let source = try lowering.layout(of: node.inputs[1])
    let hint = try forward.forward(
      source, of: node.inputs[1], remembering: forward.reduction == .maximum, in: lowering)
    let primitive = try Primitive.poolingGradient(
      forward.kernelReduction, sourceGradient: source,
      destinationGradient: hint.layout(.destination), window,
      forward: hint, on: lowering.engine)
    var gradient = try lowering.use(node.inputs[0], as: primitive.layout(.destinationGradient))
    if let factors = try forward.factors(over: shape) {
      let product = lowering.scratch(gradient.layout)
      try lowering.emitProduct(of: gradient, factors, into: product)
      gradient = product
    }
    var arguments = [(Argument.destinationGradient, gradient)]
    if node.inputs.count > 2 { arguments.append((.workspace, try lowering.use(node.inputs[2]))) }
    arguments.append(
      (.sourceGradient, lowering.define(node.outputs[0], try primitive.layout(.sourceGradient))))
    try lowering.emit(primitive, arguments)
  }
}
