import OneDNN
package import Tensors

/// Axis `i` of the result is axis `axes[i]` of the operand. ONNX `Transpose`.
package struct Transposition: Operator {
  /// nil: all axes reversed.
  package let axes: [Int]?

  package var kind: String { "Transpose" }

  private func order(rank: Int) throws(ShapeMismatch) -> [Int] {
    let order = axes ?? Array((0..<rank).reversed())
    guard order.sorted() == Array(0..<rank) else {
      throw ShapeMismatch("\(order) does not reorder \(rank) axes")
    }
    return order
  }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let source = try inputs.operand(0)
    return [Shape(try order(rank: source.rank).map { source[$0] })]
  }

  package func field(_ inputs: [ReceptiveField?], inputShapes: [Shape?], outputShape: Shape) -> ReceptiveField
  {
    guard let field = inputs[0], let order = try? order(rank: outputShape.rank) else {
      return ReceptiveField(axes: outputShape.dimensions.map { _ in nil })
    }
    return ReceptiveField(axes: order.map { field.axes[$0] })
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0] else { return [] }
    var back: [Int]?
    if let axes {
      var places = [Int](repeating: 0, count: axes.count)
      for (to, from) in axes.enumerated() { places[from] = to }
      back = places
    }
    return [builder.add(Transposition(axes: back), [gradient])]
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let shape = try lowering.shape(node.inputs[0])
    let source = try lowering.use(node.inputs[0], as: .plain(shape.dimensions))
    let view = try source.layout.permuted(try order(rank: shape.rank))
    let destination = try Layout.plain(try lowering.shape(node.outputs[0]).dimensions)
    let primitive = try Primitive.reorder(from: view, to: destination, on: lowering.engine)
    let result = lowering.define(node.outputs[0], destination)
    try lowering.emit(
      primitive, [(.source, Operand(buffer: source.buffer, layout: view)), (.destination, result)])
  }
}
