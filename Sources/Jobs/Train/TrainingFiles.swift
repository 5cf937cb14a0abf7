import Files
import Glibc
import Train

/// The files beside a network in training.
final class TrainingFiles {
  private let output: String
  private var logs: (table: EpochTable, events: EventFile)?

  /// - Parameter output: the ONNX file.
  init(output: String) {
    self.output = output
    for file in [output, checkpoint] { PartialFiles.removeLeftovers(of: file) }
  }

  /// The state, while a training is under way.
  var checkpoint: String { "\(output).checkpoint.npz" }

  func removeCheckpoint() { _ = unlink(checkpoint) }

  /// Adds an epoch to the table `OUT.onnx.epochs.csv` and to what TensorBoard reads, `OUT.onnx.events/`. What stands there of
  /// this epoch and later ones, of a run that was ended before its state was kept, is taken away first.
  func add(_ record: EpochRecord) throws {
    if logs == nil {
      logs = (
        try EpochTable(
          "\(output).epochs.csv",
          columns: [
            "loss", "accuracy", "validation_loss", "validation_accuracy", "learning_rate", "seconds",
            "examples_per_second",
          ], after: record.epoch - 1),
        try EventFile(in: "\(output).events", after: record.epoch - 1)
      )
    }
    try logs?.table.add(
      epoch: record.epoch,
      [
        record.loss, record.accuracy, record.validationLoss, record.validationAccuracy, record.learningRate,
        record.seconds, record.examplesPerSecond,
      ])
    try logs?.events.add(
      [
        "training/loss": record.loss, "training/accuracy": record.accuracy,
        "training/learning_rate": record.learningRate,
        "training/examples_per_second": record.examplesPerSecond,
      ], step: record.epoch)
    if let loss = record.validationLoss, let accuracy = record.validationAccuracy {
      try logs?.events.add(["validation/loss": loss, "validation/accuracy": accuracy], step: record.epoch)
    }
  }
}
