import OneDNN

/// One run of a recurrent layer's gradient: each lane takes a direction and some of the batch from the last step to the
/// first; then the weights' gradients are summed over all steps and items at once.
///
/// Sendable though it holds pointers: it lives for one run of a kernel, and each lane writes to its own items only.
struct RecurrentBackward: @unchecked Sendable {
  let layer: Recurrence
  let geometry: RecurrentGeometry
  let memory: RecurrentMemory
  let recurrent: UnsafePointer<Float>
  let lengths: UnsafePointer<Float>?
  let peepholes: UnsafePointer<Float>?
  /// The gradients of the results; nil where nothing flows.
  let sequence: UnsafePointer<Float>?
  let lastHidden: UnsafePointer<Float>?
  let lastCell: UnsafePointer<Float>?
  let scratch: UnsafeMutablePointer<Float>
  /// The gradient of what the gates took from the input: rows as the input's, directions side by side.
  let gates: UnsafeMutablePointer<Float>
  let toRecurrent: UnsafeMutablePointer<Float>?
  let toBias: UnsafeMutablePointer<Float>?
  let toFirstHidden: UnsafeMutablePointer<Float>?
  let toFirstCell: UnsafeMutablePointer<Float>?
  let toPeepholes: UnsafeMutablePointer<Float>?

  /// For each direction and item: the gradients of both states, two spare vectors, and those of a step's products. Behind
  /// them, for a GRU, one number for each unit and row: see `gateOperands`.
  static func scratchCount(_ g: RecurrentGeometry, _ cell: RecurrentCell) -> Int {
    let steps = g.directions * g.batch * (4 * g.hidden + g.width)
    if case .gru = cell { return steps + g.rows * g.directions * g.hidden }
    return steps
  }

  func run(_ lanes: Lanes) {
    let tasks = geometry.tasks(lanes: lanes.count)
    lanes.share(tasks.count) { range in
      Engine.useThreads(1)
      for task in range { run(tasks[task].direction, tasks[task].items) }
    }
    lanes.share(geometry.directions) { range in
      Engine.useThreads(1)
      for direction in range { sumWeights(direction) }
    }
  }

  private func states(_ direction: Int, _ part: Int, _ item: Int) -> UnsafeMutablePointer<Float> {
    scratch + ((direction * 4 + part) * geometry.batch + item) * geometry.hidden
  }

  private func products(_ direction: Int, _ item: Int) -> UnsafeMutablePointer<Float> {
    let states = geometry.directions * 4 * geometry.batch * geometry.hidden
    return scratch + states + (direction * geometry.batch + item) * geometry.width
  }

  /// For a GRU: what the recurrent weights of the candidate were multiplied by (`r ⊙ H`), or the gradient of what they
  /// gave, row by row as `RecurrentMemory.before`.
  private var gateOperands: UnsafeMutablePointer<Float> {
    scratch + geometry.directions * geometry.batch * (4 * geometry.hidden + geometry.width)
  }

  private func length(_ item: Int) -> Int {
    lengths.map { $0[item].stepCount(atMost: geometry.steps) } ?? geometry.steps
  }

  // MARK: The steps

  private func run(_ direction: Int, _ items: Range<Int>) {
    let (h, width) = (geometry.hidden, geometry.width)
    for item in items {
      let place = geometry.state(direction, item)
      for part in 0..<2 {
        let state = states(direction, part, item)
        if let last = part == 0 ? lastHidden : lastCell {
          state.update(from: last + place, count: h)
        } else {
          state.update(repeating: 0, count: h)
        }
      }
    }
    let first = items.lowerBound
    let weights = recurrent + direction * width * h
    for step in (0..<geometry.steps).reversed() {
      for item in items {
        let length = length(item)
        let time = geometry.time(step, length: length, reversed: layer.direction.isReversed(direction))
        if step < length { goBack(direction, item, time) } else { clear(direction, item, time) }
      }
      let seen = layer.cell == .gru(resetsAfter: false) ? 2 * h : width
      if seen < width {
        // What the reset states of the candidate are asked for; then, on to the reset gate and the states.
        multiply(
          MatrixView(products(direction, first) + seen, stride: width),
          MatrixView(weights + seen * h, stride: h), rows: items.count, columns: h, depth: h,
          into: states(direction, 2, first), stride: h)
        for item in items where step < length(item) {
          let time = geometry.time(
            step, length: length(item), reversed: layer.direction.isReversed(direction))
          goBackThroughReset(direction, item, time)
        }
      }
      multiply(
        MatrixView(products(direction, first), stride: width), MatrixView(weights, stride: h),
        rows: items.count, columns: h, depth: seen, adding: true, into: states(direction, 0, first),
        stride: h)
    }
    for item in items {
      let place = geometry.state(direction, item)
      if let toFirstHidden { (toFirstHidden + place).update(from: states(direction, 0, item), count: h) }
      if let toFirstCell { (toFirstCell + place).update(from: states(direction, 1, item), count: h) }
    }
  }

  /// Behind the end of a sequence nothing flows, and the states' gradients stay as they are.
  private func clear(_ direction: Int, _ item: Int, _ time: Int) {
    let place = memory.place(time, direction, item)
    (gates + place * geometry.gates).update(repeating: 0, count: geometry.width)
    products(direction, item).update(repeating: 0, count: geometry.width)
    if case .gru = layer.cell { (gateOperands + place).update(repeating: 0, count: geometry.hidden) }
  }

  /// From the gradient of the state after a step to that of the gates, and to the part of the gradient of the state
  /// before it that does not go through the recurrent weights.
  private func goBack(_ direction: Int, _ item: Int, _ time: Int) {
    let h = geometry.hidden
    let hidden = states(direction, 0, item)
    if let sequence {
      let given = sequence + geometry.sequence(time, direction, item)
      for j in 0..<h { hidden[j] += given[j] }
    }
    let place = memory.place(time, direction, item)
    let value = memory.gates + place * geometry.gates
    let gate = gates + place * geometry.gates
    let product = products(direction, item)
    switch layer.cell {
    case .simple:
      gate.update(from: hidden, count: h)
      layer.functions[direction].multiply(gate, byDerivativeAt: value, h)
      hidden.update(repeating: 0, count: h)
      product.update(from: gate, count: h)
    case .lstm(let couplesForget):
      goBackThroughCell(direction, item, place, couplesForget: couplesForget)
      hidden.update(repeating: 0, count: h)
      product.update(from: gate, count: 4 * h)
    case .gru(let resetsAfter):
      guard let before = memory.before else { return }
      let past = before + place
      let candidate = value + 2 * h
      for j in 0..<h { gate[2 * h + j] = hidden[j] * (1 - value[j]) }
      layer.functions[direction * 2 + 1].multiply(gate + 2 * h, byDerivativeAt: candidate, h)
      for j in 0..<h { gate[j] = hidden[j] * (past[j] - candidate[j]) }
      layer.functions[direction * 2].multiply(gate, byDerivativeAt: value, h)
      for j in 0..<h { hidden[j] *= value[j] }
      guard resetsAfter, let extra = memory.extra else {
        return (product + 2 * h).update(from: gate + 2 * h, count: h)
      }
      let (reset, seen) = (value + h, extra + place)
      for j in 0..<h { gate[h + j] = gate[2 * h + j] * seen[j] }
      layer.functions[direction * 2].multiply(gate + h, byDerivativeAt: reset, h)
      product.update(from: gate, count: 2 * h)
      for j in 0..<h { product[2 * h + j] = gate[2 * h + j] * reset[j] }
      (gateOperands + place).update(from: product + 2 * h, count: h)
    }
  }

  /// An LSTM's step: the gradient of the cell state goes on beside that of the hidden state.
  private func goBackThroughCell(_ direction: Int, _ item: Int, _ place: Int, couplesForget: Bool) {
    guard let extra = memory.extra else { return }
    let h = geometry.hidden
    let value = memory.gates + place * 4
    let gate = gates + place * 4
    let past = extra + place
    let (hidden, cell) = (states(direction, 0, item), states(direction, 1, item))
    let (now, slope) = (states(direction, 2, item), states(direction, 3, item))
    let peepholes = peepholes.map { $0 + direction * 3 * h }
    let functions = (
      layer.functions[direction * 3], layer.functions[direction * 3 + 1], layer.functions[direction * 3 + 2]
    )
    for j in 0..<h { now[j] = value[2 * h + j] * past[j] + value[j] * value[3 * h + j] }
    functions.2.apply(now, h)
    for j in 0..<h { gate[h + j] = hidden[j] * now[j] }
    functions.0.multiply(gate + h, byDerivativeAt: value + h, h)
    for j in 0..<h { slope[j] = hidden[j] * value[h + j] }
    functions.2.multiply(slope, byDerivativeAt: now, h)
    for j in 0..<h { cell[j] += slope[j] }
    if let peepholes { for j in 0..<h { cell[j] += gate[h + j] * peepholes[h + j] } }
    let candidate = value + 3 * h
    for j in 0..<h { gate[3 * h + j] = cell[j] * value[j] }
    functions.1.multiply(gate + 3 * h, byDerivativeAt: candidate, h)
    if couplesForget {
      for j in 0..<h { gate[j] = cell[j] * (candidate[j] - past[j]) }
      (gate + 2 * h).update(repeating: 0, count: h)
    } else {
      for j in 0..<h { gate[j] = cell[j] * candidate[j] }
      for j in 0..<h { gate[2 * h + j] = cell[j] * past[j] }
      functions.0.multiply(gate + 2 * h, byDerivativeAt: value + 2 * h, h)
    }
    functions.0.multiply(gate, byDerivativeAt: value, h)
    for j in 0..<h { cell[j] *= value[2 * h + j] }
    if let peepholes {
      for j in 0..<h { cell[j] += gate[j] * peepholes[j] + gate[2 * h + j] * peepholes[2 * h + j] }
    }
  }

  /// From the gradient of `r ⊙ H` to those of the reset gate and of the state.
  private func goBackThroughReset(_ direction: Int, _ item: Int, _ time: Int) {
    guard let before = memory.before else { return }
    let h = geometry.hidden
    let place = memory.place(time, direction, item)
    let (reset, past) = (memory.gates + place * 3 + h, before + place)
    let (asked, hidden) = (states(direction, 2, item), states(direction, 0, item))
    let gate = gates + place * 3
    for j in 0..<h { gate[h + j] = asked[j] * past[j] }
    layer.functions[direction * 2].multiply(gate + h, byDerivativeAt: reset, h)
    for j in 0..<h { hidden[j] += asked[j] * reset[j] }
    products(direction, item).update(from: gate, count: 2 * h)
    let operand = gateOperands + place
    for j in 0..<h { operand[j] = reset[j] * past[j] }
  }

  // MARK: The weights

  private func sumWeights(_ direction: Int) {
    if let toRecurrent { sumRecurrent(direction, into: toRecurrent) }
    if let toBias { sumBias(direction, into: toBias) }
    if let toPeepholes { sumPeepholes(direction, into: toPeepholes) }
  }

  /// `Σ gateᵀ · H` over all rows.
  private func sumRecurrent(_ direction: Int, into result: UnsafeMutablePointer<Float>) {
    guard let before = memory.before else { return }
    let (h, width, directions) = (geometry.hidden, geometry.width, geometry.directions)
    let result = result + direction * width * h
    let states = MatrixView(before + direction * h, stride: directions * h)
    let gate = gates + direction * width
    func sum(_ gates: MatrixView, _ states: MatrixView, _ count: Int, at row: Int) {
      multiply(
        gates, states, rows: count, columns: h, depth: geometry.rows, into: result + row * h, stride: h)
    }
    let all = MatrixView(gate, stride: directions * width, transposed: true)
    guard case .gru(let resetsAfter) = layer.cell else { return sum(all, states, width, at: 0) }
    sum(all, states, 2 * h, at: 0)
    let own = gateOperands + direction * h
    if resetsAfter {
      sum(MatrixView(own, stride: directions * h, transposed: true), states, h, at: 2 * h)
    } else {
      let candidate = MatrixView(gate + 2 * h, stride: directions * width, transposed: true)
      sum(candidate, MatrixView(own, stride: directions * h), h, at: 2 * h)
    }
  }

  /// Both biases of a gate are added to the same sum, but for the one that a reset gate acts on.
  private func sumBias(_ direction: Int, into result: UnsafeMutablePointer<Float>) {
    let (h, width) = (geometry.hidden, geometry.width)
    let first = result + direction * 2 * width
    let second = first + width
    first.update(repeating: 0, count: 2 * width)
    for row in 0..<geometry.rows {
      let gate = gates + (row * geometry.directions + direction) * width
      for j in 0..<width { first[j] += gate[j] }
    }
    second.update(from: first, count: width)
    guard case .gru(resetsAfter: true) = layer.cell else { return }
    (second + 2 * h).update(repeating: 0, count: h)
    for row in 0..<geometry.rows {
      let gate = gateOperands + (row * geometry.directions + direction) * h
      for j in 0..<h { second[2 * h + j] += gate[j] }
    }
  }

  private func sumPeepholes(_ direction: Int, into result: UnsafeMutablePointer<Float>) {
    guard let extra = memory.extra else { return }
    let h = geometry.hidden
    let result = result + direction * 3 * h
    result.update(repeating: 0, count: 3 * h)
    for row in 0..<geometry.rows {
      let place = (row * geometry.directions + direction) * h
      let (gate, value, past) = (gates + place * 4, memory.gates + place * 4, extra + place)
      for j in 0..<h {
        let now = value[2 * h + j] * past[j] + value[j] * value[3 * h + j]
        result[j] += gate[j] * past[j]
        result[h + j] += gate[h + j] * now
        result[2 * h + j] += gate[2 * h + j] * past[j]
      }
    }
  }
}
