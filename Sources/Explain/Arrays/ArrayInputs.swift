public import Files
public import Graphs
public import Tensors

/// The inputs of `graph` from a file, checked: an `.npy` for a graph with one input, an `.npz` with an array per input
/// name.
public func readInputs(_ path: String, for graph: Graph) throws -> [TensorName: Tensor] {
  let arrays: [TensorName: Tensor]
  if path.hasSuffix(".npz") {
    arrays = Dictionary(try NumPy.readArchive(path).map { ($0.name, $0.tensor) }) { first, _ in first }
  } else {
    guard graph.inputs.count == 1 else {
      throw InputError.severalInputs(path: path, names: graph.inputs.map(\.name))
    }
    arrays = [graph.inputs[0].name: try NumPy.read(path)]
  }
  var inputs: [TensorName: Tensor] = [:]
  for input in graph.inputs {
    guard let tensor = arrays[input.name] else {
      throw InputError.missing(path: path, array: input.name, present: arrays.keys.sorted())
    }
    let mayBeEmpty = graph.inputs.count > 1
    if let dimensions = input.dimensions, !fits(tensor.shape, dimensions, mayBeEmpty: mayBeEmpty) {
      let expected = "[" + dimensions.map(\.description).joined(separator: ", ") + "]"
      throw InputError.shape(path: path, array: input.name, expected: expected, got: tensor.shape)
    }
    try checkFinite(tensor, input.name, path)
    inputs[input.name] = tensor
  }
  return inputs
}

/// Whether a network that declares `dimensions` takes `shape`; the number of rows is left to it. One of several inputs may
/// have no elements, as keys of the past have at first; of an only input there would be nothing to compute.
private func fits(_ shape: Shape, _ dimensions: [Dimension], mayBeEmpty: Bool) -> Bool {
  guard shape.rank == dimensions.count, mayBeEmpty || shape.count > 0 else { return false }
  return zip(shape.dimensions, dimensions).dropFirst().allSatisfy { extent, dimension in
    if case .fixed(let fixed) = dimension { return extent == fixed }
    return true
  }
}

/// - Throws: `InputError.notFinite`.
public func checkFinite(_ tensor: Tensor, _ array: String, _ path: String) throws {
  let place = tensor.withUnsafeValues { values in values.firstIndex { !$0.isFinite } }
  if let place { throw InputError.notFinite(path: path, array: array, place: place) }
}

/// What can be wrong with the arrays in a file.
public enum InputError: RemediableError {
  /// One array for a model of several inputs.
  case severalInputs(path: String, names: [TensorName])
  case unequalRows(path: String)
  /// A folder without sounds, or an array without rows.
  case noBackgrounds(path: String)
  case missing(path: String, array: String, present: [String])
  /// An archive of maps without them.
  case missingMaps(path: String, array: String, present: [String])
  case shape(path: String, array: String, expected: String, got: Shape)
  case notFinite(path: String, array: String, place: Int)

  /// Whether the arrays are not those of the model at all.
  public var isMisuse: Bool {
    switch self {
    case .severalInputs, .unequalRows, .noBackgrounds: true
    default: false
    }
  }

  public var description: String {
    switch self {
    case .severalInputs(let path, let names):
      "\(path): the model has \(names.count) inputs; give an .npz with arrays named "
        + names.map { "'\($0)'" }.joined(separator: ", ")
    case .unequalRows(let path): "\(path): the arrays differ in their number of rows"
    case .noBackgrounds(let path): "\(path): holds no backgrounds: it is empty"
    case .missing(let path, let array, let present):
      "\(path): holds no array named '\(array)', which the model wants; it holds "
        + (present.isEmpty ? "none" : present.prefix(8).map { "'\($0)'" }.joined(separator: ", "))
    case .missingMaps(let path, let array, let present):
      "\(path): holds no array named '\(array)'; it holds "
        + (present.isEmpty ? "none" : present.prefix(8).map { "'\($0)'" }.joined(separator: ", "))
    case .shape(let path, let array, let expected, let got):
      "\(path): '\(array)' has shape \(got), wanted is \(expected)"
    case .notFinite(let path, let array, let place):
      "\(path): '\(array)' holds NaN or infinity, first at element \(place); check what made it"
    }
  }
}
