/// What a user can do about a failure. A front end says it in its own words: an option, a field of a form, a key.
public enum Remedy: Sendable, Equatable {
  /// Explain a part of the sound, by its start and its duration.
  case choosePart
  /// Name the tensor that is the embedding.
  case nameEmbedding
  /// Name the layer to make a map of.
  case nameLayer
  /// Ask for fewer segments.
  case fewerSegments
  /// Explain a sound instead of an array.
  case explainSound
  /// Evaluate the model first.
  case evaluate(model: String)
  /// Name a method.
  case nameMethod
  /// Tell the shape of an input.
  case nameShape(input: String, example: [Int])
  /// Hold the target against another class.
  case nameAnotherRival
  /// Name the output that holds the classes; `description` is the model's file for it.
  case nameOutput(example: String, description: String)
  /// Say what runs along the axes of an output.
  case nameAxes(output: String, description: String)
  /// Say how scores become probabilities.
  case nameActivation(description: String)
  /// Let the description of a model be proposed.
  case configure(model: String)
  /// Say which columns of a table hold what.
  case nameColumns
  /// Share the clips of a data set out in another way.
  case chooseSplit
}

/// A failure whose description says what and where, and which may know a way out.
public protocol RemediableError: Error, CustomStringConvertible {
  var remedy: Remedy? { get }
  /// Whether the request cannot be meant, as opposed to one that failed.
  var isMisuse: Bool { get }
}

extension RemediableError {
  public var remedy: Remedy? { nil }
  public var isMisuse: Bool { false }
}
