public import Files
public import Graphs
public import Tensors

/// For which shapes of its inputs a network is meant, where no array tells.
public struct InputShapes: Sendable {
  /// By the names of inputs; under the empty name the shape of all others.
  public var shapes: [TensorName: Shape]
  /// Rows to compute at once; nil for what the file says, or 1.
  public var batch: Int?

  public init(_ shapes: [TensorName: Shape] = [:], batch: Int? = nil) {
    (self.shapes, self.batch) = (shapes, batch)
  }

  /// The shapes of all inputs of `graph` in its file: those given, those `known` otherwise, those that the file declares.
  ///
  /// - Parameter rows: where rows run in them.
  /// - Throws: `InputShapeError`, which says which shape to give.
  public func of(_ graph: Graph, rows: RowLayout, known: [TensorName: Shape] = [:]) throws(InputShapeError)
    -> [TensorName: Shape]
  {
    let names = graph.inputs.map(\.name)
    if let other = shapes.keys.sorted().first(where: { !$0.isEmpty && !names.contains($0) }) {
      throw .unknownInput(other, inputs: names)
    }
    var result: [TensorName: Shape] = [:]
    for input in graph.inputs {
      if let given = shapes[input.name] ?? shapes[""] {
        result[input.name] = given
      } else {
        result[input.name] = try shape(of: input, rowsAlong: rows.axes[input.name] ?? nil, known[input.name])
      }
    }
    return result
  }

  /// - Parameter axis: where rows run; nil where the input is one row.
  private func shape(of input: GraphInput, rowsAlong axis: Int?, _ known: Shape?) throws(InputShapeError)
    -> Shape
  {
    if var known {
      if let axis, axis < known.rank, let batch { known[axis] = batch }
      return known
    }
    guard let dimensions = input.dimensions else {
      throw .open(input: input.name, shape: nil, example: [1, 1, 96, 64])
    }
    var extents: [Int] = []
    var isKnown = true
    for (place, dimension) in dimensions.enumerated() {
      switch dimension {
      case .fixed(let extent): extents.append(place == axis ? batch ?? extent : extent)
      case .symbolic:
        isKnown = isKnown && place == axis
        extents.append(place == axis ? batch ?? 1 : 100)
      }
    }
    guard isKnown else { throw .open(input: input.name, shape: input.shownShape, example: extents) }
    return Shape(extents)
  }
}

/// What can keep the shapes of a network's inputs from being known.
public enum InputShapeError: RemediableError {
  case unknownInput(TensorName, inputs: [TensorName])
  /// `shape` is nil where the file says nothing at all.
  case open(input: TensorName, shape: String?, example: [Int])

  public var isMisuse: Bool { true }

  public var remedy: Remedy? {
    switch self {
    case .unknownInput: nil
    case .open(let input, _, let example): .nameShape(input: input, example: example)
    }
  }

  public var description: String {
    switch self {
    case .unknownInput(let name, let inputs):
      "there is no input '\(name)'; the inputs are called \(inputs.map { "'\($0)'" }.joined(separator: ", "))"
    case .open(let input, nil, _): "the file does not say which shape input '\(input)' has"
    case .open(let input, let shape?, _): "input '\(input)' is \(shape), and the file does not say how large"
    }
  }
}
