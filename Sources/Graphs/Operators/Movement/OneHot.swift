package import Tensors

/// A new axis on which one place is `values[1]` and all others are `values[0]`: the place that the index names, counted
/// from behind below zero; none if it lies beyond. ONNX `OneHot`. Operands: indices, values.
package struct OneHot: Operator {
  package let depth: Int
  /// Counted in the result.
  package let axis: Int

  package init(depth: Int, axis: Int) { (self.depth, self.axis) = (depth, axis) }

  package var kind: String { "OneHot" }

  package var operandCounts: ClosedRange<Int> { 2...2 }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let (indices, values) = (try inputs.operand(0), try inputs.operand(1))
    guard values.count == 2, axis >= -indices.rank - 1, axis <= indices.rank else {
      throw ShapeMismatch("axis \(axis) for indices of shape \(indices), values of shape \(values)")
    }
    var extents = indices.dimensions
    extents.insert(depth, at: axis < 0 ? axis + indices.rank + 1 : axis)
    return [try Shape(checking: extents)]
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard !builder.wants(node.inputs[1]) else { throw .notDifferentiable(node: node.name, kind: kind) }
    return []
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let indices = try lowering.shape(node.inputs[0])
    let place = axis < 0 ? axis + indices.rank + 1 : axis
    let inner = indices.dimensions[place...].reduce(1, *)
    let (depth, count) = (depth, indices.count)
    try lowering.emitNative(node, work: count * depth) { inputs, outputs, _ in
      outputs[0].update(repeating: inputs[1][0], count: count * depth)
      for number in 0..<count {
        let index = inputs[0][number]
        guard index >= Float(-depth), index < Float(depth) else { continue }
        let hot = axisPlace(index, depth)
        outputs[0][(number / inner * depth + hot) * inner + number % inner] = inputs[1][1]
      }
    }
  }
}
