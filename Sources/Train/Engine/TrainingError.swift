import Files

/// What can end a training.
public enum TrainingError: Error, Hashable, CustomStringConvertible {
  /// The loss or a gradient is infinite or no number.
  case diverged(step: Int, loss: Double)

  public var description: String {
    switch self {
    case .diverged(let step, let loss):
      "the loss is \(loss.isFinite ? "finite, but a gradient is not" : "\(loss)") at step \(step): the training diverged; "
        + "try a smaller --learning-rate, a --warm-up or --clip"
    }
  }
}
