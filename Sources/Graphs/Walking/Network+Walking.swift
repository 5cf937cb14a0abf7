public import Tensors

extension Network {
  /// A network whose results become inputs of its next run: asked about sequences, `[rows, steps, …]`, it answers with
  /// sequences, the state carried along.
  ///
  /// Its `graph` has the states as constants, zeros: whoever asks gives the other inputs only, and may give a state what
  /// it begins with, `[rows, …]`.
  ///
  /// - Parameters:
  ///   - state: by the name of a result, the name of the input that it becomes in the next step: `["stateN": "state"]`.
  ///   - stateMemory: the most bytes that the states of all steps may take while gradients are computed; where they take
  ///     more, some are computed twice.
  /// - Throws: `GraphError.unknownTensor`; `.unknownInputShape` for a state of open extents.
  public convenience init(
    stepping graph: Graph, state: [TensorName: TensorName], threads: Int, rowsPerRun: Int = 8,
    memory: Int? = nil, rows: RowLayout? = nil, stateMemory: Int = 1 << 28
  ) throws {
    let step = Network(graph, threads: threads, rowsPerRun: rowsPerRun, memory: memory, rows: rows)
    let walk = try Walk(step, states: state, stateMemory: stateMemory)
    var zeros: [TensorName: Tensor] = [:]
    for state in walk.states {
      zeros[state.input] = Tensor(step.rows.fileShape(of: state.input, row: try walk.row(of: state), rows: 1))
    }
    self.init(try graph.fixing(zeros), walk: walk, given: rows)
  }

  /// Whether what it takes and gives are sequences, `[rows, steps, …]`.
  public var isWalking: Bool { walk != nil }

  /// Whether `input` of this shape, `[rows, …]`, is a sequence and no constant of all steps.
  public func takesSequences(_ input: TensorName, _ shape: Shape) -> Bool {
    walk?.isStepped(input, shape) ?? false
  }

  /// The same network with constants in place of the inputs that `values` names: see `Graph.fixing(_:)`.
  public func fixing(_ values: [TensorName: Tensor]) throws -> Network {
    guard !values.isEmpty else { return self }
    guard let walk else { return Network(try graph.fixing(values), like: self) }
    return try Network(
      stepping: walk.step.graph.fixing(values),
      state: walk.names, threads: threads,
      rowsPerRun: rowsPerRun, memory: memory, rows: given, stateMemory: walk.stateMemory)
  }

  /// The graph with the states among its inputs; `graph` where there are none.
  public var stepGraph: Graph { walk?.step.graph ?? graph }

  /// Another step graph of the same tensors, run as this network is: one of other weights, for example.
  public func replacing(stepGraph other: Graph, memory: Int? = nil) throws -> Network {
    let memory = memory ?? self.memory
    guard let walk else {
      return Network(other, threads: threads, rowsPerRun: rowsPerRun, memory: memory, rows: rows)
    }
    return try Network(
      stepping: other, state: walk.names, threads: threads, rowsPerRun: rowsPerRun, memory: memory,
      rows: rows,
      stateMemory: walk.stateMemory)
  }
}
