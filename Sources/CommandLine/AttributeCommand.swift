import ArgumentParser
import Explain
import Graphs
import Jobs
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
        otoscope attribute sed.onnx x.npy --method saliency --target 3 --at 12-20 -o event.npz
      """)

  @OptionGroup var arrays: ArrayOptions
  @Option(help: "One of: \(AttributionMethod.allNames).")
  var method: AttributionMethod
  @Option(help: "The element that is explained, counted over all axes but the first.")
  var target: Int?
  @Option(
    help: ArgumentHelp(
      """
      When, of a tensor of moments and classes such as [frames, classes]: a place along the first axis of its row, or the       mean over some, as 12-20. --target then counts the axes behind it.
      """, valueName: "moment"))
  var at: Moments?
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
  @Option(help: "Noise to use instead of drawn noise: an .npy of shape [samples] + one input row.")
  var noise: String?
  @Option(name: .shortAndLong, help: "Where to save the .npz with the array 'attribution'.")
  var output: String
  @OptionGroup var methods: MethodOptions

  func validate() throws {
    let asked = [target != nil, channel != nil, direction != nil].count { $0 }
    guard asked == 1 else {
      throw ValidationError(
        asked == 0
          ? "name what is explained: --target, --channel or --direction"
          : "--target, --channel and --direction are different questions: choose one")
    }
    guard at == nil || (target != nil && against == nil) else {
      throw ValidationError("--at is a moment of --target, without --against")
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
    if let at { return .moments(element: element, at.range) }
    return against.map { .difference(element, $0) } ?? .element(element)
  }

  /// Says which moment an element lies at where nobody named one.
  private func noteMoments(_ question: ArrayQuestion) throws {
    guard let target, at == nil else { return }
    let row = try question.network.shape(of: question.tensor, at: question.shapes).dimensions.dropFirst()
    guard row.count == 2, let moments = row.first, let classes = row.last, moments > 1, classes > 1 else {
      return
    }
    Terminal.note(
      "a row of '\(question.tensor)' is \(moments) x \(classes): --target \(target) counts all of them and is element "
        + "\(target % classes) at moment \(target / classes); name a moment with --at")
  }

  func run() throws {
    let request = arrays.request(methods)
    let question = try arrays.network.workspace.question(request, of: tensor, scoreOf())
    for line in question.readings { Terminal.note(line) }
    try noteMoments(question)
    let progress = Progress(method.name)
    var settings = try request.parameters.settings(for: question.x)
    settings.layers = arrays.layer
    settings.noise = try noise.map { try readRows($0, "noise", for: question.x) }
    settings.control = progress.control
    let attribution = try question.attribution(by: method, settings)
    progress.finish()
    try NumPy.writeArchive(
      [("attribution", question.fileForm(attribution))], to: output, compressed: false)
  }
}
