import ArgumentParser
import Explain
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

  func network(_ path: String, rowsPerRun: Int = 16) throws -> Network {
    Network(try ONNXModel(contentsOf: try BundledData.modelPath(path)).graph, threads: threadCount, rowsPerRun: rowsPerRun)
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

/// `run`: evaluates a network on arrays.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
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
    let network = try options.network(model)
    let names = tensor.isEmpty ? network.graph.outputs : tensor
    let values = try network.values(of: names, at: try readInputs(input, for: network.graph))
    try NumPy.writeArchive(Array(zip(names, values)).map { ($0, $1) }, to: output, compressed: false)
  }
}

/// `attribute`: one attribution method on arrays.
struct Attribute: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Explain one element of a network's output on an array: which input elements count.",
    discussion: """
      EXAMPLES:
        otoscope attribute yamnet patches.npy --method saliency --target 69 -o saliency.npz
        otoscope attribute net.onnx x.npy --method grad-cam --target 3 --layer conv5 -o cam.npz
      """)

  @Argument(help: "An ONNX file, or the name of a bundled model.")
  var model: String
  @Argument(help: "An .npy in the model's own layout.")
  var input: String
  @Option(help: "One of: \(AttributionMethod.allNames).")
  var method: AttributionMethod
  @Option(help: "The element that is explained, counted over all axes but the first.")
  var target: Int
  @Option(name: .customLong("of"), help: "Whose element (default: the first output, or what its Softmax/Sigmoid reads).")
  var tensor: String?
  @Option(help: "The layer of a class activation map (default: the last convolution).")
  var layer: String?
  @Option(help: "Noisy copies for smoothgrad.")
  var samples: Int = 50
  @Option(help: "Standard deviation of the noise, absolute (default: 15 % of each row's range).")
  var sigma: Float?
  @Option(help: "Noise to use instead of drawn noise: an .npy of shape [samples] + one input row.")
  var noise: String?
  @Option(help: "Seed of the drawn noise.")
  var seed: UInt64 = 0
  @Option(name: .shortAndLong, help: "Where to save the .npz with the array 'attribution'.")
  var output: String
  @OptionGroup var options: NetworkOptions

  func validate() throws {
    guard (1...100_000).contains(samples) else { throw ValidationError("--samples must be from 1 to 100000") }
    if let sigma, !(sigma >= 0 && sigma.isFinite) { throw ValidationError("--sigma must be a number from 0 on") }
  }

  func run() throws {
    let network = try options.network(model)
    let inputs = try readInputs(input, for: network.graph)
    let of = try tensor ?? network.graph.logits(of: network.graph.outputs[0])
    let score = try NetworkScore(network, tensor: of, element: target)
    guard let x = inputs[network.graph.inputs[0].name] else {
      throw Misuse("\(input): holds no array named '\(network.graph.inputs[0].name)'")
    }
    let progress = Progress(method.rawValue)
    let settings = AttributionMethod.Settings(
      layer: layer, samples: samples, sigma: sigma, noise: try noise.map { try NumPy.read($0) }, seed: seed,
      progress: { done, all in progress.update(Double(done) / Double(all)) })
    let attribution = try method.attribute(score, at: x, settings)
    progress.finish()
    try NumPy.writeArchive([("attribution", attribution)], to: output, compressed: false)
  }
}
