import OneDNN
package import Tensors

/// A loss for each example, `[N]`, as `Loss` defines it. Operands: logits `[N, C]`, targets `[N, C]`, weights of the
/// classes `[C]`.
package struct LossOperator: Operator {
  let loss: Loss

  package var kind: String { "Loss" }
  package var operandCounts: ClosedRange<Int> { 3...3 }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let logits = try inputs.operand(0)
    let (targets, weights) = (try inputs.operand(1), try inputs.operand(2))
    guard logits.rank == 2, targets == logits, weights.dimensions == [logits[1]] else {
      throw ShapeMismatch(
        "logits of shape \(logits), targets of shape \(targets) and weights of shape \(weights)")
    }
    return [[logits[0]]]
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0] else { return [] }
    return [builder.add(LossGradient(loss: loss), [gradient] + node.inputs), nil, nil]
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let shape = try lowering.shape(node.inputs[0])
    let (rows, classes, loss) = (shape[0], shape[1], loss)
    try lowering.emitNative(node, work: 16 * shape.count) { inputs, outputs, lanes in
      lanes.share(rows) { range in
        for row in range {
          let place = row * classes
          outputs[0][row] = Float(
            loss.evaluate(
              inputs[0] + place, inputs[1] + place, inputs[2], classes, seed: 1, gradient: nil))
        }
      }
    }
  }
}

/// The gradient of a loss with respect to its logits. Operands: gradient of the losses `[N]`, logits, targets, weights.
struct LossGradient: Operator {
  let loss: Loss

  var kind: String { "LossGradient" }
  var operandCounts: ClosedRange<Int> { 4...4 }

  func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] { [try inputs.operand(1)] }

  func lower(_ node: Node, in lowering: Lowering) throws {
    let shape = try lowering.shape(node.inputs[1])
    let (rows, classes, loss) = (shape[0], shape[1], loss)
    try lowering.emitNative(node, work: 16 * shape.count) { inputs, outputs, lanes in
      lanes.share(rows) { range in
        for row in range {
          let place = row * classes
          _ = loss.evaluate(
            inputs[1] + place, inputs[2] + place, inputs[3], classes, seed: Double(inputs[0][row]),
            gradient: outputs[0] + place)
        }
      }
    }
  }
}
