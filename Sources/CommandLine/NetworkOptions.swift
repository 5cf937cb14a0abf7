import ArgumentParser
import Models
import Glibc
import Graphs
import Tensors

/// What the plain-tensor verbs share: a network, and arrays in its own layout.
struct NetworkOptions: ParsableArguments {
  @Option(help: "Threads to compute with (default: all cores).")
  var threads: Int?
  @Option(
    help: """
      The most memory for the intermediate results of a run, as 512MB or 1.5GB: large batches are cut into smaller runs \
      (default: no bound).
      """)
  var memory: MemorySize?

  func validate() throws {
    if let threads, !(1...256).contains(threads) { throw ValidationError("--threads must be from 1 to 256") }
  }

  var threadCount: Int { threads ?? Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  func network(_ path: String) throws -> Network {
    network(try ONNXModel(contentsOf: try BundledData.modelPath(path)).graph)
  }

  func network(_ graph: Graph) -> Network {
    Network(graph, threads: threadCount, memory: memory?.bytes)
  }
}

/// The inputs of `graph` from a file, checked: an `.npy` for a graph with one input, an `.npz` with an array per input
/// name.
func readInputs(_ path: String, for graph: Graph) throws -> [TensorName: Tensor] {
  let arrays: [TensorName: Tensor]
  if path.hasSuffix(".npz") {
    arrays = Dictionary(try NumPy.readArchive(path).map { ($0.name, $0.tensor) }) { first, _ in first }
  } else {
    guard graph.inputs.count == 1 else {
      throw Misuse(
        "\(path): the model has \(graph.inputs.count) inputs; give an .npz with arrays named "
          + graph.inputs.map { "'\($0.name)'" }.joined(separator: ", "))
    }
    arrays = [graph.inputs[0].name: try NumPy.read(path)]
  }
  var inputs: [TensorName: Tensor] = [:]
  for input in graph.inputs {
    guard let tensor = arrays[input.name] else {
      throw InputError.missing(path: path, array: input.name, present: arrays.keys.sorted())
    }
    if let dimensions = input.dimensions, !fits(tensor.shape, dimensions) {
      let expected = "[" + dimensions.map(\.description).joined(separator: ", ") + "]"
      throw InputError.shape(path: path, array: input.name, expected: expected, got: tensor.shape)
    }
    try checkFinite(tensor, input.name, path)
    inputs[input.name] = tensor
  }
  return inputs
}

/// Whether a network that declares `dimensions` takes `shape`; the number of rows is left to it.
private func fits(_ shape: Shape, _ dimensions: [Dimension]) -> Bool {
  guard shape.rank == dimensions.count, !shape.dimensions.contains(0) else { return false }
  return zip(shape.dimensions, dimensions).dropFirst().allSatisfy { extent, dimension in
    if case .fixed(let fixed) = dimension { return extent == fixed }
    return true
  }
}

/// - Throws: `InputError.notFinite`.
func checkFinite(_ tensor: Tensor, _ array: String, _ path: String) throws {
  let place = tensor.withUnsafeValues { values in values.firstIndex { !$0.isFinite } }
  if let place { throw InputError.notFinite(path: path, array: array, place: place) }
}

/// What can be wrong with the arrays in a file.
enum InputError: Error, CustomStringConvertible {
  case missing(path: String, array: String, present: [String])
  /// An archive of maps without them.
  case missingMaps(path: String, array: String, present: [String])
  case shape(path: String, array: String, expected: String, got: Shape)
  case notFinite(path: String, array: String, place: Int)

  var description: String {
    switch self {
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
