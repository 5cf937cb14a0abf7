import Glibc
import OneDNN
package import Tensors

/// `y = x / ‖x‖`, the norm (the sum of magnitudes, or the root of the sum of squares) taken along one axis; 0 where the
/// norm is 0. ONNX `LpNormalization`.
package struct NormScaling: Operator {
  package let axis: Int
  /// Whether the norm is the root of the sum of squares rather than the sum of magnitudes.
  package let isEuclidean: Bool

  package var kind: String { "LpNormalization" }
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
    field.axes[axis < 0 ? axis + outputShape.rank : axis] = nil
    return field
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0] else { return [] }
    return [builder.add(NormScalingGradient(forward: self), [gradient, node.inputs[0]])]
  }

  /// Calls `body` with the offset of the first element of each line along the axis, on all lanes.
  fileprivate func emit(
    _ node: Node, in lowering: Lowering,
    _ body: @escaping @Sendable (Line, [UnsafePointer<Float>], UnsafeMutablePointer<Float>) -> Void
  ) throws {
    let shape = try lowering.shape(node.outputs[0])
    let place = axis < 0 ? axis + shape.rank : axis
    let (count, step) = (shape[place], shape.strides[place])
    let lines = shape.count / max(1, count)
    try lowering.emitNative(node, work: shape.count * 3) { inputs, outputs, lanes in
      lanes.share(lines) { range in
        for line in range {
          body(
            Line(start: line / step * step * count + line % step, count: count, step: step), inputs,
            outputs[0])
        }
      }
    }
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    try emit(node, in: lowering) { [isEuclidean] line, inputs, result in
      let norm = line.norm(of: inputs[0], isEuclidean)
      for place in line.places { result[place] = norm == 0 ? 0 : inputs[0][place] / norm }
    }
  }
}

/// The gradient of a scaling by the norm, `(gradient − d · Σ gradient · x / ‖x‖) / ‖x‖`, where `d` is the derivative of
/// the norm: `x / ‖x‖`, or the sign of x. Operands: gradient of y, x.
package struct NormScalingGradient: Operator {
  let forward: NormScaling

  package var kind: String { "\(forward.kind)Gradient" }

  package var operandCounts: ClosedRange<Int> { 2...2 }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] { [try inputs.operand(1)] }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    try forward.emit(node, in: lowering) { [isEuclidean = forward.isEuclidean] line, inputs, result in
      let (gradient, source) = (inputs[0], inputs[1])
      let norm = line.norm(of: source, isEuclidean)
      var product: Float = 0
      for place in line.places { product += gradient[place] * source[place] }
      for place in line.places {
        let sign: Float = source[place] > 0 ? 1 : source[place] < 0 ? -1 : 0
        let slope = isEuclidean ? source[place] / norm : sign
        result[place] = norm == 0 ? 0 : (gradient[place] - slope * product / norm) / norm
      }
    }
  }
}

/// The elements of a tensor along one axis.
private struct Line {
  var start: Int
  var count: Int
  var step: Int

  var places: StrideTo<Int> { stride(from: start, to: start + count * step, by: step) }

  func norm(of values: UnsafePointer<Float>, _ isEuclidean: Bool) -> Float {
    var total: Float = 0
    for place in places {
      total += isEuclidean ? values[place] * values[place] : abs(values[place])
    }
    return isEuclidean ? total.squareRoot() : total
  }
}
