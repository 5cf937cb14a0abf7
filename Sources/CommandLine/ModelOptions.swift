import ArgumentParser
import Audio
import Jobs
import Models

/// How the verbs that take sounds name their model.
struct ModelOptions: ParsableArguments {
  @Option(
    help: "A bundled model (\(BundledData.modelNames.joined(separator: ", "))) or the path of an ONNX file.")
  var model: String = "yamnet"
  @Option(
    help: """
      How sound becomes the model's input, if the model does not say: a preset \
      (\(FrontEnd.presetNames.joined(separator: ", "))) or a JSON file.
      """)
  var frontEnd: String?
  @OptionGroup var network: NetworkOptions

  var choice: ModelChoice { ModelChoice(model, frontEnd: frontEnd) }
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
