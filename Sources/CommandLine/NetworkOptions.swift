import ArgumentParser
import Models
import Glibc
import Graphs
import Tensors

/// What the plain-tensor verbs share: a network, and arrays in its own layout.
struct NetworkOptions: ParsableArguments {
  @Option(help: "Threads to compute with (default: all cores).")
  var threads: Int?

  func validate() throws {
    if let threads, !(1...256).contains(threads) { throw ValidationError("--threads must be from 1 to 256") }
  }

  var threadCount: Int { threads ?? Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

  func network(_ path: String) throws -> Network {
    Network(try ONNXModel(contentsOf: try BundledData.modelPath(path)).graph, threads: threadCount)
  }
}

/// The inputs of `graph` from a file: an `.npy` for a graph with one input, an `.npz` with an array per input name.
func readInputs(_ path: String, for graph: Graph) throws -> [TensorName: Tensor] {
  let inputs: [TensorName: Tensor]
  if path.hasSuffix(".npz") {
    inputs = Dictionary(try NumPy.readArchive(path).map { ($0.name, $0.tensor) }) { first, _ in first }
  } else {
    guard graph.inputs.count == 1 else {
      throw Misuse(
        "\(path): the model has \(graph.inputs.count) inputs; give an .npz with arrays named "
          + graph.inputs.map { "'\($0.name)'" }.joined(separator: ", "))
    }
    inputs = [graph.inputs[0].name: try NumPy.read(path)]
  }
  for (name, tensor) in inputs {
    let unusual = tensor.withUnsafeValues { values in values.firstIndex { !$0.isFinite } }
    if let unusual { throw Misuse("\(path): '\(name)' holds NaN or infinity (element \(unusual))") }
  }
  return inputs
}
