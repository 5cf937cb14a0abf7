import Synchronization
public import Tensors

/// A graph ready to be asked: evaluates and differentiates it for rows, which are independent examples.
///
/// The first axis of every tensor that it takes and gives is the rows', whatever the file looks like inside (`RowLayout`):
/// a scalar result is `[rows]`, a state `[2, N, 128]` is `[rows, 2, 128]`, a recording `[T]` is `[rows, T]`. Where the
/// graph takes one row at a time, because its batch is fixed, because it has none, or because its results mix the rows,
/// rows are run one by one. Where it takes many, a batch is cut into runs of `rowsPerRun`, which stay in the caches. The
/// runs are shared out among the threads: each works alone on whole rows, so that none waits for another within a layer
/// (measured on 2 cores: 10 % faster than both on every layer, and undisturbed by other programs). A few rows are
/// computed by all threads together. Where `memory` is bounded, runs get fewer rows until the intermediate results of
/// all that are under way fit into it. Safe to use from several tasks.
public final class Network: Sendable {
  public let graph: Graph
  /// The most rows of one run.
  public let rowsPerRun: Int
  package let evaluator: Evaluator
  /// Over the steps of sequences; nil where the network has no state.
  let walk: Walk?
  /// What is known of its rows from outside.
  let given: RowLayout?
  private let known = Mutex(Known())

  /// - Parameters:
  ///   - memory: the most bytes that the intermediate results of all threads together may take; nil for no bound.
  ///   - rows: where rows run, of inputs and results of which the file does not say it or says it wrongly.
  public init(
    _ graph: Graph, threads: Int, rowsPerRun: Int = 8, memory: Int? = nil, rows: RowLayout? = nil
  ) {
    self.graph = graph
    self.rowsPerRun = max(1, rowsPerRun)
    evaluator = Evaluator(graph, threads: threads, memory: memory)
    walk = nil
    given = rows
  }

  /// A network of sequences.
  ///
  /// - Parameter graph: of one step, without the states.
  init(_ graph: Graph, walk: Walk, given: RowLayout?) {
    (self.graph, self.walk, self.given) = (graph, walk, given)
    rowsPerRun = walk.step.rowsPerRun
    evaluator = walk.step.evaluator
  }

  /// Another graph with the same settings.
  package convenience init(_ graph: Graph, like other: Network) {
    self.init(
      graph, threads: other.threads, rowsPerRun: other.rowsPerRun, memory: other.memory, rows: other.given)
  }

  /// Threads to compute with.
  public var threads: Int { evaluator.threads }
  /// The most bytes that the intermediate results of all threads together may take; nil for no bound.
  public var memory: Int? { evaluator.memory }
  /// Bytes of intermediate results of the programs that wait for the next question.
  public var arenaBytes: Int { evaluator.arenaBytes }
  /// Multiplications followed by an addition in all runs so far.
  public var multiplyAccumulates: Int { evaluator.multiplyAccumulates }

  /// Runs `body`, and tells what the kernels took meanwhile.
  package func profiling(_ body: () throws -> Void) rethrows -> KernelProfile {
    try evaluator.profiling(body)
  }

  /// What was found out about the rows.
  private struct Known: ~Copyable {
    var layout: RowLayout?
    var surveys: [[TensorName: Shape]: RowSurvey] = [:]
    /// Whether a tensor's rows were seen to be apart, by the shapes of the inputs for one row.
    var verdicts: [[TensorName: Shape]: [TensorName: Bool]] = [:]
    /// How batches are cut, by what is asked of them.
    var cuts: [CutKey: BatchCut] = [:]

    mutating func makeRoom() {
      if surveys.count > 256 { (surveys, verdicts) = ([:], [:]) }
      if cuts.count > 1024 { cuts = [:] }
    }
  }

  struct CutKey: Hashable {
    var question: Evaluator.Question
    var shapes: [TensorName: Shape]
  }

  /// Where rows run in the file's inputs.
  public var rows: RowLayout {
    if let walk { return walk.step.rows }
    if let layout = known.withLock({ $0.layout }) { return layout }
    let layout = InputSurvey.layout(evaluator, given: given)
    known.withLock { $0.layout = layout }
    return layout
  }

  /// The values of `tensors`, in that order, for these inputs (by name).
  public func values(of tensors: [TensorName], at inputs: [TensorName: Tensor]) throws -> [Tensor] {
    if let walk { return try walk.values(of: tensors, at: inputs) }
    try evaluator.check(tensors, inputs, [])
    return try run(
      RowQuestion(.init(wanted: tensors), about: tensors, results: tensors), inputs,
      prepare: evaluator.prepare(tensors))
  }

  /// `Σ seed · ∂score/∂t` for each tensor `t` of `wanted`, and the values of the tensors `alongside`, in one pass.
  ///
  /// - Parameters:
  ///   - seed: as large as `score`, a row for each of the inputs'.
  ///   - baseline: other values of all inputs, for rules that compare with what the network makes of those.
  public func gradients(
    of score: TensorName, seed: Tensor, withRespectTo wanted: [TensorName], alongside: [TensorName] = [],
    rule: GradientRule = .standard, at inputs: [TensorName: Tensor], from baseline: [TensorName: Tensor] = [:]
  ) throws -> (gradients: [Tensor], values: [Tensor]) {
    try gradients(
      of: [score: seed], withRespectTo: wanted, alongside: alongside, rule: rule, at: inputs, from: baseline)
  }

  /// The same for several tensors at once, each with its own seed: `Σ seed_s · ∂s/∂t` over the tensors s.
  public func gradients(
    of seeds: [TensorName: Tensor], withRespectTo wanted: [TensorName], alongside: [TensorName] = [],
    rule: GradientRule = .standard, at inputs: [TensorName: Tensor], from baseline: [TensorName: Tensor] = [:]
  ) throws -> (gradients: [Tensor], values: [Tensor]) {
    if let walk {
      return try walk.gradients(
        of: seeds, withRespectTo: wanted, alongside: alongside, rule: rule, at: inputs, from: baseline)
    }
    let scores = seeds.keys.sorted()
    let rows = try Self.rowCount(inputs.mapValues(\.shape))
    for (name, tensor) in seeds.merging(baseline, uniquingKeysWith: { first, _ in first })
    where tensor.shape.dimensions.first != rows {
      throw GraphError.input(
        name, expected: "one row for each of the \(rows) of the inputs", got: tensor.shape)
    }
    let inputs = inputs.merging(Evaluator.companions(seeds: seeds, baseline: baseline)) { $1 }
    try evaluator.check(wanted + alongside + scores, inputs, scores)
    let results = try run(
      RowQuestion(
        .init(gradientOf: scores, withRespectTo: wanted, alongside: alongside, rule: rule),
        about: wanted + alongside + scores, results: wanted + alongside, scores: scores,
        baseline: Array(baseline.keys)),
      inputs,
      prepare: evaluator.prepareGradient(
        of: scores, withRespectTo: wanted, alongside: alongside, rule: rule))
    return (Array(results.prefix(wanted.count)), Array(results.dropFirst(wanted.count)))
  }

  /// Bytes of intermediate results that computing `tensors` takes in one run, for inputs of these shapes of the file.
  public func arenaBytes(of tensors: [TensorName], at shapes: [TensorName: Shape]) throws -> Int {
    let graph = try evaluator.resolved(for: shapes).simplified(keeping: tensors)
    return try Program(graph, inputShapes: shapes, wanted: tensors, threads: threads).arenaBytes
  }

  // MARK: - What is known of the rows

  /// What the graph makes of rows of these inputs' shapes.
  ///
  /// - Parameter shapes: of the inputs, the first axis the rows'.
  /// - Throws: `GraphError.missingInput`, `.input`, `.shapes` where the graph does not take such rows.
  package func survey(at shapes: [TensorName: Shape]) throws -> RowSurvey {
    if let walk { return try walk.step.survey(at: walk.stepShapes(shapes)) }
    let layout = rows
    var oneRow: [TensorName: Shape] = [:]
    for input in graph.inputs {
      guard let shape = shapes[input.name] else { throw GraphError.missingInput(input.name) }
      guard shape.rank > 0 else { throw GraphError.unknownInputShape(input.name, "it has no axis for rows") }
      oneRow[input.name] = layout.fileShape(
        of: input.name, row: Array(shape.dimensions.dropFirst()), rows: layout.rowsHeld(by: input))
    }
    if let survey = known.withLock({ $0.surveys[oneRow] }) { return survey }
    let survey = try RowSurvey(evaluator, layout, oneRow: oneRow)
    known.withLock { known in
      known.makeRoom()
      known.surveys[oneRow] = survey
    }
    return survey
  }

  /// Whether the rows of `tensors` were seen to be apart; nil where nobody looked.
  func verdict(on tensors: [TensorName], at shapes: [TensorName: Shape]) -> Bool? {
    known.withLock { known in
      guard let verdicts = known.verdicts[shapes] else { return nil }
      let found = tensors.map { verdicts[$0] }
      if found.contains(false) { return false }
      return found.contains(nil) ? nil : true
    }
  }

  func keep(_ verdicts: [TensorName: Bool], at shapes: [TensorName: Shape]) {
    known.withLock { known in
      known.makeRoom()
      known.verdicts[shapes, default: [:]].merge(verdicts) { $1 }
    }
  }

  func cut(for key: CutKey) -> BatchCut? { known.withLock { $0.cuts[key] } }

  func keep(_ cut: BatchCut, for key: CutKey) {
    known.withLock { known in
      known.makeRoom()
      known.cuts[key] = cut
    }
  }
}
