import OneDNN
package import Tensors

/// A recurrent layer: the state after each step of a sequence is a function of the state before it and of the input.
/// ONNX `RNN`, `LSTM`, `GRU`.
///
/// With `f`, `g`, `h` the layer's functions (by default sigmoid, tanh, tanh), `x` the input and `⊙` the product unit by
/// unit, an LSTM computes
/// ```
/// i = f(x·Wiᵀ + H·Riᵀ + Pi⊙C + b)      C′ = fg⊙C + i⊙g(x·Wcᵀ + H·Rcᵀ + b)
/// fg = f(x·Wfᵀ + H·Rfᵀ + Pf⊙C + b)     o = f(x·Woᵀ + H·Roᵀ + Po⊙C′ + b)      H′ = o⊙h(C′)
/// ```
/// and a GRU `z = f(…)`, `r = f(…)`, `n = g(x·Wnᵀ + (r⊙H)·Rnᵀ + b)`, `H′ = (1−z)⊙n + z⊙H`.
///
/// Operands, all but the first three optional: x `[steps, batch, inputs]`, W `[directions, gates·units, inputs]`, R
/// `[directions, gates·units, units]`, b `[directions, 2·gates·units]`, lengths `[batch]`, the first hidden and cell
/// states `[directions, batch, units]`, P `[directions, 3·units]`. Results: all hidden states `[steps, directions, batch,
/// units]`, and the last hidden and cell states. With `batchFirst` the batch is the first axis of all these.
///
/// One matrix product serves the inputs of all steps; what is left for each step is the product with R.
package struct Recurrence: Operator {
  package let cell: RecurrentCell
  package let direction: RecurrentDirection
  package let batchFirst: Bool
  /// `cell.functionCount` for each direction.
  package let functions: [GateFunction]

  package var kind: String { cell.kind }
  package var resultCount: Int { cell.hasCellState ? 3 : 2 }
  package var spansRows: Bool { true }

  func geometry(_ source: Shape, _ recurrent: Shape) -> RecurrentGeometry {
    RecurrentGeometry(cell, source: source, recurrent: recurrent, batchFirst: batchFirst)
  }

  package var operandCounts: ClosedRange<Int> { 3...8 }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let (x, w, r) = (try inputs.operand(0), try inputs.operand(1), try inputs.operand(2))
    guard x.rank == 3, w.rank == 3, r.rank == 3 else {
      throw ShapeMismatch("input \(x), weights \(w) and \(r): all need three axes")
    }
    let g = geometry(x, r)
    let width = saturatingProduct(g.gates, g.hidden)
    func expect(_ index: Int, _ what: String, _ wanted: [Int]) throws(ShapeMismatch) {
      guard index < inputs.count, let shape = inputs[index], shape.dimensions != wanted else { return }
      throw ShapeMismatch("\(what) of shape \(shape) where \(Shape(wanted)) is expected")
    }
    let states = batchFirst ? [g.batch, g.directions, g.hidden] : [g.directions, g.batch, g.hidden]
    try expect(1, "input weights", [direction.count, width, x[2]])
    try expect(2, "recurrent weights", [direction.count, width, g.hidden])
    try expect(3, "a bias", [direction.count, saturatingProduct(2, width)])
    try expect(4, "lengths", [g.batch])
    try expect(5, "a first hidden state", states)
    try expect(6, "a first cell state", states)
    try expect(7, "peephole weights", [direction.count, saturatingProduct(3, g.hidden)])
    let sequence =
      batchFirst
      ? [g.batch, g.steps, g.directions, g.hidden] : [g.steps, g.directions, g.batch, g.hidden]
    // Last, what the gradient needs: see `RecurrentMemory`.
    let memory = [g.steps, g.batch, g.directions, saturatingProduct(cell.memoryCount, g.hidden)]
    guard memory.reduce(1, saturatingProduct) <= 1 << 40 else {
      throw ShapeMismatch("a sequence of shape \(x) with \(g.hidden) units would not fit into memory")
    }
    return [Shape(sequence)] + [Shape](repeating: Shape(states), count: resultCount - 1) + [Shape(memory)]
  }

  package func multiplyAccumulates(inputs: [Shape?], outputs: [Shape]) -> Int {
    guard let x = inputs[0], let r = inputs[2], x.rank == 3, r.rank == 3 else { return 0 }
    let g = geometry(x, r)
    return saturatingProduct(
      saturatingProduct(g.rows, saturatingProduct(g.directions, g.width)), x[2] + g.hidden)
  }

  package func field(_ inputs: [ReceptiveField?], inputShapes: [Shape?], outputShape: Shape) -> ReceptiveField
  {
    // Every state may depend on the whole sequence; only the batch goes through.
    var axes = [ReceptiveField.Axis?](repeating: nil, count: outputShape.rank)
    if let field = inputs.first ?? nil, field.axes.count == 3 {
      let to = batchFirst ? 0 : outputShape.rank - 2
      axes[to] = field.axes[batchFirst ? 0 : 1]
    }
    return ReceptiveField(axes: axes)
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard functions.allSatisfy(\.isInvertible) else {
      throw .notDifferentiable(node: node.name, kind: "\(kind) with a negative alpha")
    }
    let wanted = node.inputs.map { builder.wants($0) }
    let needsGates = wanted[0] || wanted[1]
    let results = builder.add(
      RecurrenceGradient(forward: self),
      [builder.result(resultCount, of: node)] + (0..<3).map { (given.count > $0 ? given[$0] : nil) ?? "" }
        + node.inputs,
      making: [needsGates, wanted[2], wanted[3], wanted[5], wanted[6], wanted[7]])
    var contributions = [TensorName?](repeating: nil, count: node.inputs.count)
    for (operand, result) in zip([2, 3, 5, 6, 7], results.dropFirst()) { contributions[operand] = result }
    guard let gates = results[0] else { return contributions }
    func flat(_ operand: Int) -> TensorName {
      builder.add(Reshaping(.flatten(axis: 2)), [node.inputs[operand]])
    }
    if wanted[0] {
      let rows = builder.add(MatrixProduct(kind: "MatMul"), [gates, flat(1)])
      contributions[0] = builder.add(ReshapingLike(), [rows, node.inputs[0]])
    }
    if wanted[1] {
      let rows = builder.add(MatrixProduct(kind: "MatMul", transposesA: true), [gates, flat(0)])
      contributions[1] = builder.add(ReshapingLike(), [rows, node.inputs[1]])
    }
    return contributions
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let (x, r) = (try lowering.shape(node.inputs[0]), try lowering.shape(node.inputs[2]))
    let g = geometry(x, r)
    let keeps = node.outputs.count > resultCount
    let gates =
      keeps
      ? lowering.define(
        node.outputs[resultCount], try .plain(try lowering.shape(node.outputs[resultCount]).dimensions))
      : try lowering.scratch(g.rows * g.directions * g.width)
    try project(node, x, g, into: gates, in: lowering)

    var inputs: [Operand] = []
    var places: [Int?] = []
    for (index, name) in node.inputs.enumerated() {
      guard index >= 2, !name.isEmpty else {
        places.append(nil)
        continue
      }
      places.append(inputs.count)
      inputs.append(try lowering.use(name, as: .plain(try lowering.shape(name).dimensions)))
    }
    var outputs = [gates, try lowering.scratch(RecurrentForward.scratchCount(g))]
    var results = [Int?](repeating: nil, count: 3)
    for (index, name) in node.outputs.prefix(resultCount).enumerated() where !name.isEmpty {
      results[index] = outputs.count
      outputs.append(lowering.define(name, try .plain(try lowering.shape(name).dimensions)))
    }
    let work = saturatingProduct(g.rows * g.directions, saturatingProduct(g.width, g.hidden))
    let kernel = NativeKernel(work: work) { [self, places, results] inputs, outputs, lanes in
      func input(_ operand: Int) -> UnsafePointer<Float>? { places[operand].map { inputs[$0] } }
      guard let recurrent = input(2) else { return }
      let pass = RecurrentForward(
        layer: self, geometry: g, recurrent: recurrent, bias: input(3), lengths: input(4),
        firstHidden: input(5), firstCell: input(6), peepholes: input(7),
        memory: RecurrentMemory(outputs[0], g, cell, keeps: keeps), scratch: outputs[1],
        sequence: results[0].map { outputs[$0] }, lastHidden: results[1].map { outputs[$0] },
        lastCell: results[2].map { outputs[$0] })
      pass.run(lanes)
    }
    lowering.emit(kernel, inputs: inputs, outputs: outputs)
  }

  /// `x · Wᵀ` for all steps and directions at once: rows of `directions · gates · units`.
  private func project(
    _ node: Node, _ x: Shape, _ g: RecurrentGeometry, into gates: Operand, in lowering: Lowering
  ) throws {
    let source = try Layout.plain([g.rows, x[2]])
    let width = g.directions * g.width
    let weights = try Layout.plain([width, x[2]])
    let destination = try Layout.plain([g.rows, width])
    let transposed = try weights.permuted([1, 0])
    let rows = try lowering.use(node.inputs[0], viewedAs: [g.rows, x[2]], as: source)
    let factor = try lowering.use(node.inputs[1], viewedAs: [width, x[2]], as: weights)
    let product = try Primitive.matrixProduct(
      source: source, weights: transposed, bias: nil, destination: destination, on: lowering.engine)
    try lowering.emit(
      product,
      [
        (.source, rows), (.weights, Operand(buffer: factor.buffer, layout: transposed)),
        (.destination, Operand(buffer: gates.buffer, layout: destination)),
      ])
  }
}
