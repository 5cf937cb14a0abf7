import ArgumentParser
import Explain
import Graphs
import Tensors

/// `attribute`: one attribution method on arrays.
struct AttributeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attribute",
    abstract: "Explain one element of a network's output on an array: which input elements count.",
    discussion: """
      EXAMPLES:
        otoscope attribute yamnet patches.npy --method saliency --target 69 -o saliency.npz
        otoscope attribute yamnet patches.npy --method occlusion --window 16 16 --target 69 -o occlusion.npz
        otoscope attribute net.onnx x.npy --method saliency --of conv5 --channel 17 -o channel.npz
        otoscope attribute net.onnx x.npy --method grad-cam --target 3 --layer conv5 -o cam.npz
      """)

  @Argument(help: "An ONNX file, or the name of a bundled model.")
  var model: String
  @Argument(help: "An .npy in the model's own layout; an .npz with an array per input for several inputs.")
  var input: String
  @Option(name: .customLong("input"), help: "The input that is explained, of several (default: the first).")
  var explained: String?
  @Option(help: "One of: \(AttributionMethod.allNames).")
  var method: AttributionMethod
  @Option(help: "The element that is explained, counted over all axes but the first.")
  var target: Int?
  @Option(help: "Instead: a channel of the tensor [N, C, places...], whose mean over places is explained.")
  var channel: Int?
  @Option(
    help: ArgumentHelp(
      "Instead: an .npy of as many numbers as the tensor has in a row, whose product with it is explained.",
      valueName: "npy"))
  var direction: String?
  @Option(help: "Another element, whose value is taken off the first one's: why this and not that.")
  var against: Int?
  @Option(
    name: .customLong("of"),
    help: "Whose element (default: the first output, or what its Softmax/Sigmoid reads).")
  var tensor: String?
  @Option(
    help:
      "The layer of a class activation map; given several times, they are fused (default: the last convolution)."
  )
  var layer: [String] = []
  @Option(help: "Noise to use instead of drawn noise: an .npy of shape [samples] + one input row.")
  var noise: String?
  @Option(name: .shortAndLong, help: "Where to save the .npz with the array 'attribution'.")
  var output: String
  @OptionGroup var methods: MethodOptions
  @OptionGroup var options: NetworkOptions

  func validate() throws {
    let asked = [target != nil, channel != nil, direction != nil].count { $0 }
    guard asked == 1 else {
      throw ValidationError(
        asked == 0
          ? "name what is explained: --target, --channel or --direction"
          : "--target, --channel and --direction are different questions: choose one")
    }
    guard against == nil || target != nil else { throw ValidationError("--against is held against --target") }
  }

  /// What of the tensor is explained.
  private func scoreOf() throws -> ScoreOf {
    if let channel { return .channelMean(channel) }
    if let direction {
      let vector = try NumPy.read(direction)
      try checkFinite(vector, "direction", direction)
      return .direction(vector.values)
    }
    let element = target ?? 0
    return against.map { .difference(element, $0) } ?? .element(element)
  }

  func run() throws {
    let network = try options.network(model)
    let inputs = try readInputs(input, for: network.graph)
    let of = try tensor ?? network.graph.logits(of: network.graph.outputs[0])
    let name = explained ?? network.graph.inputs[0].name
    guard let x = inputs[name] else {
      throw GraphError.unknownTensor(name, nearest: nearest(to: name, among: inputs.keys))
    }
    let others = inputs.filter { $0.key != name }
    for layer in layer { try network.graph.tensor(named: layer) }
    let progress = Progress(method.name)
    var settings = try methods.settings(for: x)
    settings.layers = layer
    settings.noise = try noise.map { try readNoise($0, for: x) }
    settings.progress = { done, all in progress.update(Double(done) / Double(all)) }
    let attribution = try attribute(network, of, x, beside: others, settings)
    progress.finish()
    try NumPy.writeArchive([("attribution", attribution)], to: output, compressed: false)
  }

  /// With several inputs row by row, as each has its own row of the others beside it.
  private func attribute(
    _ network: Network, _ tensor: TensorName, _ x: Tensor, beside others: [TensorName: Tensor],
    _ settings: AttributionMethod.Settings
  ) throws -> Tensor {
    let asked = try scoreOf()
    if others.isEmpty {
      return try method.attribute(NetworkScore(network, tensor: tensor, of: asked), at: x, settings)
    }
    let rows = x.shape.dimensions.first ?? 0
    guard rows > 0, others.values.allSatisfy({ $0.shape.dimensions.first == rows }) else {
      throw Misuse("\(input): the arrays differ in their number of rows")
    }
    return Tensor(
      joining: try (0..<rows).map { row in
        let beside = others.mapValues { $0.rows(row..<row + 1) }
        let score = try NetworkScore(network, tensor: tensor, of: asked, beside: beside)
        return try method.attribute(score, at: x.rows(row..<row + 1), settings)
      })
  }

  /// The noise for each sample: `[samples]` + the shape of one row of `x`.
  private func readNoise(_ path: String, for x: Tensor) throws -> Tensor {
    let noise = try NumPy.read(path)
    let row = Shape(Array(x.shape.dimensions.dropFirst()))
    guard noise.shape.rank > 0, noise.shape[0] > 0,
      Array(noise.shape.dimensions.dropFirst()) == row.dimensions
    else {
      throw InputError.shape(path: path, array: "noise", expected: "[samples] + \(row)", got: noise.shape)
    }
    try checkFinite(noise, "noise", path)
    return noise
  }
}
