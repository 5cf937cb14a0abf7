import OneDNN
package import Tensors

/// `exp(x) / Σ exp(x)` along one axis, or its logarithm. ONNX `Softmax` and `LogSoftmax`.
package struct Softmax: Operator {
  package let logarithm: Bool
  package let axis: Int
  /// Before opset 13 the sum went over all axes from `axis` on.
  package let overAllBehind: Bool

  package var kind: String { logarithm ? "LogSoftmax" : "Softmax" }
  /// From the end, the axis may be the first; only the last one is not.
  package var spansRows: Bool { axis == 0 || axis < -1 }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let source = try inputs.operand(0)
    guard axis >= -source.rank, axis < source.rank else { throw ShapeMismatch("axis \(axis) of \(source)") }
    return [source]
  }

  package func field(_ inputs: [ReceptiveField?], inputShapes: [Shape?], outputShape: Shape) -> ReceptiveField
  {
    var field = ReceptiveField.merged(inputs, inputShapes, into: outputShape)
    let place = axis < 0 ? axis + outputShape.rank : axis
    for mixed in overAllBehind ? place..<outputShape.rank : place..<place + 1 { field.axes[mixed] = nil }
    return field
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0] else { return [] }
    return [builder.add(SoftmaxGradient(forward: self), [gradient, node.outputs[0]])]
  }

  /// The shape in which the sum goes along one axis, and that axis.
  func view(of shape: Shape) -> (Shape, axis: Int) {
    let place = axis < 0 ? axis + shape.rank : axis
    guard overAllBehind else { return (shape, place) }
    return (Shape([shape.dimensions[..<place].reduce(1, *), shape.dimensions[place...].reduce(1, *)]), 1)
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let (view, axis) = view(of: try lowering.shape(node.inputs[0]))
    let layout = try Layout.plain(view.dimensions)
    let source = try lowering.use(node.inputs[0], viewedAs: view, as: layout)
    let primitive = try Primitive.softmax(
      logarithm: logarithm, layout: layout, axis: axis, on: lowering.engine)
    let result = lowering.define(node.outputs[0], try .plain(try lowering.shape(node.outputs[0]).dimensions))
    try lowering.emit(
      primitive, [(.source, source), (.destination, Operand(buffer: result.buffer, layout: layout))])
  }
}

/// The gradient of a softmax from its result. Operands: gradient of y, y.
package struct SoftmaxGradient: Operator {
  let forward: Softmax

  package var kind: String { "\(forward.kind)Gradient" }

  package var operandCounts: ClosedRange<Int> { 2...2 }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] { [try inputs.operand(0)] }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let shape = try lowering.shape(node.outputs[0])
    let (view, axis) = forward.view(of: shape)
    let layout = try Layout.plain(view.dimensions)
    let gradient = try lowering.use(node.inputs[0], viewedAs: view, as: layout)
    let result = try lowering.use(node.inputs[1], viewedAs: view, as: layout)
    let primitive = try Primitive.softmaxGradient(
      logarithm: forward.logarithm, layout: layout, axis: axis, on: lowering.engine)
    let source = lowering.define(node.outputs[0], try .plain(shape.dimensions))
    try lowering.emit(
      primitive,
      [
        (.destinationGradient, gradient), (.destination, result),
        (.sourceGradient, Operand(buffer: source.buffer, layout: layout)),
      ])
  }
}
