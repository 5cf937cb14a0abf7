import Synchronization
package import Tensors

/// Runs a graph in the shapes of its own file: compiles a `Program` for each new question and keeps it for the next.
///
/// Knows nothing of rows: what runs is the whole of what it is given. `Network` is made of it. Safe to use from several
/// tasks.
package final class Evaluator: Sendable {
  package let graph: Graph
  package let threads: Int
  /// The most bytes of intermediate results of all programs together; nil for no bound.
  package let memory: Int?

  private let compiled = Mutex(Compiled())
  private let work = Atomic(0)
  /// What kernels took; nil where nobody asks.
  private let profile = Mutex<KernelProfile?>(nil)

  package init(_ graph: Graph, threads: Int, memory: Int? = nil) {
    (self.graph, self.threads, self.memory) = (graph, max(1, threads), memory)
  }

  /// What a graph is asked for, apart from the shapes of the inputs.
  struct Question: Hashable, Sendable {
    var wanted: [TensorName]
    var gradient: Gradient?
    /// How many places along each axis change, if only a part is computed.
    var changing: [Int]?

    struct Gradient: Hashable, Sendable {
      var scores: [TensorName]
      var withRespectTo: [TensorName]
      var rule: String
    }
  }

  private struct PlanKey: Hashable {
    var wanted: [TensorName]
    var changing: [Int]
    var shape: Shape
  }

  private struct Key: Hashable {
    var question: Question
    var shapes: [TensorName: Shape]
    /// OpenMP threads of the program.
    var threads: Int
  }

  /// Graphs prepared for a question, and the programs that nobody is running.
  private struct Compiled: ~Copyable {
    var graphs = RecentlyUsed<Key, Graph>(capacity: 48)
    var resolved = RecentlyUsed<[TensorName: Shape], Graph>(capacity: 24)
    /// The shapes of all tensors, by those of the inputs.
    var shapes = RecentlyUsed<[TensorName: Shape], [TensorName: Shape]>(capacity: 512)
    var idle = RecentlyUsed<Key, [Idle]>(capacity: 96)
    /// Bytes of intermediate results of the programs that are running.
    var busyBytes = 0
    /// Plans for inputs that differ in a part; nil where nothing is gained.
    var plans = RecentlyUsed<PlanKey, IncrementalPlan?>(capacity: 24)
    let packer = ConstantPacker()
    /// Graphs and plans made since constants were last forgotten.
    private var made = 0

    var idleBytes: Int { idle.values.joined().reduce(0) { $0 + $1.program.arenaBytes } }

    /// Counts a graph that was made anew. Clips of ever new lengths and ever new questions would fill the memory: what is
    /// least recently used is forgotten, and now and then what was packed for graphs that are gone.
    mutating func countGraph(of network: Graph) {
      made += 1
      guard made >= 96 else { return }
      made = 0
      let alive = [network] + graphs.values + resolved.values + plans.values.compactMap { $0?.graph }
      packer.forget(allBut: alive.flatMap(\.constants.values))
    }
  }

  /// A program that waits to be used; whoever takes it out of the pool has it alone.
  ///
  /// Sendable though a `Program` is not: it is passed from thread to thread only while none runs it.
  private struct Idle: @unchecked Sendable {
    let program: Program
  }

  /// Bytes of intermediate results of the programs that wait for the next question.
  package var arenaBytes: Int { compiled.withLock { $0.idleBytes } }

  var packer: ConstantPacker { compiled.withLock { $0.packer } }

  /// Multiplications followed by an addition in all runs so far.
  package var multiplyAccumulates: Int { work.load(ordering: .relaxed) }

  /// Runs `body`, and tells what the kernels took meanwhile.
  package func profiling(_ body: () throws -> Void) rethrows -> KernelProfile {
    profile.withLock { $0 = KernelProfile() }
    defer { profile.withLock { $0 = nil } }
    try body()
    return profile.withLock { $0 } ?? KernelProfile()
  }

  // MARK: - Values and gradients

  /// The values of `tensors`, in that order, for these inputs.
  package func values(of tensors: [TensorName], at inputs: [TensorName: Tensor]) throws -> [Tensor] {
    try check(tensors, inputs, [])
    return try run(
      .init(wanted: tensors), inputs, threads: threads, memory: memory, prepare: prepare(tensors))
  }

  /// `Σ seed · ∂score/∂t` for each tensor `t` of `wanted`, and the values of the tensors `alongside`, in one pass.
  package func gradients(
    of score: TensorName, seed: Tensor, withRespectTo wanted: [TensorName], alongside: [TensorName] = [],
    rule: GradientRule = .standard, at inputs: [TensorName: Tensor], from baseline: [TensorName: Tensor] = [:]
  ) throws -> (gradients: [Tensor], values: [Tensor]) {
    try gradients(
      of: [score: seed], withRespectTo: wanted, alongside: alongside, rule: rule, at: inputs, from: baseline)
  }

  /// The same for several tensors at once, each with its own seed: `Σ seed_s · ∂s/∂t` over the tensors s.
  package func gradients(
    of seeds: [TensorName: Tensor], withRespectTo wanted: [TensorName], alongside: [TensorName] = [],
    rule: GradientRule = .standard, at inputs: [TensorName: Tensor], from baseline: [TensorName: Tensor] = [:]
  ) throws -> (gradients: [Tensor], values: [Tensor]) {
    let scores = seeds.keys.sorted()
    let question = Question(gradientOf: scores, withRespectTo: wanted, alongside: alongside, rule: rule)
    let inputs = inputs.merging(Self.companions(seeds: seeds, baseline: baseline)) { $1 }
    try check(wanted + alongside + scores, inputs, scores)
    let results = try run(
      question, inputs, threads: threads, memory: memory,
      prepare: prepareGradient(of: scores, withRespectTo: wanted, alongside: alongside, rule: rule))
    return (Array(results.prefix(wanted.count)), Array(results.dropFirst(wanted.count)))
  }

  /// What a gradient graph takes besides the network's inputs.
  static func companions(seeds: [TensorName: Tensor], baseline: [TensorName: Tensor]) -> [TensorName: Tensor]
  {
    var inputs: [TensorName: Tensor] = [:]
    for (score, seed) in seeds { inputs[Graph.seedName(score)] = seed }
    for (input, value) in baseline { inputs[Graph.baselineName(input)] = value }
    return inputs
  }

  func prepare(_ tensors: [TensorName]) -> @Sendable (Graph) throws -> Graph {
    { [packer] graph in try graph.simplified(keeping: tensors, sharing: packer) }
  }

  func prepareGradient(
    of scores: [TensorName], withRespectTo wanted: [TensorName], alongside: [TensorName], rule: GradientRule
  ) -> @Sendable (Graph) throws -> Graph {
    { [packer] graph in
      try graph.simplified(keeping: wanted + alongside + scores, sharing: packer)
        .gradient(of: scores, withRespectTo: wanted, rule: rule)
    }
  }

  /// - Throws: `GraphError.unknownTensor`, `.missingInput`.
  func check(_ tensors: [TensorName], _ inputs: [TensorName: Tensor], _ scores: [TensorName])
    throws(GraphError)
  {
    for name in tensors { try graph.tensor(named: name) }
    for input in graph.inputs where inputs[input.name] == nil { throw GraphError.missingInput(input.name) }
    for name in inputs.keys where !graph.inputs.contains(where: { $0.name == name }) {
      guard
        scores.map(Graph.seedName).contains(name)
          || graph.inputs.contains(where: { Graph.baselineName($0.name) == name })
      else { throw GraphError.unknownTensor(name, nearest: graph.inputs.map(\.name)) }
    }
  }

  // MARK: - Shapes

  /// The shapes of all tensors for inputs of these shapes.
  package func shapes(at inputs: [TensorName: Shape]) throws -> [TensorName: Shape] {
    let names = Set(graph.inputs.map(\.name))
    let inputs = inputs.filter { names.contains($0.key) }
    if let known = compiled.withLock({ $0.shapes[inputs] }) { return known }
    let shapes = try resolved(for: inputs).shapes(for: inputs)
    compiled.withLock { $0.shapes[inputs] = shapes }
    return shapes
  }

  /// The graph for inputs of these shapes.
  package func resolved(for shapes: [TensorName: Shape]) throws(GraphError) -> Graph {
    guard graph.dependsOnShapes else { return graph }
    if let known = compiled.withLock({ $0.resolved[shapes] }) { return known }
    let resolved = try graph.resolved(for: shapes)
    compiled.withLock { [graph] compiled in
      compiled.resolved[shapes] = resolved
      compiled.countGraph(of: graph)
    }
    return resolved
  }

  // MARK: - Programs

  /// The graph that answers `question` for inputs of these shapes.
  private func prepared(
    _ question: Question, _ shapes: [TensorName: Shape], _ prepare: (Graph) throws -> Graph
  ) throws -> Graph {
    let hangsOnShapes = graph.dependsOnShapes || question.changing != nil
    let key = Key(question: question, shapes: hangsOnShapes ? shapes : [:], threads: 0)
    if let known = compiled.withLock({ $0.graphs[key] }) { return known }
    let names = Set(graph.inputs.map(\.name))
    let prepared = try prepare(try resolved(for: shapes.filter { names.contains($0.key) }))
    compiled.withLock { [graph] compiled in
      compiled.graphs[key] = prepared
      compiled.countGraph(of: graph)
    }
    return prepared
  }

  /// Runs a question on these inputs in one piece.
  ///
  /// - Parameters:
  ///   - threads: OpenMP threads of the program.
  ///   - memory: the most bytes of this run's intermediate results.
  func run(
    _ question: Question, _ inputs: [TensorName: Tensor], threads: Int, memory: Int?,
    prepare: (Graph) throws -> Graph
  ) throws -> [Tensor] {
    let key = Key(question: question, shapes: inputs.mapValues(\.shape), threads: threads)
    let (known, packer) = compiled.withLock { ($0.idle[key]?.popLast(), $0.packer) }
    let program =
      try known?.program
      ?? Program(
        try prepared(question, key.shapes, prepare), inputShapes: key.shapes, wanted: question.wanted,
        threads: threads, packer: packer, memory: memory)
    let idle = Idle(program: program)
    compiled.withLock { [bound = self.memory] compiled in
      compiled.busyBytes += idle.program.arenaBytes
      // An arena takes memory from its first run on.
      if let bound, compiled.busyBytes + compiled.idleBytes > bound { compiled.idle.removeAll() }
    }
    let isProfiled = profile.withLock { $0 != nil }
    let results = Result {
      guard isProfiled else { return try program.run(inputs) }
      return try program.run(inputs) { seconds, kernels in
        self.profile.withLock { $0?.add(seconds, of: kernels) }
      }
    }
    work.wrappingAdd(program.multiplyAccumulates, ordering: .relaxed)
    compiled.withLock { compiled in
      compiled.busyBytes -= idle.program.arenaBytes
      compiled.idle[key] = (compiled.idle[key] ?? []) + [idle]
    }
    return try results.get()
  }

  /// How to evaluate `tensors` where only some places of the input change; nil where nothing is gained by that.
  package func incrementalPlan(for tensors: [TensorName], changing: [Int], inputShape: Shape) throws
    -> IncrementalPlan?
  {
    let key = PlanKey(wanted: tensors, changing: changing, shape: inputShape)
    if let known = compiled.withLock({ $0.plans[key] }) { return known }
    let shapes = graph.inputs.first.map { [$0.name: inputShape] } ?? [:]
    let whole = try resolved(for: shapes).simplified(keeping: tensors, sharing: packer)
    let plan = try IncrementalPlan(whole, wanted: tensors, changing: changing, inputShape: inputShape)
    compiled.withLock { [graph] compiled in
      compiled.plans[key] = .some(plan)
      compiled.countGraph(of: graph)
    }
    return plan
  }
}

extension Evaluator.Question {
  /// The gradients with respect to `wanted`, then the values of `alongside`.
  init(
    gradientOf scores: [TensorName], withRespectTo wanted: [TensorName], alongside: [TensorName],
    rule: GradientRule
  ) {
    self.init(
      wanted: wanted.map(Graph.gradientName) + alongside,
      gradient: .init(scores: scores, withRespectTo: wanted, rule: rule.name))
  }
}
