import OneDNN
package import Tensors

/// An operation whose result shows elements of its first operand, chosen axis by axis:
/// `y[i, j, …] = x[first[i], second[j], …]`, or a fixed number where nothing is chosen.
///
/// Slices, pads, repetitions and nearest neighbours are all of this kind. They work in the order of memory in which the
/// operand lies, so that channels-last and blocked maps stay what they are.
package protocol Selecting: Operator {
  /// What the result shows where it shows nothing of the operand.
  var fill: Float { get }

  /// What is chosen along each axis of the result. The operand's axes are the last of them; those before it have
  /// extent 1.
  func selections(from source: Shape, to result: Shape) -> [AxisSelection]
}

extension Selecting {
  package var fill: Float { 0 }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0], builder.wants(node.inputs[0]) else { return [] }
    return [builder.add(SelectionGradient(forward: self), [gradient, node.inputs[0]])]
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let (source, result) = (try lowering.shape(node.inputs[0]), try lowering.shape(node.outputs[0]))
    try lowering.select(
      selections(from: source, to: result), of: node.inputs[0], fill: fill, as: node.outputs[0])
  }
}

/// The gradient of a selection: each element of the operand gathers from wherever it is shown. Operands: gradient of y,
/// x (only its shape).
struct SelectionGradient: Operator {
  let forward: any Selecting

  var kind: String { "\(forward.kind)Gradient" }
  var acceptsEmptyOperands: Bool { true }

  var operandCounts: ClosedRange<Int> { 2...2 }

  func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] { [try inputs.operand(1)] }
  func readsValue(ofInput index: Int) -> Bool { index == 0 }

  func lower(_ node: Node, in lowering: Lowering) throws {
    let (result, source) = (try lowering.shape(node.inputs[0]), try lowering.shape(node.inputs[1]))
    let selections = forward.selections(from: source, to: result)
    try lowering.unselect(selections, of: node.inputs[0], as: node.outputs[0])
  }
}

extension Lowering {
  /// Emits the selection of `source` that is called `result`.
  func select(_ selections: [AxisSelection], of source: TensorName, fill: Float, as result: TensorName) throws
  {
    try follow(selections, over: try shape(source), from: source, to: result) { plan, read, written, lanes in
      plan.run(read, written, fill: fill, lanes)
    }
  }

  /// Emits the gradient of a selection, from that of its result.
  func unselect(_ selections: [AxisSelection], of gradient: TensorName, as result: TensorName) throws {
    try follow(selections, over: try shape(result), from: gradient, to: result) {
      plan, read, written, lanes in
      plan.runBack(read, written, lanes)
    }
  }

  /// Emits what goes one way or the other through selections of a tensor of shape `source`.
  private func follow(
    _ selections: [AxisSelection], over source: Shape, from operand: TensorName, to result: TensorName,
    _ body:
      @escaping @Sendable (SelectionPlan, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Lanes) -> Void
  ) throws {
    guard try shape(result).count > 0 else {
      return _ = define(result, try .plain(try shape(result).dimensions))
    }
    guard !selections.allSatisfy(\.isAll) else { return try reshape(operand, to: result) }
    let (from, to) = (try shape(operand), try shape(result))
    let order = from.rank == to.rank ? try order(of: operand, whole: selections) : .plain
    let view = [Int](repeating: 1, count: max(from.rank, to.rank) - source.rank) + source.dimensions
    let plan = SelectionPlan(order.arranged(selections), of: order.extents(view))
    let read = try use(operand, as: .ordered(order, from.dimensions))
    let written = define(result, try .ordered(order, to.dimensions))
    emit(
      NativeKernel(work: plan.work) { inputs, outputs, lanes in body(plan, inputs[0], outputs[0], lanes) },
      inputs: [read], outputs: [written])
  }

  /// The order in which `name` lies, if a kernel can follow it: blocks of channels only where all channels are taken.
  private func order(of name: TensorName, whole selections: [AxisSelection]) throws -> MemoryOrder {
    let order = try order(of: name)
    if case .blockedChannels = order, !selections[1].isAll { return .channelsLast }
    return order
  }

  /// The order in which `name` was made; plain if it is none that is known.
  func order(of name: TensorName) throws -> MemoryOrder {
    try layout(of: name).order(try shape(name).dimensions) ?? .plain
  }
}

extension MemoryOrder {
  /// The selections in the order of memory; where channels are in blocks, all of them are taken.
  func arranged(_ selections: [AxisSelection]) -> [AxisSelection] {
    arranged(
      selections, blocks: { .all(($0.count + $1 - 1) / $1) }, within: { .all($0) })
  }
}
