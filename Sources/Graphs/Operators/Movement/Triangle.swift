package import Tensors

/// The upper or lower triangle of the matrices of the last two axes, the rest zeros. ONNX `Trilu`.
package struct Triangle: Operator {
  package let isUpper: Bool
  /// How far the diagonal is moved to the right.
  package let offset: Int

  package init(isUpper: Bool, offset: Int) {
    // Beyond any extent, all offsets are the same.
    (self.isUpper, self.offset) = (isUpper, min(max(offset, -1 << 40), 1 << 40))
  }

  package var kind: String { "Trilu" }
  package var spansRows: Bool { true }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let source = try inputs.operand(0)
    guard source.rank >= 2 else { throw ShapeMismatch("a triangle of a tensor of shape \(source)") }
    return [source]
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0] else { return [] }
    return [builder.add(self, [gradient])]
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let shape = try lowering.shape(node.inputs[0])
    let (rows, columns) = (shape[shape.rank - 2], shape[shape.rank - 1])
    let (isUpper, offset) = (isUpper, offset)
    try lowering.emitNative(node, work: shape.count) { inputs, outputs, lanes in
      lanes.share(shape.count / columns) { range in
        for row in range {
          // The first column above the lower triangle, or in the upper one.
          let split = min(max(row % rows + offset + (isUpper ? 0 : 1), 0), columns)
          let (from, to) = (inputs[0] + row * columns, outputs[0] + row * columns)
          if isUpper {
            to.update(repeating: 0, count: split)
            (to + split).update(from: from + split, count: columns - split)
          } else {
            to.update(from: from, count: split)
            (to + split).update(repeating: 0, count: columns - split)
          }
        }
      }
    }
  }
}
