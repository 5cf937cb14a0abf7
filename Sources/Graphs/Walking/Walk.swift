import Tensors

/// A network that carries state from step to step, over whole sequences: `(y_t, s_{t+1}) = f(x_t, s_t)`.
///
/// Stepped inputs are `[rows, steps, …]`, and so is all that comes out, inner tensors included. Inputs without an axis of
/// steps are the same at every step. A state begins as zeros, or as given, `[rows, …]`. Gradients go back through all
/// steps (back-propagation through time, Werbos 1990): each step's program runs again from its own state, and passes on
/// what flows back into that state. States are kept for every step, or, where they would fill the memory, for every
/// `√steps`-th, and computed again in between (Griewank and Walther, Evaluating Derivatives, 2008, chapter 12).
final class Walk: Sendable {
  /// The network of one step, which takes the state and gives the next one.
  let step: Network
  let states: [State]
  /// The most bytes that the states of all steps may take.
  let stateMemory: Int
  /// How many axes a step's row has, by input; nil where the file does not say.
  private let rowRanks: [TensorName: Int]

  struct State: Sendable, Hashable {
    /// What the step makes of it.
    let result: TensorName
    /// What the next step takes it as.
    let input: TensorName
  }

  /// - Throws: `GraphError.unknownTensor`, `.malformed` where two states share a name.
  init(_ step: Network, states: [TensorName: TensorName], stateMemory: Int) throws {
    (self.step, self.stateMemory) = (step, stateMemory)
    let names = step.graph.inputs.map(\.name)
    self.states = try states.sorted { $0.key < $1.key }.map { result, input in
      guard names.contains(input) else {
        throw GraphError.unknownTensor(input, nearest: nearest(to: input, among: names))
      }
      return State(result: try step.graph.tensor(named: result), input: input)
    }
    guard Set(states.values).count == states.count else {
      throw GraphError.malformed("two results become the same state of the next step")
    }
    let layout = step.rows
    rowRanks = step.graph.inputs.reduce(into: [:]) { ranks, input in
      guard let dimensions = input.dimensions else { return }
      ranks[input.name] = dimensions.count - ((layout.axes[input.name] ?? nil) == nil ? 0 : 1)
    }
  }

  /// By the name of a result, the input that it becomes.
  var names: [TensorName: TensorName] {
    Dictionary(states.map { ($0.result, $0.input) }) { first, _ in first }
  }

  // MARK: - Sequences

  /// The inputs of a walk, taken apart.
  struct Sequences {
    var rows = 1
    var steps = 1
    /// `[steps, rows, …]`
    var stepped: [TensorName: Tensor] = [:]
    /// `[rows, …]`
    var constant: [TensorName: Tensor] = [:]
    var initial: [TensorName: Tensor] = [:]

    /// The inputs of step `index`, without the state.
    func inputs(_ index: Int) -> [TensorName: Tensor] {
      stepped.mapValues { $0.step(index) }.merging(constant) { $1 }
    }
  }

  /// Whether an input of this shape has an axis of steps.
  func isStepped(_ name: TensorName, _ shape: Shape) -> Bool {
    guard !states.contains(where: { $0.input == name }) else { return false }
    return rowRanks[name].map { shape.rank == $0 + 2 } ?? true
  }

  /// How many rows and steps inputs of these shapes have.
  ///
  /// - Throws: `GraphError.input`, `.rowCounts`, `.stepCounts`.
  func extents(_ shapes: [TensorName: Shape]) throws(GraphError) -> (rows: Int, steps: Int) {
    var (rows, steps): ([TensorName: Int], [TensorName: Int]) = ([:], [:])
    for input in step.graph.inputs {
      guard let shape = shapes[input.name] else {
        if states.contains(where: { $0.input == input.name }) { continue }
        throw .missingInput(input.name)
      }
      let isStepped = isStepped(input.name, shape)
      if let rank = rowRanks[input.name], shape.rank != rank + (isStepped ? 2 : 1) {
        throw .input(input.name, expected: "[rows, steps, …] with \(rank) more axes", got: shape)
      }
      guard shape.rank > (isStepped ? 1 : 0), !shape.dimensions.contains(0) else {
        throw .input(input.name, expected: "[rows, steps, …]", got: shape)
      }
      rows[input.name] = shape[0]
      if isStepped { steps[input.name] = shape[1] }
    }
    guard Set(rows.values).count == 1, let count = rows.values.first else { throw .rowCounts(rows) }
    guard Set(steps.values).count == 1, let length = steps.values.first else { throw .stepCounts(steps) }
    return (count, length)
  }

  /// The shapes of one step's inputs, for sequences of these shapes.
  func stepShapes(_ shapes: [TensorName: Shape]) throws(GraphError) -> [TensorName: Shape] {
    let (rows, _) = try extents(shapes)
    var result: [TensorName: Shape] = [:]
    for input in step.graph.inputs {
      if let shape = shapes[input.name] {
        result[input.name] =
          isStepped(input.name, shape) ? Shape([rows] + shape.dimensions.dropFirst(2)) : shape
      } else if let state = states.first(where: { $0.input == input.name }) {
        result[input.name] = Shape([rows] + (try row(of: state)))
      }
    }
    return result
  }

  private func sequences(_ inputs: [TensorName: Tensor]) throws -> Sequences {
    let (rows, steps) = try extents(inputs.mapValues(\.shape))
    var result = Sequences(rows: rows, steps: steps)
    for input in step.graph.inputs {
      guard let tensor = inputs[input.name] else { continue }
      if states.contains(where: { $0.input == input.name }) {
        result.initial[input.name] = tensor
      } else if isStepped(input.name, tensor.shape) {
        result.stepped[input.name] = tensor.bringingForward(axis: 1)
      } else {
        result.constant[input.name] = tensor
      }
    }
    for state in states where result.initial[state.input] == nil {
      result.initial[state.input] = Tensor(Shape([rows] + (try row(of: state))))
    }
    return result
  }

  /// The axes of one row of a state.
  ///
  /// - Throws: `GraphError.unknownInputShape` where the file leaves them open.
  func row(of state: State) throws(GraphError) -> [Int] {
    guard let input = step.graph.inputs.first(where: { $0.name == state.input }),
      let dimensions = input.dimensions
    else {
      throw .unknownInputShape(state.input, "give what the state begins with, as an input of that name")
    }
    let axis = step.rows.axes[state.input] ?? nil
    var extents: [Int] = []
    for (place, dimension) in dimensions.enumerated() where place != axis {
      guard case .fixed(let extent) = dimension else {
        throw .unknownInputShape(
          state.input, "axis \(place) is open; give what the state begins with, as an input of that name")
      }
      extents.append(extent)
    }
    return extents
  }

  // MARK: - Arrays

  /// Whether an array of this shape is the sequence of one row, `[steps, …]`.
  func isOneSequence(_ name: TensorName, _ shape: Shape) -> Bool {
    guard !states.contains(where: { $0.input == name }), let rank = rowRanks[name] else { return false }
    return rank > 0 && shape.rank == rank + 1 && !isConstant(name, shape)
  }

  /// Whether an array of this shape has the file's own shape, and so is the same at every step: `[]` or `[1]`.
  private func isConstant(_ name: TensorName, _ shape: Shape) -> Bool {
    guard let dimensions = step.graph.inputs.first(where: { $0.name == name })?.dimensions else {
      return false
    }
    return shape.count == 1 && dimensions.count == shape.rank
  }

  /// Arrays as rows: `[steps, …]` as `[1, steps, …]`; what is the same at every step, and what a state begins with, from the
  /// file's shapes.
  func rowForm(of arrays: [TensorName: Tensor]) throws -> [TensorName: Tensor] {
    var result: [TensorName: Tensor] = [:]
    for input in step.graph.inputs {
      guard let tensor = arrays[input.name] else { continue }
      if isOneSequence(input.name, tensor.shape) {
        result[input.name] = tensor.reshaped(to: Shape([1] + tensor.shape.dimensions))
      } else if isStepped(input.name, tensor.shape), !isConstant(input.name, tensor.shape) {
        result[input.name] = tensor
      } else {
        result[input.name] = try step.rowForm(tensor, of: input.name)
      }
    }
    let rows = result.values.reduce(1) { max($0, $1.shape.dimensions.first ?? 1) }
    for (name, tensor) in result where tensor.shape[0] == 1 && rows > 1 {
      result[name] = Tensor(joining: [Tensor](repeating: tensor, count: rows))
    }
    return result
  }

  // MARK: - Values

  /// The values of `tensors` at every step, `[rows, steps, …]`.
  func values(of tensors: [TensorName], at inputs: [TensorName: Tensor]) throws -> [Tensor] {
    let sequences = try sequences(inputs)
    var parts = tensors.map { _ in [Tensor]() }
    _ = try walk(sequences, 0..<sequences.steps, from: sequences.initial, tensors) { _, values in
      for (place, value) in values.enumerated() { parts[place].append(value) }
    }
    return parts.map(Tensor.init(steps:))
  }

  /// Walks over some steps and returns the state behind them.
  private func walk(
    _ sequences: Sequences, _ range: Range<Int>, from state: [TensorName: Tensor],
    _ tensors: [TensorName] = [], visit: (_ step: Int, _ values: [Tensor]) -> Void = { _, _ in }
  ) throws -> [TensorName: Tensor] {
    var state = state
    let wanted = tensors + states.map(\.result)
    for index in range {
      let values = try step.values(of: wanted, at: sequences.inputs(index).merging(state) { $1 })
      visit(index, Array(values.prefix(tensors.count)))
      for (place, own) in states.enumerated() { state[own.input] = values[tensors.count + place] }
    }
    return state
  }

  // MARK: - Gradients

  /// `Σ seed · ∂score/∂t` for each tensor `t` of `wanted`, over all steps of the scores, and the values of `alongside`; all
  /// `[rows, steps, …]`.
  ///
  /// - Throws: `GraphError.notAcrossSteps` for rules of relevance, which begin from the score's value.
  func gradients(
    of seeds: [TensorName: Tensor], withRespectTo wanted: [TensorName], alongside: [TensorName],
    rule: GradientRule, at inputs: [TensorName: Tensor], from baseline: [TensorName: Tensor]
  ) throws -> (gradients: [Tensor], values: [Tensor]) {
    guard !rule.startsFromScore else { throw GraphError.notAcrossSteps("relevance propagation") }
    for name in wanted where states.contains(where: { $0.input == name }) {
      throw GraphError.independent(seeds.keys.sorted().first ?? "", of: name)
    }
    var differentiable = states
    while true {
      do {
        return try gradients(
          of: seeds, withRespectTo: wanted, alongside: alongside, rule: rule, at: inputs, from: baseline,
          through: differentiable)
      } catch GraphError.independent(let tensor, let other) {
        // A counter, or a state that nothing flows back into.
        let place =
          differentiable.firstIndex { $0.input == other } ?? differentiable.firstIndex { $0.result == tensor }
        guard let place else { throw GraphError.independent(tensor, of: other) }
        differentiable.remove(at: place)
      }
    }
  }

  private func gradients(
    of seeds: [TensorName: Tensor], withRespectTo wanted: [TensorName], alongside: [TensorName],
    rule: GradientRule, at inputs: [TensorName: Tensor], from baseline: [TensorName: Tensor],
    through states: [State]
  ) throws -> (gradients: [Tensor], values: [Tensor]) {
    let own = try sequences(inputs)
    let other = baseline.isEmpty ? nil : try sequences(baseline)
    let seeds = try seeds.mapValues { seed in
      guard seed.shape.rank > 1, seed.shape[0] == own.rows, seed.shape[1] == own.steps else {
        throw GraphError.stepCounts(["seed": seed.shape.rank > 1 ? seed.shape[1] : 0, "input": own.steps])
      }
      return seed.bringingForward(axis: 1)
    }
    // Nothing flows back from steps behind the last score.
    let steps = alongside.isEmpty ? Self.lastStep(of: Array(seeds.values)) + 1 : own.steps
    let length = segment(own)
    let ownBorders = try borders(own, every: length, of: steps)
    let otherBorders = try other.map { try borders($0, every: length, of: steps) }
    var back: [TensorName: Tensor] = [:]
    var parts = [[Tensor]](repeating: [], count: wanted.count + alongside.count)
    for (place, border) in ownBorders.enumerated().reversed() {
      let range = place * length..<min((place + 1) * length, steps)
      let before = try statesBefore(own, range, border)
      let otherBefore =
        try other.map { try statesBefore($0, range, otherBorders?[place] ?? $0.initial) } ?? []
      for index in range.reversed() {
        let at = own.inputs(index).merging(before[index - range.lowerBound]) { $1 }
        var from: [TensorName: Tensor] = [:]
        if let other { from = other.inputs(index).merging(otherBefore[index - range.lowerBound]) { $1 } }
        var stepSeeds = seeds.mapValues { $0.step(index) }
        for state in states {
          let flowing =
            back[state.input] ?? Tensor(before[index - range.lowerBound][state.input]?.shape ?? [])
          stepSeeds[state.result] = stepSeeds[state.result].map { $0.plus(flowing) } ?? flowing
        }
        let result = try step.gradients(
          of: stepSeeds, withRespectTo: wanted + states.map(\.input), alongside: alongside, rule: rule,
          at: at,
          from: from)
        for place in wanted.indices { parts[place].append(result.gradients[place]) }
        for (place, value) in result.values.enumerated() { parts[wanted.count + place].append(value) }
        for (place, state) in states.enumerated() {
          back[state.input] = result.gradients[wanted.count + place]
        }
      }
    }
    let whole = parts.map { parts in
      let behind = [Tensor](repeating: Tensor(parts[0].shape), count: own.steps - steps)
      return Tensor(steps: parts.reversed() + behind)
    }
    return (Array(whole.prefix(wanted.count)), Array(whole.dropFirst(wanted.count)))
  }

  /// After how many steps a state is kept.
  private func segment(_ sequences: Sequences) -> Int {
    let bytes = sequences.initial.values.reduce(0) { $0 + $1.count } * MemoryLayout<Float>.stride
    guard bytes > stateMemory / max(1, sequences.steps) else { return 1 }
    return max(1, Int(Double(sequences.steps).squareRoot().rounded(.up)))
  }

  /// The last step in which one of these, `[steps, rows, …]`, is not zero; the first if none is.
  private static func lastStep(of seeds: [Tensor]) -> Int {
    seeds.reduce(0) { last, seed in
      let size = seed.count / max(1, seed.shape[0])
      let place = seed.withUnsafeValues { values in values.lastIndex { $0 != 0 } }
      return max(last, (place ?? 0) / max(1, size))
    }
  }

  /// The states before the first of every `length` of so many steps.
  private func borders(_ sequences: Sequences, every length: Int, of steps: Int) throws
    -> [[TensorName: Tensor]]
  {
    var borders = [sequences.initial]
    for start in stride(from: length, to: steps, by: length) {
      borders.append(try walk(sequences, start - length..<start, from: borders[borders.count - 1]))
    }
    return borders
  }

  /// The states before each step of a segment.
  private func statesBefore(_ sequences: Sequences, _ range: Range<Int>, _ border: [TensorName: Tensor])
    throws
    -> [[TensorName: Tensor]]
  {
    var found = [border]
    for index in range.dropLast() {
      found.append(try walk(sequences, index..<index + 1, from: found[found.count - 1]))
    }
    return found
  }
}

extension Tensor {
  /// Of `[steps, rows, …]`: one step, `[rows, …]`.
  fileprivate func step(_ index: Int) -> Tensor {
    rows(index..<index + 1).reshaped(to: Shape(Array(shape.dimensions.dropFirst())))
  }

  /// `[rows, steps, …]` of the steps, `[rows, …]` each.
  fileprivate init(steps: [Tensor]) {
    let joined = Tensor(joining: steps.map { $0.reshaped(to: Shape([1] + $0.shape.dimensions)) })
    self = joined.bringingFirst(to: 1)
  }

  fileprivate func plus(_ other: Tensor) -> Tensor {
    withUnsafeValues { a in
      other.withUnsafeValues { b in
        Tensor(unsafeUninitialized: shape) { sum in
          for place in sum.indices { sum[place] = a[place] + b[place] }
        }
      }
    }
  }
}
