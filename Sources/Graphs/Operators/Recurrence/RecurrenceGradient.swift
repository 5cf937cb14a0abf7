import OneDNN
package import Tensors

/// The gradient of a recurrent layer, by going back through its steps (Werbos, Proc. IEEE 1990).
///
/// Operands: what the layer kept (`RecurrentMemory`), the gradients of its three results (an empty name where nothing
/// flows), then the layer's own. Results: the gradient of what the gates took from the input, `[rows, directions · gates
/// · units]`, which two matrix products turn into those of x and W; then the gradients of R, b, the first hidden and
/// cell states, and P.
package struct RecurrenceGradient: Operator {
  let forward: Recurrence

  package var kind: String { "\(forward.kind)Gradient" }
  package var resultCount: Int { 6 }

  /// Where the layer's own operands begin.
  private static let own = 4

  package var operandCounts: ClosedRange<Int> { Self.own + 3...Self.own + 8 }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let x = try inputs.operand(Self.own)
    let r = try inputs.operand(Self.own + 2)
    let g = forward.geometry(x, r)
    let rest = [3, 5, 6, 7].map { inputs.count > Self.own + $0 ? inputs[Self.own + $0] ?? [1] : [1] }
    return [[g.rows, g.directions * g.width], r] + rest
  }

  package func readsValue(ofInput index: Int) -> Bool {
    // Of x, W, b and the first states only the shapes; what was kept tells the rest.
    ![0, 1, 3, 5, 6].contains(index - Self.own)
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let shape = try lowering.shape(node.inputs[Self.own])
    let g = forward.geometry(shape, try lowering.shape(node.inputs[Self.own + 2]))
    var inputs: [Operand] = []
    var places: [Int?] = []
    for (index, name) in node.inputs.enumerated() {
      guard readsValue(ofInput: index), !name.isEmpty else {
        places.append(nil)
        continue
      }
      places.append(inputs.count)
      inputs.append(try lowering.use(name, as: .plain(try lowering.shape(name).dimensions)))
    }
    var outputs = [try lowering.scratch(RecurrentBackward.scratchCount(g, forward.cell))]
    var results = [Int?](repeating: nil, count: resultCount)
    for (index, name) in node.outputs.enumerated() where !name.isEmpty {
      results[index] = outputs.count
      outputs.append(lowering.define(name, try .plain(try lowering.shape(name).dimensions)))
    }
    let gates = try results[0] == nil ? lowering.scratch(g.rows * g.directions * g.width) : outputs[1]
    if results[0] == nil {
      results[0] = outputs.count
      outputs.append(gates)
    }
    let work = saturatingProduct(2 * g.rows * g.directions, saturatingProduct(g.width, g.hidden))
    let kernel = NativeKernel(work: work) { [forward, places, results] inputs, outputs, lanes in
      func input(_ operand: Int) -> UnsafePointer<Float>? { places[operand].map { inputs[$0] } }
      func result(_ index: Int) -> UnsafeMutablePointer<Float>? { results[index].map { outputs[$0] } }
      guard let kept = input(0), let recurrent = input(Self.own + 2), let gates = result(0) else { return }
      let pass = RecurrentBackward(
        layer: forward, geometry: g,
        memory: RecurrentMemory(UnsafeMutablePointer(mutating: kept), g, forward.cell, keeps: true),
        recurrent: recurrent, lengths: input(Self.own + 4), peepholes: input(Self.own + 7),
        sequence: input(1), lastHidden: input(2), lastCell: input(3), scratch: outputs[0], gates: gates,
        toRecurrent: result(1), toBias: result(2), toFirstHidden: result(3), toFirstCell: result(4),
        toPeepholes: result(5))
      pass.run(lanes)
    }
    lowering.emit(kernel, inputs: inputs, outputs: outputs)
  }
}
