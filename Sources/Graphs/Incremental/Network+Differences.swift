public import Tensors

extension Network {
  /// The values of `tensors` at the rows of `x`, each of which differs from the one row `base` in a part of it: what the
  /// difference cannot reach is computed for `base` only. Results are those of `values(of:at:)` to rounding.
  ///
  /// The parts are found by comparing; they may lie anywhere, and cost as much as the largest of them.
  public func values(of tensors: [TensorName], at x: Tensor, differingFrom base: Tensor) throws -> [Tensor] {
    guard graph.inputs.count == 1, let input = graph.inputs.first?.name else {
      throw GraphError.missingInput(graph.inputs.last?.name ?? "")
    }
    for name in tensors { try graph.tensor(named: name) }
    let changes = Changes(of: x, from: base)
    let survey = try survey(at: [input: base.shape])
    guard let changes, rows.axes[input] == 0, rows.capacity == .any || rows.capacity == .exactly(1),
      let plan = try evaluator.incrementalPlan(
        for: tensors, changing: changes.counts, inputShape: base.shape)
    else { return try values(of: tensors, at: [input: x]) }

    var shared: [TensorName: Tensor] = [:]
    for (name, tensor) in zip(plan.unchanged, try evaluator.values(of: plan.unchanged, at: [input: base])) {
      shared[IncrementalPlan.unchangedName(name)] = tensor
    }
    let unchanged = shared
    let rows = x.shape[0]
    let most = try rowsAtOnce(of: plan, tensors, x, survey)
    let runs = max(1, (rows + most - 1) / most)
    let evenRuns = rows > threads ? (runs + threads - 1) / threads * threads : runs
    let size = (rows + evenRuns - 1) / evenRuns
    let starts = stride(from: 0, to: rows, by: size).map { min($0, rows - size) }
    let lanes = min(threads, starts.count)
    let results: [[Tensor]]
    do {
      results = try concurrentMap(starts.count, lanes: lanes) { index in
        let range = starts[index]..<starts[index] + size
        var inputs = unchanged
        inputs[input] = x.rows(range)
        for places in plan.positions {
          let values = range.flatMap { places.row(changes.starts[$0]) }
          inputs[places.name] = Tensor([size, values.count / size], values)
        }
        let parts = try evaluator.run(
          .init(wanted: tensors, changing: plan.changing), inputs, threads: lanes > 1 ? 1 : threads,
          memory: memory.map { $0 / lanes }, prepare: { _ in plan.graph })
        return try zip(tensors, parts).map { try rowForm($1, of: $0, survey, rows: size) }
      }
    } catch GraphError.memory {
      // More than is allowed at a time: whole rows can be cut further.
      return try values(of: tensors, at: [input: x])
    }
    // The last run begins early, to be as large as the others: what it has in common with the one before is cut off.
    let overlap = starts.count * size - rows
    return tensors.indices.map { index in
      Tensor(
        joining: results.enumerated().map { run, result in
          run == results.count - 1 && overlap > 0 ? result[index].rows(overlap..<size) : result[index]
        })
    }
  }

  /// How many rows a run of `plan` takes: small parts need many rows to keep a kernel busy. One where the network takes
  /// no more, or where what the plan was made for holds for one row only.
  private func rowsAtOnce(
    of plan: IncrementalPlan, _ tensors: [TensorName], _ x: Tensor, _ survey: RowSurvey
  ) throws -> Int {
    guard let input = graph.inputs.first?.name,
      try running(tensors, [input: x], survey, rows: x.shape[0]) == .together, plan.takesSeveralRows
    else { return 1 }
    return Self.rowsOfPart
  }

  private static let rowsOfPart = 16
}

/// Where the rows of a batch differ from one row.
struct Changes {
  /// Where the difference of each row begins, by axis of the input; 0 for the first axis.
  private(set) var starts: [[Int]]
  /// The extent of the longest difference, by axis.
  private(set) var counts: [Int]

  /// nil if the two are not of one shape.
  init?(of x: Tensor, from base: Tensor) {
    let row = Array(base.shape.dimensions.dropFirst())
    guard base.shape.rank > 1, base.shape[0] == 1, Array(x.shape.dimensions.dropFirst()) == row,
      x.shape[0] > 0
    else { return nil }
    let size = base.count
    var ranges: [[ClosedRange<Int>?]] = []
    x.withUnsafeValues { x in
      base.withUnsafeValues { base in
        for index in 0..<x.count / size {
          var range = [ClosedRange<Int>?](repeating: nil, count: row.count)
          for place in 0..<size where x[index * size + place] != base[place] {
            var rest = place
            for axis in row.indices.reversed() {
              let here = rest % row[axis]
              rest /= row[axis]
              guard let known = range[axis] else {
                range[axis] = here...here
                continue
              }
              if here < known.lowerBound { range[axis] = here...known.upperBound }
              if here > known.upperBound { range[axis] = known.lowerBound...here }
            }
          }
          ranges.append(range)
        }
      }
    }
    let longest = row.indices.map { axis in ranges.reduce(1) { max($0, $1[axis]?.count ?? 1) } }
    counts = [1] + longest
    starts = ranges.map { range in
      [0] + row.indices.map { axis in min(range[axis]?.lowerBound ?? 0, row[axis] - longest[axis]) }
    }
  }
}
