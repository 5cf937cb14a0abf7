public import Tensors

/// The file's own shapes, for whoever has arrays as another tool takes them.
extension Network {
  /// The values of `tensors` in the file's own shapes, for inputs in the file's own shapes.
  ///
  /// Where the inputs hold more rows than the file takes at a time, they are run one after another and joined along the
  /// axis of rows; results without such an axis are stacked along a new first one.
  public func evaluate(_ tensors: [TensorName], at inputs: [TensorName: Tensor]) throws -> [Tensor] {
    if let walk {
      let values = try values(of: tensors, at: rowForm(of: inputs))
      let isOneRow = inputs.contains { walk.isOneSequence($0.key, $0.value.shape) }
      return isOneRow ? values.map { $0.reshaped(to: Shape(Array($0.shape.dimensions.dropFirst()))) } : values
    }
    try evaluator.check(tensors, inputs, [])
    let shapes = inputs.mapValues(\.shape)
    guard let count = try? fileRows(shapes) else { return try evaluator.values(of: tensors, at: inputs) }
    if rows.capacity == .any {
      guard count >= 4 * threads || count > rowsPerRun || (try? evaluator.shapes(at: shapes)) == nil else {
        return try evaluator.values(of: tensors, at: inputs)
      }
    } else if (try? evaluator.shapes(at: shapes)) != nil || count == 1 {
      return try evaluator.values(of: tensors, at: inputs)
    }
    let byRow = try rowForm(of: inputs)
    let survey = try survey(at: byRow.mapValues(\.shape))
    // A batch whose rows cannot be told apart is one piece, as the file has it.
    if rows.capacity == .any, (try? evaluator.shapes(at: shapes)) != nil,
      try running(tensors, byRow, survey, rows: count) != .together
    {
      return try evaluator.values(of: tensors, at: inputs)
    }
    return try zip(tensors, values(of: tensors, at: byRow)).map { name, value in
      guard let axis = survey.axis(of: name), axis < value.shape.rank else { return value }
      return value.inFileForm(rowsAlong: axis)
    }
  }

  /// How many rows inputs of these shapes of the file hold.
  ///
  /// - Throws: `GraphError.rowCounts` where they differ.
  public func fileRows(_ shapes: [TensorName: Shape]) throws -> Int {
    let layout = rows
    var counts: [TensorName: Int] = [:]
    for input in graph.inputs {
      guard let shape = shapes[input.name] else { throw GraphError.missingInput(input.name) }
      counts[input.name] = layout.rowCount(of: input, shape)
    }
    let most = counts.values.max() ?? 1
    for input in graph.inputs where counts[input.name] != most {
      guard counts[input.name] == 1, !layout.grows(input) || most == 1 else {
        throw GraphError.rowCounts(counts)
      }
    }
    return most
  }

  /// Inputs in the file's own shapes as rows; what the file takes once is repeated for every row.
  ///
  /// Several rows of an input without an axis for them are taken along a first axis of their own. Of a network that walks,
  /// an input may be `[steps, …]` or `[rows, steps, …]`, `…` the axes of one row of one step.
  public func rowForm(of inputs: [TensorName: Tensor]) throws -> [TensorName: Tensor] {
    if let walk { return try walk.rowForm(of: inputs) }
    let count = try fileRows(inputs.mapValues(\.shape))
    var result: [TensorName: Tensor] = [:]
    for input in graph.inputs {
      guard let tensor = inputs[input.name] else { throw GraphError.missingInput(input.name) }
      var rows = try rowForm(tensor, of: input.name)
      if rows.shape[0] == 1, count > 1 { rows = Tensor(joining: [Tensor](repeating: rows, count: count)) }
      result[input.name] = rows
    }
    return result
  }

  /// A tensor in the shape that the file has for `input`, as rows.
  public func rowForm(_ tensor: Tensor, of input: TensorName) throws -> Tensor {
    if let walk, walk.isOneSequence(input, tensor.shape) {
      return tensor.reshaped(to: Shape([1] + tensor.shape.dimensions))
    }
    guard let axis = rows.axes[input] ?? nil, axis < tensor.shape.rank else {
      guard let declared = graph.inputs.first(where: { $0.name == input }) else {
        throw GraphError.unknownTensor(input, nearest: graph.inputs.map(\.name))
      }
      return rows.holdsRows(declared, tensor.shape)
        ? tensor : tensor.reshaped(to: Shape([1] + tensor.shape.dimensions))
    }
    return axis == 0 ? tensor : tensor.bringingForward(axis: axis)
  }

  /// Rows that are shaped as `input`, in the shape that the file has for them; several rows of an input without an axis
  /// for them keep their first one.
  public func fileForm(_ tensor: Tensor, of input: TensorName) -> Tensor {
    let axis = rows.axes[input] ?? nil
    return axis == nil && tensor.shape[0] != 1 ? tensor : tensor.inFileForm(rowsAlong: axis)
  }
}

extension RowLayout {
  /// How many rows a tensor of this shape of the file holds.
  func rowCount(of input: GraphInput, _ shape: Shape) -> Int {
    if let axis = axes[input.name] ?? nil { return axis < shape.rank ? shape[axis] : 1 }
    return holdsRows(input, shape) ? shape[0] : 1
  }

  /// Whether a tensor of this shape has one axis more than the file has for `input`, which has none for rows.
  func holdsRows(_ input: GraphInput, _ shape: Shape) -> Bool {
    guard (axes[input.name] ?? nil) == nil, let dimensions = input.dimensions else { return false }
    return shape.rank == dimensions.count + 1
  }
}
