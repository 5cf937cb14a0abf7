public import Tensors

/// Shapes and receptive fields as `Network` shows them, the rows along the first axis.
extension Network {
  /// The shapes of all tensors for inputs of these shapes.
  public func shapes(at inputs: [TensorName: Shape]) throws -> [TensorName: Shape] {
    let survey = try survey(at: inputs)
    let inputs = inputs.filter { input in graph.inputs.contains { $0.name == input.key } }
    let leading: [Int]
    if let walk {
      let (rows, steps) = try walk.extents(inputs)
      leading = [rows, steps]
    } else {
      leading = [try Self.rowCount(inputs)]
    }
    return survey.fileShapes.reduce(into: [:]) { shapes, entry in
      guard graph.constants[entry.key] == nil, let row = survey.row(of: entry.key) else {
        shapes[entry.key] = entry.value
        return
      }
      shapes[entry.key] = Shape(leading + row)
    }
  }

  /// The shape of `tensor` for inputs of these shapes.
  public func shape(of tensor: TensorName, at inputs: [TensorName: Shape]) throws -> Shape {
    guard let shape = try shapes(at: inputs)[try graph.tensor(named: tensor)] else {
      throw GraphError.unknownTensor(tensor, nearest: [])
    }
    return shape
  }

  /// The shapes of the inputs in the file for one run of rows of these shapes.
  public func fileShapes(at inputs: [TensorName: Shape]) throws -> [TensorName: Shape] {
    let survey = try survey(at: inputs)
    return survey.fileShapes.filter { shape in stepGraph.inputs.contains { $0.name == shape.key } }
  }

  /// The receptive fields of all tensors on `input`, an input or an inner tensor, for inputs of these shapes.
  ///
  /// - Parameter throughStatistics: leaves out what normalizations take from elsewhere.
  public func receptiveFields(
    of input: TensorName, at inputs: [TensorName: Shape], throughStatistics: Bool = false
  ) throws -> [TensorName: ReceptiveField] {
    let survey = try survey(at: inputs)
    let resolved = try evaluator.resolved(for: fileShapes(at: inputs))
    let isInput = graph.inputs.contains { $0.name == input }
    let inputAxis = isInput ? rows.axes[input] ?? nil : survey.axis(of: input)
    return resolved.receptiveFields(
      of: input, shapes: survey.fileShapes, throughStatistics: throughStatistics
    ).reduce(into: [:]) { fields, entry in
      var axes = entry.value.axes.map { axis -> ReceptiveField.Axis? in
        guard var axis else { return nil }
        axis.inputAxis = Self.rowPlace(ofAxis: axis.inputAxis, rows: inputAxis)
        return axis
      }
      if let place = survey.axis(of: entry.key), place < axes.count {
        axes.insert(axes.remove(at: place), at: 0)
      } else {
        axes.insert(nil, at: 0)
      }
      fields[entry.key] = ReceptiveField(axes: axes)
    }
  }

  /// Where an axis of the file's tensor lies when its rows have come first.
  private static func rowPlace(ofAxis axis: Int, rows: Int?) -> Int {
    guard let rows, axis >= rows else { return axis + 1 }
    return axis == rows ? 0 : axis
  }

  /// How many rows inputs of these shapes have.
  ///
  /// - Throws: `GraphError.rowCounts` where they differ.
  static func rowCount(_ shapes: [TensorName: Shape]) throws(GraphError) -> Int {
    let counts = shapes.mapValues { $0.dimensions.first ?? 1 }
    guard Set(counts.values).count <= 1 else { throw .rowCounts(counts) }
    return counts.values.first ?? 1
  }
}

extension RowLayout {
  /// How many rows the file's tensor of `input` has in one run of as few rows as can be.
  func rowsHeld(by input: GraphInput) -> Int {
    guard let axis = axes[input.name] ?? nil, let dimensions = input.dimensions, axis < dimensions.count,
      case .fixed(let extent) = dimensions[axis]
    else { return 1 }
    return extent
  }
}
