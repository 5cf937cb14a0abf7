public import Files
public import Graphs
public import Tensors

/// The inputs of a network from a file, in the network's own shapes and checked: an `.npy` for a network with one input, an
/// `.npz` with an array per input name. An array may hold any number of rows.
public struct ArrayInputs {
  /// The network that takes them: whole numbers that control flow or shapes may hang on, one for all rows, are constants of
  /// it.
  public let network: Network
  public private(set) var arrays: [TensorName: Tensor] = [:]

  /// - Parameter explained: an input that does not become a constant.
  /// - Throws: `InputError`; `GraphError` and `ONNXError` where the network does not take such values.
  public init(_ path: String, for network: Network, explained: TensorName? = nil) throws {
    let names = network.graph.inputs.map(\.name)
    let found: [TensorName: Tensor]
    if path.hasSuffix(".npz") {
      found = Dictionary(try NumPy.readArchive(path).map { ($0.name, $0.tensor) }) { first, _ in first }
    } else {
      guard names.count == 1 else { throw InputError.severalInputs(path: path, names: names) }
      found = [names[0]: try NumPy.read(path)]
    }
    self.network = try network.fixing(Self.knownValues(found, of: network.graph, explained: explained))
    for input in self.network.graph.inputs {
      guard let tensor = found[input.name] else {
        throw InputError.missing(path: path, array: input.name, present: found.keys.sorted())
      }
      let axis = network.rows.axes[input.name] ?? nil
      if let dimensions = input.dimensions, !network.isWalking,
        !fits(tensor.shape, dimensions, rowsAlong: axis, mayBeEmpty: names.count > 1)
      {
        let expected = "[" + dimensions.map(\.description).joined(separator: ", ") + "]"
        throw InputError.shape(path: path, array: input.name, expected: expected, got: tensor.shape)
      }
      try checkFinite(tensor, input.name, path)
      arrays[input.name] = tensor
    }
    guard network.isWalking else { return }
    // What a state begins with.
    for input in self.network.stepGraph.inputs where arrays[input.name] == nil {
      arrays[input.name] = found[input.name]
    }
  }

  /// Whole numbers of one element, where the graph cannot be read without more being known.
  private static func knownValues(_ found: [TensorName: Tensor], of graph: Graph, explained: TensorName?)
    -> [TensorName: Tensor]
  {
    guard graph.dependsOnShapes else { return [:] }
    var known: [TensorName: Tensor] = [:]
    for input in graph.inputs where input.isInteger && input.name != explained {
      if let value = found[input.name], value.count == 1 { known[input.name] = value }
    }
    return known.count < graph.inputs.count ? known : [:]
  }

  /// All as rows, along the first axis.
  public func asRows() throws -> [TensorName: Tensor] { try network.rowForm(of: arrays) }

  /// How arrays are read where that could be otherwise, a line for each: sequences (`'x': 1 row of 120 steps`), and axes of
  /// rows that the file does not tell.
  public func readings() throws -> [String] {
    let guesses = network.rows.guessed.sorted().map { name in
      let axis = network.rows.axes[name] ?? nil
      return "'\(name)': \(axis.map { "rows along axis \($0)" } ?? "one row"), which the file does not say"
    }
    guard network.isWalking else { return guesses }
    return guesses
      + (try asRows().sorted { $0.key < $1.key }.compactMap { name, rows in
        guard network.takesSequences(name, rows.shape) else { return nil }
        let (count, steps) = (rows.shape[0], rows.shape[1])
        return
          "'\(name)': \(count) \(count == 1 ? "row" : "rows") of \(steps) \(steps == 1 ? "step" : "steps")"
      })
  }
}

/// Whether a network that declares `dimensions` takes `shape`; the number of rows is left to it. Where there is no axis for
/// them, several rows come along a first one. One of several inputs may have no elements, as keys of the past have at first; of an
/// only input there would be nothing to compute.
private func fits(_ shape: Shape, _ dimensions: [Dimension], rowsAlong axis: Int?, mayBeEmpty: Bool) -> Bool {
  let hasOwnRows = axis == nil && shape.rank == dimensions.count + 1
  let extents = hasOwnRows ? Array(shape.dimensions.dropFirst()) : shape.dimensions
  guard extents.count == dimensions.count, mayBeEmpty || shape.count > 0 else { return false }
  return zip(extents, dimensions).enumerated().allSatisfy { place, pair in
    if case .fixed(let fixed) = pair.1 { return place == axis || pair.0 == fixed }
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
    case .severalInputs, .noBackgrounds: true
    default: false
    }
  }

  public var description: String {
    switch self {
    case .severalInputs(let path, let names):
      "\(path): the model has \(names.count) inputs; give an .npz with arrays named "
        + names.map { "'\($0)'" }.joined(separator: ", ")
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
