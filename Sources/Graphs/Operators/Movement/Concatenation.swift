import OneDNN
package import Tensors

/// Tensors one after another along an axis. ONNX `Concat`.
///
/// Maps that lie channels-last, or in blocks that none of them cuts, are joined as they lie.
package struct Concatenation: Operator {
  package let axis: Int

  package init(axis: Int) { self.axis = axis }

  package var kind: String { "Concat" }
  package var acceptsEmptyOperands: Bool { true }

  package var operandCounts: ClosedRange<Int> { 1...Int.max }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    var result = try inputs.operand(0)
    let place = try result.place(ofAxis: axis)
    for index in inputs.indices.dropFirst() {
      var part = try inputs.operand(index)
      guard part.rank == result.rank else {
        throw ShapeMismatch("\(result) and \(part) differ in rank and cannot be joined")
      }
      let total = result[place].addingReportingOverflow(part[place])
      part[place] = result[place]
      guard part == result, !total.overflow else {
        throw ShapeMismatch("\(result) and \(try inputs.operand(index)) cannot be joined along axis \(place)")
      }
      result[place] = total.partialValue
    }
    return [try Shape(checking: result.dimensions)]
  }

  package func field(_ inputs: [ReceptiveField?], inputShapes: [Shape?], outputShape: Shape) -> ReceptiveField
  {
    var field = ReceptiveField.merged(inputs, inputShapes, into: outputShape)
    if let place = try? outputShape.place(ofAxis: axis), inputs.count > 1 { field.axes[place] = nil }
    return field
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0] else { return [] }
    return node.inputs.indices.map { index in
      guard builder.wants(node.inputs[index]) else { return nil }
      return builder.add(ConcatenatedPart(axis: axis, index: index), [gradient] + node.inputs)
    }
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let place = try lowering.shape(node.outputs[0]).place(ofAxis: axis)
    let parts = try node.inputs.map { (Optional($0), try lowering.shape($0)[place]) }
    try lowering.join(parts, along: place, as: node.outputs[0])
  }
}

/// Part `index` of what several tensors were joined to: the gradient of a concatenation. Operands: the gradient of the
/// whole, then the tensors that were joined (only their shapes).
struct ConcatenatedPart: Operator {
  let axis: Int
  let index: Int

  var kind: String { "ConcatGradient" }

  var operandCounts: ClosedRange<Int> { 2...Int.max }

  func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] { [try inputs.operand(index + 1)] }
  func readsValue(ofInput index: Int) -> Bool { index == 0 }

  func lower(_ node: Node, in lowering: Lowering) throws {
    let place = try lowering.shape(node.inputs[0]).place(ofAxis: axis)
    let sizes = try node.inputs.dropFirst().map { try lowering.shape($0)[place] }
    let start = sizes[..<index].reduce(0, +)
    try lowering.selectPart(
      start..<start + sizes[index], along: place, of: node.inputs[0], as: node.outputs[0])
  }
}

extension Lowering {
  /// Emits the joining of `parts` along `axis`; each has its extent there, and is zeros if it has no name.
  func join(_ parts: [(name: TensorName?, extent: Int)], along axis: Int, as result: TensorName) throws {
    let parts = parts.filter { $0.extent > 0 }
    if parts.count == 1, let name = parts[0].name { return try reshape(name, to: result) }
    let shape = try shape(result)
    let order = try order(joining: parts, along: axis)
    let extents = order.extents(shape.dimensions)
    let place =
      order.arranged(Array(0..<shape.rank), blocks: { axis, _ in axis }, within: { _ in -1 })
      .firstIndex(of: axis) ?? 0
    let (outer, inner) = Shape(extents).around(place)
    // How many elements of each part lie together.
    let runs = parts.map { part in
      var own = shape.dimensions
      own[axis] = part.extent
      return order.extents(own)[place] * inner
    }
    let starts = runs.indices.map { runs[..<$0].reduce(0, +) }
    let whole = runs.reduce(0, +)
    let operands = try parts.compactMap { part in
      try part.name.map { try use($0, as: .ordered(order, try self.shape($0).dimensions)) }
    }
    // Which operand of the kernel each part is; nil for zeros.
    let places = parts.indices.map { index in
      parts[index].name.map { _ in parts[..<index].count { $0.name != nil } }
    }
    let kernel = NativeKernel(work: outer * whole) { inputs, outputs, lanes in
      lanes.share(outer) { range in
        for row in range {
          for (index, run) in runs.enumerated() {
            let target = outputs[0] + row * whole + starts[index]
            if let place = places[index] {
              target.update(from: inputs[place] + row * run, count: run)
            } else {
              target.update(repeating: 0, count: run)
            }
          }
        }
      }
    }
    emit(kernel, inputs: operands, outputs: [define(result, try .ordered(order, shape.dimensions))])
  }

  /// The order of memory in which `parts` are joined: that of the parts if they agree and their blocks stay whole, else
  /// channels-last if any part is not plain.
  private func order(joining parts: [(name: TensorName?, extent: Int)], along axis: Int) throws -> MemoryOrder
  {
    let orders = Set(try parts.compactMap { part in try part.name.map { try order(of: $0) } })
    guard let first = orders.first, orders != [.plain] else { return .plain }
    guard orders.count == 1 else { return .channelsLast }
    if case .blockedChannels(let block) = first, axis == 1, !parts.allSatisfy({ $0.extent % block == 0 }) {
      return .channelsLast
    }
    return first
  }
}
