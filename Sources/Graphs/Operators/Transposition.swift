import OneDNN
package import Tensors

/// Axis `i` of the result is axis `axes[i]` of the operand. ONNX `Transpose`.
package struct Transposition: Operator {
  /// nil: all axes reversed.
  package let axes: [Int]?

  package init(axes: [Int]?) { self.axes = axes }

  package var kind: String { "Transpose" }

  func order(rank: Int) throws(ShapeMismatch) -> [Int] {
    let order = axes ?? Array((0..<rank).reversed())
    guard order.sorted() == Array(0..<rank) else {
      throw ShapeMismatch("\(order) does not reorder \(rank) axes")
    }
    return order
  }

  package func isLinear(inOperand index: Int) -> Bool { index == 0 }

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
    try lowering.transpose(
      node.inputs[0], viewedAs: shape.dimensions, try order(rank: shape.rank), as: node.outputs[0])
  }
}

extension Lowering {
  /// Gives `source`, looked at with these extents, with its axes in the order `axes`: without a copy where `result` has
  /// that shape, until somebody wants it in a layout. `result` may have another shape of as many elements.
  func transpose(
    _ source: TensorName, viewedAs extents: [Int], _ axes: [Int], as result: TensorName
  ) throws {
    let shape = try shape(result)
    // Where only axes of 1 change places, nothing moves.
    let moved = axes.filter { extents[$0] != 1 }
    guard moved != moved.sorted() else { return try reshape(source, to: result) }
    let destination = try Layout.plain(axes.map { extents[$0] })
    let keepsShape =
      try shape.dimensions == axes.map { extents[$0] } && self.shape(source).dimensions == extents
    if keepsShape {
      let made = try use(source)
      if try made.layout.permuted(axes) == destination {
        return alias(result, as: Operand(buffer: made.buffer, layout: destination))
      }
    }
    let plain = try use(source, as: .plain(try self.shape(source).dimensions))
    let view = try Layout.plain(extents).permuted(axes)
    if keepsShape {
      let turned = Operand(buffer: plain.buffer, layout: view)
      // With the channels last it is as good as any other layout.
      let isUsual = try 3...5 ~= axes.count && view == .channelsLast(shape.dimensions)
      return isUsual ? alias(result, as: turned) : self.view(result, as: turned)
    }
    let primitive = try Primitive.reorder(from: view, to: destination, on: engine)
    let made = define(result, try .plain(shape.dimensions))
    try emit(
      primitive,
      [
        (.source, Operand(buffer: plain.buffer, layout: view)),
        (.destination, Operand(buffer: made.buffer, layout: destination)),
      ])
  }
}
