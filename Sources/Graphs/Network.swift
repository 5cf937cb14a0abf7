import Synchronization
public import Tensors

/// A graph ready to be asked: evaluates and differentiates it, compiling a `Program` for each new question and keeping
/// it for the next.
///
/// Rows of the first axis are independent examples. Large batches are cut into runs of `rowsPerRun` rows, which stay in
/// the caches. Safe to use from several tasks; their runs take turns.
public final class Network: Sendable {
  public let graph: Graph
  /// OpenMP threads for each run.
  public let threads: Int
  /// How many rows are computed at once.
  public let rowsPerRun: Int

  private let compiled = Mutex(Compiled())

  public init(_ graph: Graph, threads: Int, rowsPerRun: Int = 16) {
    self.graph = graph
    self.threads = max(1, threads)
    self.rowsPerRun = max(1, rowsPerRun)
  }

  /// What is asked of a graph, apart from the number of rows.
  private struct Question: Hashable {
    var wanted: [TensorName]
    var gradient: Gradient?

    struct Gradient: Hashable {
      var score: TensorName
      var withRespectTo: [TensorName]
      var rule: String
    }
  }

  private struct Key: Hashable {
    var question: Question
    var shapes: [TensorName: Shape]
  }

  /// Graphs prepared for a question, and programs for its shapes.
  private struct Compiled: ~Copyable {
    var graphs: [Question: Graph] = [:]
    var programs: [Key: Program] = [:]
    let packer = ConstantPacker()
  }

  /// The values of `tensors`, in that order, for these inputs (by name; one row an example).
  public func values(of tensors: [TensorName], at inputs: [TensorName: Tensor]) throws -> [Tensor] {
    for name in tensors { try graph.tensor(named: name) }
    return try run(Question(wanted: tensors), about: tensors, inputs) { graph in
      try graph.simplified(keeping: tensors)
    }
  }

  /// `Σ seed · ∂score/∂t` for each tensor `t` of `wanted`, and the values of the tensors `alongside`, in one pass.
  ///
  /// - Parameter seed: as large as `score`, one row an example.
  public func gradients(
    of score: TensorName, seed: Tensor, withRespectTo wanted: [TensorName], alongside: [TensorName] = [],
    rule: GradientRule = .standard, at inputs: [TensorName: Tensor]
  ) throws -> (gradients: [Tensor], values: [Tensor]) {
    for name in wanted + alongside + [score] { try graph.tensor(named: name) }
    let names = wanted.map(Graph.gradientName)
    let question = Question(
      wanted: names + alongside, gradient: .init(score: score, withRespectTo: wanted, rule: rule.name))
    var inputs = inputs
    inputs[Graph.seedName(score)] = seed
    let results = try run(question, about: wanted + alongside, inputs) { graph in
      try graph.simplified(keeping: wanted + alongside + [score])
        .gradient(of: score, withRespectTo: wanted, rule: rule)
    }
    return (Array(results.prefix(names.count)), Array(results.dropFirst(names.count)))
  }

  /// The shape of `tensor` for inputs of these shapes.
  public func shape(of tensor: TensorName, at inputs: [TensorName: Shape]) throws -> Shape {
    let shapes = try graph.shapes(for: inputs)
    guard let shape = shapes[try graph.tensor(named: tensor)] else {
      throw GraphError.unknownTensor(tensor, nearest: [])
    }
    return shape
  }

  /// Runs a question about `tensors` over all rows, `rowsPerRun` at a time.
  private func run(
    _ question: Question, about tensors: [TensorName], _ inputs: [TensorName: Tensor],
    prepare: (Graph) throws -> Graph
  ) throws -> [Tensor] {
    for input in graph.inputs where inputs[input.name] == nil { throw GraphError.missingInput(input.name) }
    for name in inputs.keys where !graph.inputs.contains(where: { $0.name == name }) {
      guard let score = question.gradient?.score, name == Graph.seedName(score) else {
        throw GraphError.unknownTensor(name, nearest: graph.inputs.map(\.name))
      }
    }
    let rows = inputs.values.map { $0.shape.dimensions.first ?? 1 }.min() ?? 1
    let step = rowsAtOnce
    guard rows > step, inputs.values.allSatisfy({ $0.shape.dimensions.first == rows }),
      areRows(tensors, of: rows, cutTo: step, inputs.mapValues(\.shape))
    else {
      return try runOnce(question, inputs, prepare: prepare)
    }
    var parts: [[Tensor]] = []
    for start in stride(from: 0, to: rows, by: step) {
      let range = start..<min(start + step, rows)
      parts.append(try runOnce(question, inputs.mapValues { $0.rows(range) }, prepare: prepare))
    }
    return question.wanted.indices.map { index in Tensor(joining: parts.map { $0[index] }) }
  }

  /// Whether parts of the batch, computed one after another, can be joined to what the whole would give: the first
  /// axis of each of `tensors` must be the batch's. A recording `[samples]` has no rows to cut.
  private func areRows(
    _ tensors: [TensorName], of rows: Int, cutTo step: Int, _ inputShapes: [TensorName: Shape]
  ) -> Bool {
    guard graph.inputs.allSatisfy({ inputShapes[$0.name].map { $0.rank > 1 } ?? false }) else { return false }
    let partShapes = inputShapes.mapValues { Shape([step] + $0.dimensions.dropFirst()) }
    guard let whole = try? graph.shapes(for: inputShapes), let part = try? graph.shapes(for: partShapes)
    else {
      return false
    }
    return tensors.allSatisfy { name in
      guard
        let (all, some) = whole[name].flatMap({ all in part[name].map { (all.dimensions, $0.dimensions) } })
      else { return false }
      return all.first == rows && some.first == step && all.dropFirst() == some.dropFirst()
    }
  }

  /// A graph whose first axis is fixed takes just so many rows.
  private var rowsAtOnce: Int {
    for input in graph.inputs {
      if case .fixed(let rows)? = input.dimensions?.first { return rows }
    }
    return rowsPerRun
  }

  private func runOnce(
    _ question: Question, _ inputs: [TensorName: Tensor], prepare: (Graph) throws -> Graph
  ) throws -> [Tensor] {
    try compiled.withLock { compiled in
      let key = Key(question: question, shapes: inputs.mapValues(\.shape))
      if let program = compiled.programs[key] { return try program.run(inputs) }
      let prepared = try compiled.graphs[question] ?? prepare(graph)
      compiled.graphs[question] = prepared
      let program = try Program(
        prepared, inputShapes: key.shapes, wanted: question.wanted, threads: threads, packer: compiled.packer)
      compiled.programs[key] = program
      return try program.run(inputs)
    }
  }
}
