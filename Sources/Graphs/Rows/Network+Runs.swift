import Tensors

/// What is asked of the rows of a network.
struct RowQuestion {
  let question: Evaluator.Question
  /// The network's tensors that the answer is about: rows that these have apart can be computed together.
  let tensors: [TensorName]
  /// For each result, the network's tensor that it is shaped as.
  let results: [TensorName]
  /// What the gradient graph's own inputs are shaped as.
  let companions: [TensorName: TensorName]

  init(
    _ question: Evaluator.Question, about tensors: [TensorName], results: [TensorName],
    scores: [TensorName] = [], baseline: [TensorName] = []
  ) {
    (self.question, self.tensors, self.results) = (question, tensors, results)
    companions = Dictionary(
      scores.map { (Graph.seedName($0), $0) } + baseline.map { (Graph.baselineName($0), $0) }
    ) { first, _ in first }
  }
}

/// How the rows of a batch are run.
enum RowRunning: Hashable {
  /// As many at a time as is fast.
  case together
  /// Always so many: as the file has it, or one where rows cannot be told apart in a larger batch.
  case inRuns(of: Int)
}

extension Network {
  /// Runs a question over all rows, cut smaller and smaller until the memory allowed is enough.
  func run(
    _ asked: RowQuestion, _ inputs: [TensorName: Tensor], prepare: @Sendable (Graph) throws -> Graph
  ) throws -> [Tensor] {
    let shapes = inputs.mapValues(\.shape)
    let rows = try Self.rowCount(shapes)
    let survey = try survey(at: shapes)
    guard rows > 0 else { return asked.results.map { Tensor(Shape([0] + (survey.row(of: $0) ?? []))) } }
    let running = try running(asked.tensors, inputs, survey, rows: rows)
    let key = CutKey(question: asked.question, shapes: shapes)
    let known = cut(for: key)
    let usual = BatchCut(size: rowsPerRun, lanes: threads)
    var cut = known ?? self.cut(running, rows, survey, within: usual)
    while true {
      do {
        let results = try run(asked, inputs, rows, running, survey, cut, prepare: prepare)
        if cut != known { keep(cut, for: key) }
        return results
      } catch GraphError.memory(let needed, let allowed) {
        let smaller = [cut.smaller(needed, allowed), BatchCut(size: 1, lanes: 1)].map {
          self.cut(running, rows, survey, within: $0)
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
    _ asked: RowQuestion, _ inputs: [TensorName: Tensor], _ rows: Int, _ running: RowRunning,
    _ survey: RowSurvey, _ cut: BatchCut, prepare: @Sendable (Graph) throws -> Graph
  ) throws -> [Tensor] {
    let runs = stride(from: 0, to: rows, by: cut.size).map { $0..<min($0 + cut.size, rows) }
    let lanes = min(cut.lanes, runs.count)
    // Threads that wait for each other take longer than little work.
    let all = survey.workOfRow > Self.leastSharedWork / max(1, rows) ? threads : 1
    @Sendable func results(_ range: Range<Int>, lanes: Int) throws -> [Tensor] {
      let own = try fileForms(inputs, asked, range, running, survey)
      let results = try evaluator.run(
        asked.question, own, threads: lanes == 1 ? all : 1, memory: memory.map { $0 / lanes },
        prepare: prepare)
      return try zip(asked.results, results).map { name, result in
        try rowForm(result, of: name, survey, rows: range.count)
      }
    }
    guard runs.count > 1 else { return try results(0..<rows, lanes: 1) }
    let parts = try concurrentMap(runs.count, lanes: lanes) { try results(runs[$0], lanes: lanes) }
    return asked.results.indices.map { index in Tensor(joining: parts.map { $0[index] }) }
  }

  /// Operations that one thread does in the time that it takes some threads to meet a few dozen times, once a layer.
  private static let leastSharedWork = 1 << 18

  /// How inputs are cut, with at most as many rows and lanes as `limit` has: all rows in one run on all threads where
  /// they are few.
  private func cut(_ running: RowRunning, _ rows: Int, _ survey: RowSurvey, within limit: BatchCut)
    -> BatchCut
  {
    if case .inRuns(of: let size) = running { return BatchCut(size: size, lanes: limit.lanes) }
    guard rows >= Self.fewestRowsPerThread * threads || rows > min(limit.size, rowsPerRun) else {
      return BatchCut(size: max(1, rows), lanes: 1)
    }
    let most = min(limit.size, rowsPerRun, rowsInCaches(survey))
    // As many runs as keep all lanes busy; if some more make them all of one size, one program does for all.
    let fewest = ((rows + most - 1) / most + limit.lanes - 1) / limit.lanes * limit.lanes
    let even = stride(from: fewest, through: min(2 * fewest, rows), by: limit.lanes).first {
      rows.isMultiple(of: $0)
    }
    let runs = even ?? fewest
    return BatchCut(size: (rows + runs - 1) / runs, lanes: limit.lanes)
  }

  /// With fewer rows for each thread, all threads together are faster.
  private static let fewestRowsPerThread = 4

  /// How many rows of the graph's largest tensor fit into `bytesInCaches`; at least one.
  private func rowsInCaches(_ survey: RowSurvey) -> Int {
    max(1, Self.bytesInCaches / max(1, survey.largestRow * MemoryLayout<Float>.stride))
  }

  /// Beyond that, more rows at a time only take more memory (measured: MTT_vgg's gradient in 55 MB for 440, in the same
  /// time; EfficientNet-Lite0's in 106 for 425, in 0.9 of it).
  private static let bytesInCaches = 12 << 20

  // MARK: - The file's own forms

  /// Rows `range` of the inputs as the file takes them.
  func fileForms(
    _ inputs: [TensorName: Tensor], _ asked: RowQuestion, _ range: Range<Int>, _ running: RowRunning,
    _ survey: RowSurvey
  ) throws -> [TensorName: Tensor] {
    let layout = rows
    var forms: [TensorName: Tensor] = [:]
    for (name, tensor) in inputs {
      let counterpart = asked.companions[name] ?? name
      let input = graph.inputs.first { $0.name == counterpart }
      var part = tensor.rows(range)
      switch running {
      case .together where input.map({ !layout.grows($0) }) ?? false:
        // The same for all rows.
        part = tensor.rows(range.lowerBound..<range.lowerBound + 1)
      case .inRuns(of: let size) where range.count < size:
        let last = tensor.rows(range.upperBound - 1..<range.upperBound)
        part = Tensor(joining: [part] + [Tensor](repeating: last, count: size - range.count))
      default: break
      }
      forms[name] = part.inFileForm(
        rowsAlong: input == nil ? survey.axis(of: counterpart) : layout.axes[counterpart] ?? nil)
    }
    return forms
  }

  /// A tensor of the file as rows, of which the first `rows` count.
  ///
  /// - Throws: `GraphError.noRows`.
  func rowForm(_ tensor: Tensor, of name: TensorName, _ survey: RowSurvey, rows count: Int) throws -> Tensor {
    guard let axis = survey.axis(of: name), axis < tensor.shape.rank else {
      guard count == 1, rows.capacity == .any || rows.capacity == .exactly(1) else {
        throw GraphError.noRows(name, rows: count, shape: tensor.shape)
      }
      return tensor.reshaped(to: Shape([1] + tensor.shape.dimensions))
    }
    let rows = axis == 0 ? tensor : tensor.bringingForward(axis: axis)
    guard rows.shape[0] >= count else { throw GraphError.noRows(name, rows: count, shape: tensor.shape) }
    return rows.shape[0] == count ? rows : rows.rows(0..<count)
  }

  // MARK: - Together or one by one

  /// How the rows of `tensors` can be computed.
  func running(
    _ tensors: [TensorName], _ inputs: [TensorName: Tensor], _ survey: RowSurvey, rows count: Int
  ) throws -> RowRunning {
    let layout = rows
    if case .exactly(let rows) = layout.capacity { return .inRuns(of: rows) }
    guard count > 1 else { return .together }
    guard !tensors.contains(where: survey.isMixed) else { return .inRuns(of: 1) }
    for input in graph.inputs where !layout.grows(input) {
      // What the file takes once for all rows must be the same for all.
      guard let tensor = inputs[input.name], tensor.rowsAreEqual else { return .inRuns(of: 1) }
    }
    let open = tensors.filter { !survey.isApart($0) }
    guard !open.isEmpty else { return .together }
    return try areSeenApart(open, inputs, survey) ? .together : .inRuns(of: 1)
  }

  /// Whether two different rows give together what each gives alone, by their values. They do not where an operation
  /// mixes rows. Found out once.
  private func areSeenApart(_ tensors: [TensorName], _ inputs: [TensorName: Tensor], _ survey: RowSurvey)
    throws -> Bool
  {
    let names = Set(graph.inputs.map(\.name))
    let inputs = inputs.filter { names.contains($0.key) }
    let key = survey.fileShapes.filter { names.contains($0.key) }
    if let known = verdict(on: tensors, at: key) { return known }
    let count = try Self.rowCount(inputs.mapValues(\.shape))
    // Equal rows tell nothing; they are not worth a look either.
    guard
      let other = (1..<count).first(where: { row in
        inputs.values.contains { $0.rows(0..<1) != $0.rows(row..<row + 1) }
      })
    else { return false }
    let pair = inputs.mapValues { Tensor(joining: [$0.rows(0..<1), $0.rows(other..<other + 1)]) }
    let asked = RowQuestion(.init(wanted: tensors), about: tensors, results: tensors)
    func values(_ range: Range<Int>) throws -> [Tensor] {
      let results = try evaluator.run(
        asked.question, fileForms(pair, asked, range, .together, survey), threads: threads, memory: memory,
        prepare: evaluator.prepare(tensors))
      return try zip(tensors, results).map { try rowForm($1, of: $0, survey, rows: range.count) }
    }
    guard let both = try? values(0..<2) else { return false }
    let alone = [try values(0..<1), try values(1..<2)]
    var verdicts: [TensorName: Bool] = [:]
    for (index, name) in tensors.enumerated() {
      verdicts[name] = both[index].isClose(to: Tensor(joining: alone.map { $0[index] }))
    }
    keep(verdicts, at: key)
    return verdicts.values.allSatisfy(\.self)
  }
}

extension Tensor {
  /// Rows as a tensor of the file that has them along `axis`; one row if it has them along none.
  func inFileForm(rowsAlong axis: Int?) -> Tensor {
    guard let axis, axis < shape.rank else { return reshaped(to: Shape(Array(shape.dimensions.dropFirst()))) }
    return axis == 0 ? self : bringingFirst(to: axis)
  }

  /// Whether all rows have the same values.
  fileprivate var rowsAreEqual: Bool {
    (1..<Swift.max(1, shape[0])).allSatisfy { rows($0..<$0 + 1) == rows(0..<1) }
  }

  /// Whether all values agree to 10⁻⁴ of the largest: other kernels for other batches differ by some 10⁻⁶ of it.
  func isClose(to other: Tensor) -> Bool {
    guard shape == other.shape else { return false }
    return withUnsafeValues { a in
      other.withUnsafeValues { b in
        let largest = b.reduce(Float(0)) { Swift.max($0, $1.isFinite ? abs($1) : 0) }
        return a.indices.allSatisfy { place in
          a[place] == b[place] || abs(a[place] - b[place]) <= 1e-4 * largest
            || (a[place].isNaN && b[place].isNaN)
        }
      }
    }
  }
}
