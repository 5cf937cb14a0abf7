import Synchronization
public import Tensors

/// A graph ready to be asked: evaluates and differentiates it, compiling a `Program` for each new question and keeping
/// it for the next.
///
/// Rows of the first axis are independent examples. A batch of many rows is cut into runs of `rowsPerRun`, which stay in
/// the caches, and the runs are shared out among the threads: each works alone on whole rows, so that none waits for
/// another within a layer (measured on 2 cores: 10 % faster than both on every layer, and undisturbed by other programs).
/// A few rows are computed by all threads together. Where `memory` is bounded, runs get fewer rows until the
/// intermediate results of all that are under way fit into it. Safe to use from several tasks.
public final class Network: Sendable {
  public let graph: Graph
  /// Threads to compute with.
  public let threads: Int
  /// The most rows of one run.
  public let rowsPerRun: Int
  /// The most bytes that the intermediate results of all threads together may take; nil for no bound.
  public let memory: Int?

  private let compiled = Mutex(Compiled())
  private let work = Atomic(0)

  public init(_ graph: Graph, threads: Int, rowsPerRun: Int = 8, memory: Int? = nil) {
    self.graph = graph
    self.memory = memory
    self.threads = max(1, threads)
    self.rowsPerRun = max(1, rowsPerRun)
  }

  /// Another graph, asked in the same way.
  package func replacing(graph other: Graph) -> Network {
    Network(other, threads: threads, rowsPerRun: rowsPerRun, memory: memory)
  }

  /// What is asked of a graph, apart from the number of rows.
  private struct Question: Hashable {
    var wanted: [TensorName]
    var gradient: Gradient?
    /// How many places along each axis change, if only a part is computed.
    var changing: [Int]?

    struct Gradient: Hashable {
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
    /// How batches are cut, by what is asked of them.
    var cuts = RecentlyUsed<Key, BatchCut>(capacity: 512)
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
  public var arenaBytes: Int { compiled.withLock { $0.idleBytes } }

  /// Bytes of intermediate results that computing `tensors` for inputs of these shapes takes in one run.
  public func arenaBytes(of tensors: [TensorName], at shapes: [TensorName: Shape]) throws -> Int {
    let graph = try resolved(for: shapes).simplified(keeping: tensors)
    return try Program(graph, inputShapes: shapes, wanted: tensors, threads: threads).arenaBytes
  }

  private var packer: ConstantPacker { compiled.withLock { $0.packer } }

  /// Multiplications followed by an addition in all runs so far.
  public var multiplyAccumulates: Int { work.load(ordering: .relaxed) }

  /// The values of `tensors`, in that order, for these inputs (by name; one row an example).
  public func values(of tensors: [TensorName], at inputs: [TensorName: Tensor]) throws -> [Tensor] {
    for name in tensors { try graph.tensor(named: name) }
    return try run(Question(wanted: tensors), about: tensors, inputs) { graph in
      try graph.simplified(keeping: tensors, sharing: packer)
    }
  }

  /// `Σ seed · ∂score/∂t` for each tensor `t` of `wanted`, and the values of the tensors `alongside`, in one pass.
  ///
  /// - Parameters:
  ///   - seed: as large as `score`, one row an example.
  ///   - baseline: other values of all inputs, for rules that compare with what the network makes of those.
  public func gradients(
    of score: TensorName, seed: Tensor, withRespectTo wanted: [TensorName], alongside: [TensorName] = [],
    rule: GradientRule = .standard, at inputs: [TensorName: Tensor], from baseline: [TensorName: Tensor] = [:]
  ) throws -> (gradients: [Tensor], values: [Tensor]) {
    try gradients(
      of: [score: seed], withRespectTo: wanted, alongside: alongside, rule: rule, at: inputs, from: baseline)
  }

  /// The same for several tensors at once, each with a seed of its own: `Σ seed_s · ∂s/∂t` over the tensors s.
  public func gradients(
    of seeds: [TensorName: Tensor], withRespectTo wanted: [TensorName], alongside: [TensorName] = [],
    rule: GradientRule = .standard, at inputs: [TensorName: Tensor], from baseline: [TensorName: Tensor] = [:]
  ) throws -> (gradients: [Tensor], values: [Tensor]) {
    let scores = seeds.keys.sorted()
    for name in wanted + alongside + scores { try graph.tensor(named: name) }
    let names = wanted.map(Graph.gradientName)
    let question = Question(
      wanted: names + alongside, gradient: .init(scores: scores, withRespectTo: wanted, rule: rule.name))
    var inputs = inputs
    for (score, seed) in seeds { inputs[Graph.seedName(score)] = seed }
    for (input, value) in baseline { inputs[Graph.baselineName(input)] = value }
    let results = try run(question, about: wanted + alongside + scores, inputs) { graph in
      try graph.simplified(keeping: wanted + alongside + scores, sharing: packer)
        .gradient(of: scores, withRespectTo: wanted, rule: rule)
    }
    return (Array(results.prefix(names.count)), Array(results.dropFirst(names.count)))
  }

  /// The shapes of all tensors for inputs of these shapes.
  public func shapes(at inputs: [TensorName: Shape]) throws -> [TensorName: Shape] {
    let names = Set(graph.inputs.map(\.name))
    let inputs = inputs.filter { names.contains($0.key) }
    if let known = compiled.withLock({ $0.shapes[inputs] }) { return known }
    let shapes = try resolved(for: inputs).shapes(for: inputs)
    compiled.withLock { $0.shapes[inputs] = shapes }
    return shapes
  }

  /// The shape of `tensor` for inputs of these shapes.
  public func shape(of tensor: TensorName, at inputs: [TensorName: Shape]) throws -> Shape {
    guard let shape = try shapes(at: inputs)[try graph.tensor(named: tensor)] else {
      throw GraphError.unknownTensor(tensor, nearest: [])
    }
    return shape
  }

  /// The graph for inputs of these shapes.
  private func resolved(for shapes: [TensorName: Shape]) throws(GraphError) -> Graph {
    guard graph.dependsOnShapes else { return graph }
    if let known = compiled.withLock({ $0.resolved[shapes] }) { return known }
    let resolved = try graph.resolved(for: shapes)
    compiled.withLock { [graph] compiled in
      compiled.resolved[shapes] = resolved
      compiled.countGraph(of: graph)
    }
    return resolved
  }

  /// The graph that answers `question` for inputs of these shapes.
  private func prepared(
    _ question: Question, _ shapes: [TensorName: Shape], _ prepare: (Graph) throws -> Graph
  ) throws -> Graph {
    let hangsOnShapes = graph.dependsOnShapes || question.changing != nil
    let key = Key(question: question, shapes: hangsOnShapes ? shapes : [:], threads: 0)
    if let known = compiled.withLock({ $0.graphs[key] }) { return known }
    let prepared = try prepare(try resolved(for: shapes))
    compiled.withLock { [graph] compiled in
      compiled.graphs[key] = prepared
      compiled.countGraph(of: graph)
    }
    return prepared
  }

  /// Runs a question about `tensors` over all rows, cut smaller and smaller until the memory allowed is enough.
  private func run(
    _ question: Question, about tensors: [TensorName], _ inputs: [TensorName: Tensor],
    prepare: @Sendable (Graph) throws -> Graph
  ) throws -> [Tensor] {
    for input in graph.inputs where inputs[input.name] == nil { throw GraphError.missingInput(input.name) }
    for name in inputs.keys where !graph.inputs.contains(where: { $0.name == name }) {
      let own = question.gradient?.scores.map(Graph.seedName) ?? []
      guard own.contains(name) || graph.inputs.contains(where: { Graph.baselineName($0.name) == name }) else {
        throw GraphError.unknownTensor(name, nearest: graph.inputs.map(\.name))
      }
    }
    let shapes = inputs.mapValues(\.shape)
    let key = Key(question: question, shapes: shapes, threads: 0)
    let known = compiled.withLock { $0.cuts[key] }
    var cut = known ?? self.cut(tensors, shapes, within: usual)
    while true {
      do {
        let results = try run(question, inputs, cut, prepare: prepare)
        if cut != known {
          compiled.withLock { [cut] in $0.cuts[key] = cut }
        }
        return results
      } catch GraphError.memory(let needed, let allowed) {
        let smaller = [cut.smaller(needed, allowed), BatchCut(size: 1, lanes: 1)].map {
          self.cut(tensors, shapes, within: $0)
        }
        guard let next = smaller.first(where: { $0 != cut }) else {
          throw GraphError.memory(needed: needed, allowed: allowed)
        }
        cut = next
      }
    }
  }

  /// Runs a question over all rows, cut in this way.
  private func run(
    _ question: Question, _ inputs: [TensorName: Tensor], _ cut: BatchCut,
    prepare: @Sendable (Graph) throws -> Graph
  ) throws -> [Tensor] {
    let rows = Self.rows(of: inputs.values.map(\.shape)) ?? 1
    guard cut.size < rows else {
      return try runOnce(question, inputs, threads: threads, memory: memory, prepare: prepare)
    }
    let runs = stride(from: 0, to: rows, by: cut.size).map { $0..<min($0 + cut.size, rows) }
    let lanes = min(cut.lanes, runs.count)
    let results = try concurrentMap(runs.count, lanes: lanes) { index in
      try runOnce(
        question, inputs.mapValues { $0.rows(runs[index]) }, threads: lanes == 1 ? threads : 1,
        memory: memory.map { $0 / lanes }, prepare: prepare)
    }
    return question.wanted.indices.map { index in Tensor(joining: results.map { $0[index] }) }
  }

  /// As large as is fast.
  private var usual: BatchCut { BatchCut(size: rowsPerRun, lanes: threads) }

  /// The rows of a batch of these shapes, where they agree.
  private static func rows(of shapes: some Collection<Shape>) -> Int? {
    guard let rows = shapes.first?.dimensions.first else { return nil }
    return shapes.allSatisfy { $0.dimensions.first == rows } ? rows : nil
  }

  /// How inputs of these shapes are cut, with at most as many rows and lanes as `limit` has: all rows in one run on all
  /// threads where they are few, or where the graph's first axis is not free.
  private func cut(_ tensors: [TensorName], _ shapes: [TensorName: Shape], within limit: BatchCut) -> BatchCut
  {
    guard let rows = Self.rows(of: shapes.values) else { return BatchCut(size: 1, lanes: 1) }
    let whole = BatchCut(size: max(1, rows), lanes: 1)
    let cut: BatchCut
    if let fixed = fixedRows {
      cut = BatchCut(size: fixed, lanes: limit.lanes)
    } else {
      guard rows >= Self.fewestRowsPerThread * threads || rows > min(limit.size, rowsPerRun) else {
        return whole
      }
      let most = min(limit.size, rowsPerRun, rowsInCaches(rows, shapes))
      // As many runs as keep all lanes busy; if some more make them all of one size, one program does for all.
      let fewest = ((rows + most - 1) / most + limit.lanes - 1) / limit.lanes * limit.lanes
      let even = stride(from: fewest, through: min(2 * fewest, rows), by: limit.lanes).first {
        rows.isMultiple(of: $0)
      }
      let runs = even ?? fewest
      cut = BatchCut(size: (rows + runs - 1) / runs, lanes: limit.lanes)
    }
    guard cut.size < rows, areRows(tensors, of: [cut.size, rows], shapes) else { return whole }
    return cut
  }

  /// How many rows of the graph's largest tensor fit into `bytesInCaches`; at least one.
  private func rowsInCaches(_ rows: Int, _ inputShapes: [TensorName: Shape]) -> Int {
    guard rows > 0, let shapes = try? shapes(at: inputShapes), let resolved = try? resolved(for: inputShapes)
    else { return 1 }
    let largest = shapes.reduce(1) { resolved.constants[$1.key] == nil ? max($0, $1.value.count) : $0 }
    return max(1, Self.bytesInCaches / max(1, largest / rows * MemoryLayout<Float>.stride))
  }

  /// Beyond that, more rows at a time only take more memory (measured: MTT_vgg's gradient in 55 MB for 440, in the same
  /// time; EfficientNet-Lite0's in 106 for 425, in 0.9 of it).
  private static let bytesInCaches = 12 << 20

  /// The rows that the graph takes, if it takes no other number.
  private var fixedRows: Int? {
    for input in graph.inputs { if case .fixed(let fixed)? = input.dimensions?.first { return fixed } }
    return nil
  }

  /// Whether parts of the batch can be joined to what the whole would give: the first axis of each of `tensors` must
  /// be the batch's, whichever of `counts` it has (a graph whose first axis is fixed has only one). A recording
  /// `[samples]` has no rows to cut.
  private func areRows(_ tensors: [TensorName], of counts: [Int], _ inputShapes: [TensorName: Shape]) -> Bool
  {
    guard graph.inputs.allSatisfy({ inputShapes[$0.name].map { $0.rank > 1 } ?? false }) else { return false }
    let found = counts.compactMap { count in
      try? shapes(at: inputShapes.mapValues { Shape([count] + $0.dimensions.dropFirst()) })
    }
    guard let part = found.first, let whole = found.last,
      !tensors.contains(where: { graph.constants[$0] != nil }),
      areApart(tensors, whole)
    else { return false }
    return tensors.allSatisfy { name in
      zip(counts, found).allSatisfy { count, shapes in
        shapes[name]?.dimensions.first == count
          && shapes[name]?.dimensions.dropFirst() == part[name]?.dimensions.dropFirst()
      }
    }
  }

  /// Whether no row of `tensors` is made of several of the inputs' rows, where the graph has operations that may do so.
  private func areApart(_ tensors: [TensorName], _ shapes: [TensorName: Shape]) -> Bool {
    let inputShapes = shapes.filter { shape in graph.inputs.contains { $0.name == shape.key } }
    guard let resolved = try? resolved(for: inputShapes),
      resolved.nodes.contains(where: \.operation.spansRows)
    else { return true }
    return graph.inputs.allSatisfy { input in
      let fields = resolved.receptiveFields(of: input.name, shapes: shapes)
      return tensors.allSatisfy { name in
        guard let field = fields[name] else { return true }
        guard let rows = field.axes.first ?? nil else { return false }
        return rows.inputAxis == 0 && rows.start == 0 && rows.jump == 1 && rows.size == 1
      }
    }
  }

  /// With fewer rows for each thread, all threads together are faster.
  private static let fewestRowsPerThread = 4

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

  /// Runs a plan on some rows.
  func runPlan(
    _ plan: IncrementalPlan, _ tensors: [TensorName], _ inputs: [TensorName: Tensor], threads: Int,
    memory: Int?
  ) throws -> [Tensor] {
    let question = Question(wanted: tensors, changing: plan.changing)
    return try runOnce(question, inputs, threads: threads, memory: memory) { _ in plan.graph }
  }

  private func runOnce(
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
    let results = Result { try program.run(inputs) }
    work.wrappingAdd(program.multiplyAccumulates, ordering: .relaxed)
    compiled.withLock { compiled in
      compiled.busyBytes -= idle.program.arenaBytes
      compiled.idle[key] = (compiled.idle[key] ?? []) + [idle]
    }
    return try results.get()
  }
}
