import ArgumentParser
import Jobs

/// What the plain-tensor verbs that explain are given: a network, arrays, and which layer a class activation map is of.
struct ArrayOptions: ParsableArguments {
  @Argument(help: "An ONNX file, or the name of a bundled model.")
  var model: String
  @Argument(help: "An .npy in the model's own layout; an .npz with an array per input for several inputs.")
  var input: String
  @Option(name: .customLong("input"), help: "The input that is explained, of several (default: the first).")
  var explained: String?
  @Option(
    help:
      "The layer of a class activation map; given several times, they are fused (default: the last convolution)."
  )
  var layer: [String] = []
  @OptionGroup var network: NetworkOptions

  func request(_ methods: MethodOptions) -> ArrayRequest {
    var request = ArrayRequest(model: model, input: input)
    request.reading = network.reading
    request.explained = explained
    request.layers = layer
    request.parameters = methods.parameters
    return request
  }
}
