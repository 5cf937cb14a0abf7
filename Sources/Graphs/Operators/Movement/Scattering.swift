package import Tensors

/// `y = x`, but for the elements, or slices, that indices name: there `y` is the update, or `x` and the update taken
/// together. ONNX `ScatterElements`, `ScatterND`. Operands: x, indices, updates.
package struct Scattering: Operator {
  package enum Reduction: String, Sendable {
    /// The update replaces what was there; of several, the last.
    case none
    case add
    case multiply = "mul"
    case maximum = "max"
    case minimum = "min"
  }

  package let addressing: Addressing
  package let reduction: Reduction

  package init(_ addressing: Addressing, _ reduction: Reduction) {
    (self.addressing, self.reduction) = (addressing, reduction)
  }

  package var kind: String {
    switch addressing {
    case .elements: "ScatterElements"
    case .slices: "ScatterND"
    }
  }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let (source, updates) = (try inputs.operand(0), try inputs.operand(2))
    guard try addressing.shape(of: try inputs.operand(1), into: source) == updates else {
      throw ShapeMismatch("updates of shape \(updates) for indices of shape \(try inputs.operand(1))")
    }
    return [source]
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0] else { return [] }
    guard [.none, .add].contains(reduction) else {
      throw .notDifferentiable(node: node.name, kind: "\(kind), reduction = \(reduction.rawValue)")
    }
    let (source, indices, updates) = (node.inputs[0], node.inputs[1], node.inputs[2])
    var toSource: TensorName?
    if builder.wants(source) {
      toSource =
        reduction == .add ? gradient : builder.add(Clearing(addressing: addressing), [gradient, indices])
    }
    let toUpdates =
      builder.wants(updates) ? builder.add(AddressedGathering(addressing), [gradient, indices]) : nil
    return [toSource, nil, toUpdates]
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let source = try lowering.shape(node.inputs[0])
    let plan = try lowering.addresses(addressing, node.inputs[1], into: source, of: node)
    let (count, reduction) = (source.count, reduction)
    try lowering.emitNative(node, work: count + plan.count * (plan.run + 4)) { inputs, outputs, _ in
      let (updates, result, run) = (inputs[2], outputs[0], plan.run)
      result.update(from: inputs[0], count: count)
      func scatter(_ combine: (Float, Float) -> Float) {
        plan.forEach(in: 0..<plan.count, inputs[1]) { number, start in
          for place in 0..<run {
            result[start + place] = combine(result[start + place], updates[number * run + place])
          }
        }
      }
      switch reduction {
      case .none: scatter { $1 }
      case .add: scatter { $0 + $1 }
      case .multiply: scatter { $0 * $1 }
      case .maximum: scatter { max($0, $1) }
      case .minimum: scatter { min($0, $1) }
      }
    }
  }
}

/// The tensor with zeros at the places that indices name: the gradient of what a scattering overwrites. Operands: the
/// tensor, indices.
struct Clearing: Operator {
  let addressing: Addressing

  var kind: String { "Clear" }

  func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] { [try inputs.operand(0)] }

  func lower(_ node: Node, in lowering: Lowering) throws {
    let source = try lowering.shape(node.inputs[0])
    let plan = try lowering.addresses(addressing, node.inputs[1], into: source, of: node)
    try lowering.emitNative(node, work: source.count + plan.count * (plan.run + 4)) { inputs, outputs, _ in
      outputs[0].update(from: inputs[0], count: source.count)
      plan.forEach(in: 0..<plan.count, inputs[1]) { _, start in
        (outputs[0] + start).update(repeating: 0, count: plan.run)
      }
    }
  }
}
