import OneDNN
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

  package var spansRows: Bool { true }

  package var kind: String {
    switch addressing {
    case .elements: "ScatterElements"
    case .slices: "ScatterND"
    }
  }
  package var acceptsEmptyOperands: Bool { true }

  package var operandCounts: ClosedRange<Int> { 3...3 }

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
    let (source, indices, updates) = (node.inputs[0], node.inputs[1], node.inputs[2])
    let (toSource, toUpdates) = (builder.wants(source), builder.wants(updates))
    func gathered(_ name: TensorName, _ builder: inout GradientBuilder) -> TensorName {
      builder.add(AddressedGathering(addressing), [name, indices])
    }
    switch reduction {
    case .none:
      return [
        toSource ? builder.add(Clearing(addressing: addressing), [gradient, indices]) : nil, nil,
        toUpdates ? gathered(gradient, &builder) : nil,
      ]
    case .add: return [gradient, nil, toUpdates ? gathered(gradient, &builder) : nil]
    case .multiply:
      // Of each place the product of what is not zero, and how many zeros there are.
      let (x, u) = (builder.add(Self.nonzero, [source]), builder.add(Self.nonzero, [updates]))
      let (noX, noU) = (builder.add(Self.isZero, [source]), builder.add(Self.isZero, [updates]))
      let product = builder.add(Scattering(addressing, .multiply), [x, indices, u])
      let zeros = builder.add(Scattering(addressing, .add), [noX, indices, noU])
      let whole = builder.add(Binary(.multiply), [gradient, product])
      return [
        toSource ? builder.add(Self.shareOfProduct, [whole, zeros, source]) : nil, nil,
        toUpdates
          ? builder.add(
            Self.shareOfProduct, [gathered(whole, &builder), gathered(zeros, &builder), updates]) : nil,
      ]
    case .maximum, .minimum:
      // Those that reach the extreme share its gradient, as in PyTorch's `scatter_reduce`.
      let result = node.outputs[0]
      let x = builder.add(Self.isEqual, [source, result])
      let u = builder.add(Self.isEqual, [updates, gathered(result, &builder)])
      let count = builder.add(Scattering(addressing, .add), [x, indices, u])
      let share = builder.add(Binary(.divide), [gradient, count])
      return [
        toSource ? builder.add(Binary(.multiply), [share, x]) : nil, nil,
        toUpdates ? builder.add(Binary(.multiply), [gathered(share, &builder), u]) : nil,
      ]
    }
  }

  private static let isEqual = Pointwise("Equal", arity: 2, ofTwo { $0 == $1 ? 1 : 0 })
  private static let isZero = Pointwise.function("IsZero") { $0 == 0 ? 1 : 0 }
  private static let nonzero = Pointwise.function("NonzeroOrOne") { $0 == 0 ? 1 : $0 }
  /// The gradient times the product of all others. Operands: gradient · product of what is not zero, how many are zero,
  /// the factor itself.
  private static let shareOfProduct = Pointwise(
    "ProductGradient", arity: 3,
    ofThree { whole, zeros, x in x == 0 ? (zeros == 1 ? whole : 0) : (zeros == 0 ? whole / x : 0) })

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
  var acceptsEmptyOperands: Bool { true }

  var operandCounts: ClosedRange<Int> { 2...2 }

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
