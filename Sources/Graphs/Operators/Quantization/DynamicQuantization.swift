import OneDNN
package import Tensors

/// Quantization to 0…255 by the tensor's own range, widened to contain 0. ONNX `DynamicQuantizeLinear`. Results: the
/// quantized tensor, its scale `(max − min) / 255`, and its zero point `round(−min / scale)`.
///
/// The gradient passes straight through, the scale being taken as given: nothing is ever cut off.
package struct DynamicQuantization: Operator {
  package var kind: String { "DynamicQuantizeLinear" }
  package var resultCount: Int { 3 }
  /// Each row is quantized by the range of all.
  package var spansRows: Bool { true }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    [try inputs.operand(0), [], []]
  }

  package func field(_ inputs: [ReceptiveField?], inputShapes: [Shape?], outputShape: Shape) -> ReceptiveField
  {
    ReceptiveField(axes: outputShape.dimensions.map { _ in nil })
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0], builder.wants(node.inputs[0]) else { return [] }
    return [builder.add(Binary(.divide), [gradient, builder.result(1, of: node)])]
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let count = try lowering.shape(node.inputs[0]).count
    let missing = 3 - node.outputs.count
    let spare = try (0..<max(0, missing)).map { _ in try lowering.scratch(1) }
    let outputs = try node.outputs.map { name in
      try name.isEmpty
        ? lowering.scratch(1) : lowering.define(name, .plain(try lowering.shape(name).dimensions))
    }
    let source = try lowering.use(
      node.inputs[0], as: .plain(try lowering.shape(node.inputs[0]).dimensions))
    let writes = !node.outputs[0].isEmpty
    let kernel = NativeKernel(work: 0) { inputs, outputs, _ in
      let (x, y) = (inputs[0], outputs[0])
      var (low, high) = (Float(0), Float(0))
      for j in 0..<count { (low, high) = (min(low, x[j]), max(high, x[j])) }
      let scale = high == low ? 1 : (high - low) / 255
      let zero = max(0, min(255, -low / scale)).rounded(.toNearestOrEven)
      (outputs[1][0], outputs[2][0]) = (scale, zero)
      guard writes else { return }
      for j in 0..<count {
        y[j] = max(0, min(255, (x[j] / scale).rounded(.toNearestOrEven) + zero))
      }
    }
    lowering.emit(kernel, inputs: [source], outputs: outputs + spare)
  }
}
