package import Tensors

/// The place of the largest, or smallest, element along an axis: the first or the last of equals. ONNX `ArgMax`,
/// `ArgMin`. Its derivative is zero.
package struct ArgumentOfExtreme: Operator {
  package let findsLargest: Bool
  package let axis: Int
  package let keepsAxis: Bool
  package let takesLast: Bool

  package init(findsLargest: Bool, axis: Int, keepsAxis: Bool, takesLast: Bool) {
    (self.findsLargest, self.axis, self.keepsAxis, self.takesLast) =
      (findsLargest, axis, keepsAxis, takesLast)
  }

  package var kind: String { findsLargest ? "ArgMax" : "ArgMin" }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    var source = try inputs.operand(0)
    let place = try source.place(ofAxis: axis)
    if keepsAxis { source[place] = 1 } else { source.dimensions.remove(at: place) }
    return [source]
  }

  package func field(_ inputs: [ReceptiveField?], inputShapes: [Shape?], outputShape: Shape) -> ReceptiveField
  {
    Reduction(.maximum, axes: [axis], keepsAxes: keepsAxis)
      .field(inputs, inputShapes: inputShapes, outputShape: outputShape)
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  { [] }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let source = try lowering.shape(node.inputs[0])
    let place = try source.place(ofAxis: axis)
    let (extent, (outer, inner)) = (source[place], source.around(place))
    let (findsLargest, takesLast) = (findsLargest, takesLast)
    try lowering.emitNative(node, work: outer * extent * inner) { inputs, outputs, lanes in
      lanes.share(outer * inner) { range in
        for index in range {
          let run = inputs[0] + index / inner * extent * inner + index % inner
          var (best, value) = (0, run[0])
          for place in 1..<max(1, extent) {
            let other = run[place * inner]
            let isBetter = findsLargest ? other > value : other < value
            if isBetter || (takesLast && other == value) { (best, value) = (place, other) }
          }
          outputs[0][index] = Float(best)
        }
      }
    }
  }
}
