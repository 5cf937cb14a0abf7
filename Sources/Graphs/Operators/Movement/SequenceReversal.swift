package import Tensors

/// The first `lengths[n]` steps of each example in reverse, the rest as they are. ONNX `ReverseSequence`. Operands: x,
/// lengths, one for each example.
package struct SequenceReversal: Operator {
  package let batchAxis: Int
  package let timeAxis: Int

  package init(batchAxis: Int, timeAxis: Int) { (self.batchAxis, self.timeAxis) = (batchAxis, timeAxis) }

  package var kind: String { "ReverseSequence" }
  package var spansRows: Bool { timeAxis == 0 }

  package var operandCounts: ClosedRange<Int> { 2...2 }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let (source, lengths) = (try inputs.operand(0), try inputs.operand(1))
    guard source.rank >= 2, Set([batchAxis, timeAxis]) == [0, 1], lengths == [source[batchAxis]] else {
      throw ShapeMismatch(
        "\(source) with batch axis \(batchAxis), time axis \(timeAxis) and lengths of shape \(lengths)")
    }
    return [source]
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0], builder.wants(node.inputs[0]) else { return [] }
    return [builder.add(self, [gradient, node.inputs[1]]), nil]
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let source = try lowering.shape(node.inputs[0])
    let (steps, examples) = (source[timeAxis], source[batchAxis])
    let width = source.dimensions[2...].reduce(1, *)
    let (timeStride, batchStride) = timeAxis == 0 ? (examples * width, width) : (width, steps * width)
    try lowering.emitNative(node, work: source.count) { inputs, outputs, lanes in
      lanes.share(examples) { range in
        for example in range {
          let length = axisPlace(inputs[1][example], steps + 1)
          for step in 0..<steps {
            let from = example * batchStride + (step < length ? length - 1 - step : step) * timeStride
            (outputs[0] + example * batchStride + step * timeStride).update(
              from: inputs[0] + from, count: width)
          }
        }
      }
    }
  }
}
