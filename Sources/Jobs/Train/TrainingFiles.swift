import Files
import Glibc
import Train

/// The files beside a network in training.
struct TrainingFiles {
  let output: String

  /// The state, while a training is under way.
  var checkpoint: String { "\(output).checkpoint.npz" }
  /// A line an epoch.
  var table: String { "\(output).epochs.csv" }

  func removeCheckpoint() { _ = unlink(checkpoint) }

  /// Writes the table of epochs anew.
  func write(_ history: [EpochRecord]) throws {
    let columns = [
      "epoch", "loss", "accuracy", "validation_loss", "validation_accuracy", "learning_rate", "seconds",
      "examples_per_second", "is_best",
    ]
    let lines = history.map { record in
      [
        "\(record.epoch)", "\(record.loss)", "\(record.accuracy)",
        record.validationLoss.map { "\($0)" } ?? "", record.validationAccuracy.map { "\($0)" } ?? "",
        "\(record.learningRate)", "\(record.seconds)", "\(record.examplesPerSecond)",
        record.isBest ? "1" : "0",
      ].joined(separator: ",")
    }
    try WholeFile.write(
      Array(([columns.joined(separator: ",")] + lines).joined(separator: "\n").utf8) + [10], to: table)
  }
}
