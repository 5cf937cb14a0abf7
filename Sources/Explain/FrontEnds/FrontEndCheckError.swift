public import Files
public import Tensors

/// What can keep another program's result from being compared.
public enum FrontEndCheckError: RemediableError {
  /// An array that cannot be what this front end makes.
  case noPatches(shape: Shape, ours: Shape)
  /// A value that is no number.
  case notFinite(path: String, place: [Int])
  /// Scores of another number of classes.
  case classes(path: String, count: Int, classes: Int)
  /// A file that holds no scores.
  case noScores(path: String, reason: String)
  /// Scores are compared, and no model gives any.
  case noModel

  public var isMisuse: Bool {
    if case .noModel = self { true } else { false }
  }

  public var description: String {
    switch self {
    case .noPatches(let shape, let ours):
      "an array of the shape \(shape) cannot be compared with patches x channels x frames x bands of \(ours); save what your "
        + "program gives its network for this sound, with an axis for each of those that has more than one place"
    case .notFinite(let path, let place):
      "\(path): the value at \(place) is not a number or infinite; that alone is wrong: look for a logarithm of 0 or a division "
        + "by 0 in the program that made it"
    case .classes(let path, let count, let classes):
      "\(path): has \(count) scores, and the model has \(classes) classes; give a score for each, or an object of labels and "
        + "scores"
    case .noScores(let path, let reason): "\(path): holds no scores: \(reason)"
    case .noModel: "scores can be compared with a model's only; give one with --model"
    }
  }
}
