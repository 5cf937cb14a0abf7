import Files

/// What can end a training, or keep it from beginning.
public enum TrainingError: Error, Hashable, CustomStringConvertible {
  /// The loss or a gradient is infinite or no number.
  case diverged(step: Int, loss: Double)
  /// A checkpoint that cannot be gone on from.
  case checkpoint(path: String, reason: String)
  /// Nothing is left to learn.
  case allFrozen([String])
  /// There are no clips to learn from.
  case noExamples

  public var description: String {
    switch self {
    case .diverged(let step, let loss):
      "the \(loss.isFinite ? "gradient" : "loss") is no finite number at step \(step): the training diverged; a smaller "
        + "learning rate, a warm-up or clipped gradients help; what was best is kept"
    case .checkpoint(let path, let reason):
      "\(PathText.shown(path)): \(reason); remove it to begin anew"
    case .allFrozen(let patterns):
      "every parameter is frozen by \(patterns.joined(separator: ", ")): nothing is left to learn"
    case .noExamples: "no clip is left to learn from"
    }
  }
}
