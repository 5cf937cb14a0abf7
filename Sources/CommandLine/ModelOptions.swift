import ArgumentParser
import Audio
import Jobs
import Models

/// How the verbs that take sounds name their model.
struct ModelOptions: ParsableArguments {
  @Option(
    help: "A bundled model (\(BundledData.modelNames.joined(separator: ", "))) or the path of an ONNX file.")
  var model: String = "yamnet"
  @OptionGroup var listening: ListeningOptions

  var choice: ModelChoice { listening.choice(of: model) }
  var outputTensor: String? { listening.outputTensor }
  var network: NetworkOptions { listening.network }
}

/// How a model listens, instead of as it says itself.
struct ListeningOptions: ParsableArguments {
  @Option(
    help: """
      How sound becomes the model's input, if the model does not say: a preset \
      (\(FrontEnd.presetNames.joined(separator: ", "))) or a JSON file.
      """)
  var frontEnd: String?
  @Option(
    name: .customLong("of"),
    help: ArgumentHelp(
      "The output that holds the classes, where the model does not say (its logits, for example).",
      valueName: "tensor"))
  var outputTensor: String?
  @Option(
    help: """
      How the output becomes probabilities, where the network does not do it itself: softmax (one class), sigmoid (any \
      number of classes), or none (its values are reported as scores).
      """)
  var activation: ModelDescription.Activation?
  @Option(
    help: ArgumentHelp(
      "How much sound the network is given at once, if it takes any length (default: all, up to 30 s).",
      valueName: "seconds"))
  var patch: Double?
  @Option(
    help: ArgumentHelp(
      "How much of each patch the next one repeats (default: what the model says).", valueName: "seconds"))
  var overlap: Double?
  @OptionGroup var network: NetworkOptions

  func validate() throws {
    if let patch, !(patch > 0 && patch.isFinite) {
      throw ValidationError("--patch must be more than 0 seconds")
    }
    if let overlap, !(overlap >= 0 && overlap.isFinite) {
      throw ValidationError("--overlap must be seconds from 0 on")
    }
  }

  /// - Parameter model: a bundled name, or the path of an ONNX file.
  func choice(of model: String) -> ModelChoice {
    var choice = ModelChoice(model, frontEnd: frontEnd)
    (choice.output, choice.activation) = (outputTensor, activation)
    if patch != nil || overlap != nil { choice.cutting = Cutting(patch: patch, overlap: overlap) }
    return choice
  }
}

/// Which stretch of each sound is meant.
struct StretchOptions: ParsableArguments {
  @Option(help: "Where to begin in each sound, in seconds.")
  var start: Double = 0
  @Option(help: "How much of each sound to use, in seconds (default: all).")
  var duration: Double?
  @Option(help: "Which channel to listen to: mix (the mean of all), left, right, or a number from 1.")
  var channel: Channel = .mix

  func validate() throws {
    guard start >= 0, start.isFinite else { throw ValidationError("--start must be seconds from 0 on") }
    if let duration, !(duration > 0 && duration.isFinite) {
      throw ValidationError("--duration must be more than 0 seconds")
    }
  }

  var stretch: Stretch { Stretch(start: start, duration: duration, channel: channel) }
}
