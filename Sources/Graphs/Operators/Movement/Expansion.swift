package import Tensors

/// Axes of 1, and missing leading axes, repeated to a given shape; an axis asked to become 1 stays. ONNX `Expand`.
package struct Expansion: Selecting {
  package let extents: [Int]

  package init(to extents: [Int]) { self.extents = extents }

  package var kind: String { "Expand" }

  package func isLinear(inOperand index: Int) -> Bool { index == 0 }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let source = try inputs.operand(0)
    let result = try Shape.broadcast([source, try Shape(checking: extents)], count: 2)
    return [try Shape(checking: result.dimensions)]
  }

  package func selections(from source: Shape, to result: Shape) -> [AxisSelection] {
    expanding(source, to: result)
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0] else { return [] }
    return [builder.summed(gradient, like: node.inputs[0])]
  }
}

/// What an expansion of `source` to `result` takes of each axis.
func expanding(_ source: Shape, to result: Shape) -> [AxisSelection] {
  let view = [Int](repeating: 1, count: result.rank - source.rank) + source.dimensions
  return zip(view, result.dimensions).map { from, to in
    from == to ? .all(to) : AxisSelection([Int](repeating: 0, count: to), of: from)
  }
}

/// `x` stretched to the shape of `like`, of which only the shape is read.
struct ExpansionLike: Operator {
  var kind: String { "ExpandLike" }

  var operandCounts: ClosedRange<Int> { 2...2 }

  func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let (source, like) = (try inputs.operand(0), try inputs.operand(1))
    guard try Shape.broadcast([source, like], count: 2) == like else {
      throw ShapeMismatch("\(source) cannot be stretched to \(like)")
    }
    return [like]
  }

  func readsValue(ofInput index: Int) -> Bool { index == 0 }

  func lower(_ node: Node, in lowering: Lowering) throws {
    let (source, result) = (try lowering.shape(node.inputs[0]), try lowering.shape(node.outputs[0]))
    try lowering.select(expanding(source, to: result), of: node.inputs[0], fill: 0, as: node.outputs[0])
  }
}

/// The tensor laid out several times along each axis. ONNX `Tile`.
package struct Tiling: Selecting {
  /// How often, an axis each.
  package let repeats: [Int]

  package init(repeats: [Int]) { self.repeats = repeats }

  package var kind: String { "Tile" }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let source = try inputs.operand(0)
    guard repeats.count == source.rank, repeats.allSatisfy({ $0 >= 0 }) else {
      throw ShapeMismatch("\(source) repeated \(repeats) times")
    }
    return [try Shape(checking: zip(source.dimensions, repeats).map(saturatingProduct))]
  }

  package func selections(from source: Shape, to result: Shape) -> [AxisSelection] {
    zip(source.dimensions, result.dimensions).map { extent, count in
      AxisSelection((0..<count).map { $0 % extent }, of: extent)
    }
  }

  package func field(_ inputs: [ReceptiveField?], inputShapes: [Shape?], outputShape: Shape) -> ReceptiveField
  {
    var field = inputs[0] ?? ReceptiveField(axes: outputShape.dimensions.map { _ in nil })
    for (axis, count) in zip(field.axes.indices, repeats) where count != 1 { field.axes[axis] = nil }
    return field
  }
}
