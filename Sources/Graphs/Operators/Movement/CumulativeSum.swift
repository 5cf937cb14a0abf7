package import Tensors

/// `y[i] = Σ x[j]` over `j ≤ i` along an axis; over `j < i` if exclusive; from the end if reversed. ONNX `CumSum`.
package struct CumulativeSum: Operator {
  package let axis: Int
  package let isExclusive: Bool
  package let isReversed: Bool

  package init(axis: Int, isExclusive: Bool, isReversed: Bool) {
    (self.axis, self.isExclusive, self.isReversed) = (axis, isExclusive, isReversed)
  }

  package var kind: String { "CumSum" }
  package var spansRows: Bool { axis == 0 || axis < -1 }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let source = try inputs.operand(0)
    _ = try source.place(ofAxis: axis)
    return [source]
  }

  package func field(_ inputs: [ReceptiveField?], inputShapes: [Shape?], outputShape: Shape) -> ReceptiveField
  {
    var field = inputs[0] ?? ReceptiveField(axes: outputShape.dimensions.map { _ in nil })
    if let place = try? outputShape.place(ofAxis: axis) { field.axes[place] = nil }
    return field
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0] else { return [] }
    let back = CumulativeSum(axis: axis, isExclusive: isExclusive, isReversed: !isReversed)
    return [builder.add(back, [gradient])]
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let source = try lowering.shape(node.inputs[0])
    let place = try source.place(ofAxis: axis)
    let (extent, (outer, inner)) = (source[place], source.around(place))
    let (isExclusive, isReversed) = (isExclusive, isReversed)
    try lowering.emitNative(node, work: source.count) { inputs, outputs, lanes in
      lanes.share(outer * inner) { range in
        for line in range {
          let start = line / inner * extent * inner + line % inner
          var sum: Double = 0
          for step in 0..<extent {
            let place = start + (isReversed ? extent - 1 - step : step) * inner
            if isExclusive { outputs[0][place] = Float(sum) }
            sum += Double(inputs[0][place])
            if !isExclusive { outputs[0][place] = Float(sum) }
          }
        }
      }
    }
  }
}
