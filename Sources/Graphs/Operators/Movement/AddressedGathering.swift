package import Tensors

/// The elements, or slices, of a tensor that indices name. ONNX `GatherElements` and `GatherND`. Indices as in
/// `Gathering`.
package struct AddressedGathering: Operator {
  package let addressing: Addressing

  package init(_ addressing: Addressing) { self.addressing = addressing }

  package var spansRows: Bool { true }

  package var kind: String {
    switch addressing {
    case .elements: "GatherElements"
    case .slices: "GatherND"
    }
  }

  package var operandCounts: ClosedRange<Int> { 2...2 }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    [try addressing.shape(of: try inputs.operand(1), into: try inputs.operand(0))]
  }

  package func field(_ inputs: [ReceptiveField?], inputShapes: [Shape?], outputShape: Shape) -> ReceptiveField
  {
    ReceptiveField(axes: outputShape.dimensions.map { _ in nil })
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0], builder.wants(node.inputs[0]) else { return [] }
    let operation = AddressedGatheringGradient(addressing: addressing)
    return [builder.add(operation, [gradient, node.inputs[1], node.inputs[0]]), nil]
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let plan = try lowering.addresses(
      addressing, node.inputs[1], into: try lowering.shape(node.inputs[0]), of: node)
    try lowering.emitNative(node, work: plan.count * (plan.run + 4)) { inputs, outputs, lanes in
      let (source, result, run) = (inputs[0], outputs[0], plan.run)
      lanes.share(plan.count) { range in
        plan.forEach(in: range, inputs[1]) { number, start in
          (result + number * run).update(from: source + start, count: run)
        }
      }
    }
  }
}

/// The gradient of a gathering by addresses: each element of x becomes the sum of those that show it. Operands:
/// gradient of y, indices, x (only its shape).
struct AddressedGatheringGradient: Operator {
  let addressing: Addressing

  var kind: String { "\(AddressedGathering(addressing).kind)Gradient" }
  var acceptsEmptyOperands: Bool { true }

  var operandCounts: ClosedRange<Int> { 3...3 }

  func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] { [try inputs.operand(2)] }
  func readsValue(ofInput index: Int) -> Bool { index < 2 }

  func lower(_ node: Node, in lowering: Lowering) throws {
    let source = try lowering.shape(node.inputs[2])
    let plan = try lowering.addresses(addressing, node.inputs[1], into: source, of: node)
    let count = source.count
    try lowering.emitNative(node, reading: [0, 1], work: count + plan.count * (plan.run + 4)) {
      inputs, outputs, _ in
      let (gradient, result, run) = (inputs[0], outputs[0], plan.run)
      result.update(repeating: 0, count: count)
      plan.forEach(in: 0..<plan.count, inputs[1]) { number, start in
        for place in 0..<run { result[start + place] += gradient[number * run + place] }
      }
    }
  }
}
