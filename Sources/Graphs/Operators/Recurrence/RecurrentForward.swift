import OneDNN

/// One run of a recurrent layer over sequences whose inputs are already multiplied by the weights.
///
/// Each lane takes a direction and some of the batch through all steps: one product with the recurrent weights for a
/// step, then each item's gates.
///
/// Sendable though it holds pointers: it lives for one run of a kernel, and each lane writes to its own items only.
struct RecurrentForward: @unchecked Sendable {
  let layer: Recurrence
  let geometry: RecurrentGeometry
  let recurrent: UnsafePointer<Float>
  let bias: UnsafePointer<Float>?
  let lengths: UnsafePointer<Float>?
  let firstHidden: UnsafePointer<Float>?
  let firstCell: UnsafePointer<Float>?
  let peepholes: UnsafePointer<Float>?
  let memory: RecurrentMemory
  let scratch: UnsafeMutablePointer<Float>
  let sequence: UnsafeMutablePointer<Float>?
  let lastHidden: UnsafeMutablePointer<Float>?
  let lastCell: UnsafeMutablePointer<Float>?

  /// For each direction and item: hidden state, cell state, something between, and a step's products. For each
  /// direction: the biases' sum, and the one that a reset gate acts on.
  static func scratchCount(_ g: RecurrentGeometry) -> Int {
    g.directions * (g.batch * (3 * g.hidden + g.width) + g.width + g.hidden)
  }

  func run(_ lanes: Lanes) {
    let tasks = geometry.tasks(lanes: lanes.count)
    for direction in 0..<geometry.directions { sumBiases(direction) }
    lanes.share(tasks.count) { range in
      Engine.useThreads(1)
      for task in range { run(tasks[task].direction, tasks[task].items) }
    }
  }

  // MARK: Places in the scratch memory

  private func states(_ direction: Int, _ part: Int, _ item: Int) -> UnsafeMutablePointer<Float> {
    scratch + ((direction * 3 + part) * geometry.batch + item) * geometry.hidden
  }

  private func products(_ direction: Int, _ item: Int) -> UnsafeMutablePointer<Float> {
    let states = geometry.directions * 3 * geometry.batch * geometry.hidden
    return scratch + states + (direction * geometry.batch + item) * geometry.width
  }

  private func biases(_ direction: Int) -> UnsafeMutablePointer<Float> {
    let before = geometry.directions * geometry.batch * (3 * geometry.hidden + geometry.width)
    return scratch + before + direction * (geometry.width + geometry.hidden)
  }

  /// Both biases of each gate; that of the recurrent product apart where a reset gate acts on it.
  private func sumBiases(_ direction: Int) {
    let (h, width) = (geometry.hidden, geometry.width)
    let sums = biases(direction)
    guard let bias else { return sums.update(repeating: 0, count: width + h) }
    let (first, second) = (bias + direction * 2 * width, bias + direction * 2 * width + width)
    for j in 0..<width { sums[j] = first[j] + second[j] }
    guard case .gru(resetsAfter: true) = layer.cell else { return }
    (sums + 2 * h).update(from: first + 2 * h, count: h)
    (sums + width).update(from: second + 2 * h, count: h)
  }

  // MARK: The sequence

  /// How many steps item `item` has.
  private func length(_ item: Int) -> Int {
    lengths.map { $0[item].stepCount(atMost: geometry.steps) } ?? geometry.steps
  }

  private func run(_ direction: Int, _ items: Range<Int>) {
    let h = geometry.hidden
    for item in items {
      let place = geometry.state(direction, item)
      for (part, first) in [firstHidden, firstCell].enumerated() {
        let state = states(direction, part, item)
        if let first {
          state.update(from: first + place, count: h)
        } else {
          state.update(repeating: 0, count: h)
        }
      }
    }
    for step in 0..<geometry.steps {
      multiplyStates(direction, items)
      for item in items {
        let length = length(item)
        let time = geometry.time(
          step, length: length, reversed: layer.direction.isReversed(direction))
        if step < length { keepStates(direction, item, time) } else { clear(direction, item, time) }
        guard step < length else { continue }
        advance(direction, item, time)
      }
      if case .gru(resetsAfter: false) = layer.cell { finishReset(direction, items, step) }
      guard let sequence else { continue }
      for item in items where step < length(item) {
        let time = geometry.time(
          step, length: length(item), reversed: layer.direction.isReversed(direction))
        (sequence + geometry.sequence(time, direction, item)).update(
          from: states(direction, 0, item), count: h)
      }
    }
    for item in items {
      let place = geometry.state(direction, item)
      if let lastHidden { (lastHidden + place).update(from: states(direction, 0, item), count: h) }
      if let lastCell { (lastCell + place).update(from: states(direction, 1, item), count: h) }
    }
  }

  /// `H · Rᵀ`, of those gates that see the state as it is.
  private func multiplyStates(_ direction: Int, _ items: Range<Int>) {
    let (h, width) = (geometry.hidden, geometry.width)
    let columns = layer.cell == .gru(resetsAfter: false) ? 2 * h : width
    multiply(
      MatrixView(states(direction, 0, items.lowerBound), stride: h),
      MatrixView(recurrent + direction * width * h, stride: h, transposed: true),
      rows: items.count, columns: columns, depth: h, into: products(direction, items.lowerBound),
      stride: width)
  }

  /// Notes the states before a step for the gradient.
  private func keepStates(_ direction: Int, _ item: Int, _ time: Int) {
    guard let before = memory.before else { return }
    let place = memory.place(time, direction, item)
    (before + place).update(from: states(direction, 0, item), count: geometry.hidden)
    guard layer.cell.hasCellState, let extra = memory.extra else { return }
    (extra + place).update(from: states(direction, 1, item), count: geometry.hidden)
  }

  /// Behind the end of a sequence all is 0.
  private func clear(_ direction: Int, _ item: Int, _ time: Int) {
    let h = geometry.hidden
    if let sequence {
      (sequence + geometry.sequence(time, direction, item)).update(repeating: 0, count: h)
    }
    guard let before = memory.before else { return }
    let place = memory.place(time, direction, item)
    (memory.gates + place * geometry.gates).update(repeating: 0, count: geometry.width)
    (before + place).update(repeating: 0, count: h)
    if let extra = memory.extra { (extra + place).update(repeating: 0, count: h) }
  }

  // MARK: One item's step

  private func advance(_ direction: Int, _ item: Int, _ time: Int) {
    let h = geometry.hidden
    let place = memory.place(time, direction, item)
    let gates = memory.gates + place * geometry.gates
    let (hidden, cell, spare) = (
      states(direction, 0, item), states(direction, 1, item), states(direction, 2, item)
    )
    let (product, bias) = (products(direction, item), biases(direction))
    let first = direction * layer.cell.functionCount
    let f = layer.functions[first]
    switch layer.cell {
    case .simple:
      for j in 0..<h { gates[j] += product[j] + bias[j] }
      f.apply(gates, h)
      hidden.update(from: gates, count: h)
    case .gru(let resetsAfter):
      for j in 0..<2 * h { gates[j] += product[j] + bias[j] }
      f.apply(gates, 2 * h)
      let reset = gates + h
      guard resetsAfter else {
        // The candidate waits for a product of its own.
        for j in 0..<h { spare[j] = reset[j] * hidden[j] }
        return
      }
      let (candidate, past) = (gates + 2 * h, product + 2 * h)
      for j in 0..<h { past[j] += bias[3 * h + j] }
      if let extra = memory.extra { (extra + place).update(from: past, count: h) }
      for j in 0..<h { candidate[j] += reset[j] * past[j] + bias[2 * h + j] }
      layer.functions[first + 1].apply(candidate, h)
      for j in 0..<h { hidden[j] = candidate[j] + gates[j] * (hidden[j] - candidate[j]) }
    case .lstm(let couplesForget):
      let peepholes = peepholes.map { $0 + direction * 3 * h }
      for j in 0..<4 * h { gates[j] += product[j] + bias[j] }
      let (output, forget, candidate) = (gates + h, gates + 2 * h, gates + 3 * h)
      if let peepholes {
        for j in 0..<h { gates[j] += peepholes[j] * cell[j] }
        for j in 0..<h { forget[j] += peepholes[2 * h + j] * cell[j] }
      }
      f.apply(gates, h)
      if couplesForget { for j in 0..<h { forget[j] = 1 - gates[j] } } else { f.apply(forget, h) }
      layer.functions[first + 1].apply(candidate, h)
      for j in 0..<h { cell[j] = forget[j] * cell[j] + gates[j] * candidate[j] }
      if let peepholes { for j in 0..<h { output[j] += peepholes[h + j] * cell[j] } }
      f.apply(output, h)
      spare.update(from: cell, count: h)
      layer.functions[first + 2].apply(spare, h)
      for j in 0..<h { hidden[j] = output[j] * spare[j] }
    }
  }

  /// The candidates of a GRU whose reset gate acts before the recurrent product, and so its new states.
  private func finishReset(_ direction: Int, _ items: Range<Int>, _ step: Int) {
    let (h, width) = (geometry.hidden, geometry.width)
    let first = items.lowerBound
    multiply(
      MatrixView(states(direction, 2, first), stride: h),
      MatrixView(recurrent + (direction * width + 2 * h) * h, stride: h, transposed: true),
      rows: items.count, columns: h, depth: h, into: products(direction, first) + 2 * h, stride: width)
    let bias = biases(direction) + 2 * h
    let function = layer.functions[direction * 2 + 1]
    for item in items where step < length(item) {
      let time = geometry.time(step, length: length(item), reversed: layer.direction.isReversed(direction))
      let gates = memory.gates + memory.place(time, direction, item) * geometry.gates
      let (candidate, hidden) = (gates + 2 * h, states(direction, 0, item))
      let product = products(direction, item) + 2 * h
      for j in 0..<h { candidate[j] += product[j] + bias[j] }
      function.apply(candidate, h)
      for j in 0..<h { hidden[j] = candidate[j] + gates[j] * (hidden[j] - candidate[j]) }
    }
  }
}

extension Float {
  /// The number as a count of steps, at least 0.
  func stepCount(atMost most: Int) -> Int { self >= Float(most) ? most : self > 0 ? Int(self) : 0 }
}
