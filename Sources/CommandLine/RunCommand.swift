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
      Arrays have the shapes of the file. With more rows than the file takes at a time, rows are run one by one and joined.

      EXAMPLES:
        otoscope run yamnet patches.npy --tensor scores --tensor embedding -o result.npz
        otoscope run vad.onnx speech.npz --state stateN=state -o curve.npz
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
    let inputs = try ArrayInputs(input, for: options.workspace.network(model, options.reading))
    for line in try inputs.readings() { Terminal.note(line) }
    let network = inputs.network
    var names: [TensorName] = []
    for name in tensor.isEmpty ? network.graph.outputs : tensor where !names.contains(name) {
      names.append(name)
    }
    let values = try network.evaluate(names, at: inputs.arrays)
    try NumPy.writeArchive(Array(zip(names, values)).map { ($0, $1) }, to: output, compressed: false)
  }
}
