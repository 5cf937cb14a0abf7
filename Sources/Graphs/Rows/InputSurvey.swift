import Tensors

/// Finds along which axis of each input rows run, by what the file declares and by which shapes the graph takes.
///
/// | declared | rows |
/// |---|---|
/// | `[N, …]`, a name such as N or batch; any name in front of several open axes or of three | along axis 0 |
/// | the same name elsewhere, `[2, N, 128]` | along that axis |
/// | `[1, …]` | along axis 0, one at a time |
/// | `[24, …]` where the results have 24 rows, too | along axis 0, 24 at a time |
/// | `[T]`, `[16000]`, `[]`, `[2, 1, 128]` beside `[1, …]` | none: the tensor is one row |
/// | `[time, 64]`, a name of time and two axes | none |
/// | `[?, 64]`, any other name | along axis 0 if the graph computes each of them by itself, else none; a guess |
struct InputSurvey {
  private let evaluator: Evaluator
  private var graph: Graph { evaluator.graph }
  private var layout: RowLayout

  /// - Parameter given: axes that are known.
  static func layout(_ evaluator: Evaluator, given: RowLayout?) -> RowLayout {
    var survey = InputSurvey(evaluator: evaluator, layout: given ?? RowLayout())
    survey.find()
    return survey.layout
  }

  private mutating func find() {
    let symbols = rowSymbols
    for input in graph.inputs where layout.axes[input.name] == nil {
      layout.axes[input.name] = .some(axis(of: input, symbols))
    }
    for input in graph.inputs where layout.guessed.contains(input.name) {
      if !takesRowsApart(input.name) { layout.axes[input.name] = .some(nil) }
    }
    layout.capacity = capacity
  }

  /// The names of the dimension that counts rows.
  private var rowSymbols: Set<String> {
    var symbols: Set<String> = []
    for input in graph.inputs {
      guard let dimensions = input.dimensions, let first = dimensions.first else { continue }
      if let axis = layout.axes[input.name] {
        if let axis, axis < dimensions.count, case .symbolic(let symbol) = dimensions[axis] {
          symbols.insert(symbol)
        }
      } else if case .symbolic(let symbol) = first, dimensions.count > 1,
        !(dimensions.count == 2 && Self.isOfTime(symbol))
      {
        symbols.insert(symbol)
      }
      for case .symbolic(let symbol) in dimensions where dimensions.count > 1 && Self.isOfRows(symbol) {
        symbols.insert(symbol)
      }
    }
    return symbols.subtracting([""])
  }

  private mutating func axis(of input: GraphInput, _ symbols: Set<String>) -> Int? {
    // The file does not say: as most do.
    guard let dimensions = input.dimensions else { return 0 }
    guard let first = dimensions.first else { return nil }
    func isOfRows(_ dimension: Dimension) -> Bool {
      if case .symbolic(let symbol) = dimension { symbols.contains(symbol) } else { false }
    }
    switch first {
    case .fixed(1): return dimensions.dropFirst().firstIndex(where: isOfRows) ?? 0
    case .fixed(let extent):
      if let axis = dimensions.firstIndex(where: isOfRows) { return axis }
      // A free axis behind fixed ones, in a file that names no dimensions.
      if dimensions.count > 2, graph.inputs.count > 1,
        let axis = dimensions.firstIndex(of: .symbolic(""))
      {
        layout.guessed.insert(input.name)
        return axis
      }
      return dimensions.count > 1 && extent > 1 && resultsHaveRows(extent) ? 0 : nil
    case .symbolic(let symbol):
      guard dimensions.count > 1 else { return symbols.contains(symbol) ? 0 : nil }
      guard dimensions.count == 2, !Self.isOfRows(symbol) else { return 0 }
      guard !Self.isOfTime(symbol) else { return nil }
      guard case .fixed = dimensions[1] else { return 0 }
      layout.guessed.insert(input.name)
      return 0
    }
  }

  /// What exporters call the axis of examples.
  private static func isOfRows(_ symbol: String) -> Bool {
    let name = symbol.lowercased()
    return ["n", "b", "bs", "rows", "examples", "instances"].contains(name) || name.contains("batch")
  }

  /// What exporters call axes of time.
  private static func isOfTime(_ symbol: String) -> Bool {
    let name = symbol.lowercased()
    return ["t", "l"].contains(name)
      || ["time", "frame", "sample", "seq", "len", "step", "audio"].contains(where: name.contains)
  }

  /// Whether every result of the graph begins with `extent` places, as every input does.
  private func resultsHaveRows(_ extent: Int) -> Bool {
    guard graph.inputs.allSatisfy({ $0.dimensions?.first == .fixed(extent) }) else { return false }
    for shapes in Self.trialShapes(of: graph, axes: [:], rows: 1) {
      guard let found = try? evaluator.shapes(at: shapes) else { continue }
      return graph.outputs.allSatisfy { found[$0]?.dimensions.first == extent }
    }
    return false
  }

  /// Whether the graph takes one place of the first axis of `input` by itself, and computes several apart: by its
  /// operations where they tell, else by the values for two places of noise, together and alone.
  private func takesRowsApart(_ input: TensorName) -> Bool {
    for shapes in Self.trialShapes(of: graph, axes: layout.axes, rows: 1) {
      guard (try? evaluator.shapes(at: shapes)) != nil else { continue }
      guard let survey = try? RowSurvey(evaluator, layout, oneRow: shapes) else { return false }
      let results = graph.outputs.filter { survey.axis(of: $0) != nil && !survey.isMixed($0) }
      if results.contains(where: survey.isApart) { return true }
      return (try? areApartForNoise(results, survey, oneRow: shapes)) ?? false
    }
    return false
  }

  private func areApartForNoise(_ results: [TensorName], _ survey: RowSurvey, oneRow: [TensorName: Shape])
    throws -> Bool
  {
    guard !results.isEmpty else { return false }
    var generator = SplitMix64(seed: 1)
    let noise = graph.inputs.map { input in
      var extents = oneRow[input.name]?.dimensions ?? []
      if let axis = layout.axes[input.name] ?? nil { extents.remove(at: axis) }
      return Tensor(unsafeUninitialized: Shape([2] + extents)) { values in
        // Whole numbers may be places or lengths: zeros.
        for place in values.indices {
          values[place] = input.isInteger ? 0 : Float(generator.next() >> 40) * 0x1p-23 - 1
        }
      }
    }
    func values(_ rows: Range<Int>) throws -> [Tensor] {
      var inputs: [TensorName: Tensor] = [:]
      for (input, noise) in zip(graph.inputs, noise) {
        let part = noise.rows(layout.grows(input) ? rows : 0..<1)
        inputs[input.name] = part.inFileForm(rowsAlong: layout.axes[input.name] ?? nil)
      }
      return try zip(results, evaluator.values(of: results, at: inputs)).map { name, value in
        value.bringingForward(axis: survey.axis(of: name) ?? 0)
      }
    }
    let both = try values(0..<2)
    let alone = try zip(values(0..<1), values(1..<2)).map { Tensor(joining: [$0, $1]) }
    return zip(both, alone).allSatisfy { $0.isClose(to: $1) }
  }

  private var capacity: RowLayout.Capacity {
    var fixed = 1
    for input in graph.inputs {
      guard let axis = layout.axes[input.name] ?? nil else { continue }
      guard let dimensions = input.dimensions, axis < dimensions.count else { return .any }
      switch dimensions[axis] {
      case .symbolic: return .any
      case .fixed(let extent): fixed = max(fixed, extent)
      }
    }
    return .exactly(fixed)
  }

  /// Shapes of all inputs to try, for `rows` rows: what is declared, and several extents where the file leaves them open.
  static func trialShapes(of graph: Graph, axes: [TensorName: Int?], rows: Int) -> [[TensorName: Shape]] {
    [400, 16000, 96, 1024].map { open in
      var shapes: [TensorName: Shape] = [:]
      for input in graph.inputs {
        let dimensions = input.dimensions ?? []
        shapes[input.name] = Shape(
          dimensions.enumerated().map { axis, dimension in
            if case .fixed(let extent) = dimension { return extent }
            return axis == axes[input.name] ?? nil ? rows : open
          })
      }
      return shapes
    }
  }
}
