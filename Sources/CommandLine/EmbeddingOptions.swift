import ArgumentParser
import Explain
import Jobs

/// What to ask of an embedding instead of classes.
struct EmbeddingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      The tensor that is the embedding, for --like and --towards: its values of a patch, averaged over patches (default: \
      what the last linear layer reads).
      """, valueName: "tensor"))
  var embedding: String?
  @Option(
    help: ArgumentHelp(
      "Explain how like this sound's the embedding is: their cosine.", valueName: "sound"))
  var like: String?
  @Option(
    help: ArgumentHelp(
      "Explain how far the embedding reaches in the direction of this sound's.", valueName: "sound"))
  var towards: String?

  var isAsked: Bool { like != nil || towards != nil }

  func validate() throws {
    guard like == nil || towards == nil else {
      throw ValidationError("--like and --towards are two questions: ask one at a time")
    }
    guard embedding == nil || isAsked else {
      throw ValidationError(
        "--embedding says where to compare with another sound: name one with --like or --towards")
    }
  }

  /// nil where nobody asks about an embedding.
  var choice: EmbeddingChoice? {
    (like ?? towards).map { EmbeddingChoice(like == nil ? .towards : .like, sound: $0, tensor: embedding) }
  }
}
