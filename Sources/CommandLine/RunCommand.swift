import ArgumentParser
import Explain
import Graphs
import Jobs
import Tensors

/// `run`: evaluates a network on arrays.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Evaluate a network on an array and save the tensors asked for.",
    discussion: """
      EXAMPLE:
        otoscope run yamnet patches.npy --tensor scores --tensor embedding -o result.npz
      """)

  @Argument(help: "An ONNX file, or the name of a bundled model.")
  var model: String
  @Argument(help: "An .npy in the model's own layout; an .npz with an array per input for several inputs.")
  var input: String
  @Option(help: "A tensor to save; may be repeated (default: the model's outputs).")
  var tensor: [String] = []
  @Option(name: .shortAndLong, help: "Where to save the .npz, an array per tensor.")
  var output: String
  @OptionGroup var options: NetworkOptions

  func run() throws {
    let network = try options.workspace.network(model)
    var names: [TensorName] = []
    for name in tensor.isEmpty ? network.graph.outputs : tensor where !names.contains(name) {
      names.append(name)
    }
    let values = try network.values(of: names, at: try readInputs(input, for: network.graph))
    try NumPy.writeArchive(Array(zip(names, values)).map { ($0, $1) }, to: output, compressed: false)
  }
}
