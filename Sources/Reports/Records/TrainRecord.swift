package import Train

/// What a training came to, as JSON.
package struct TrainRecord: Codable, Sendable, Hashable {
  /// The ONNX file.
  package var model: String
  package var classes: [String]
  package var trainingClips: Int
  package var validationClips: Int
  package var testClips: Int
  /// Weights that were learnt, in numbers.
  package var parameters: Int
  /// Of the training side's frozen layers, what they were heard up to; nil where nothing was frozen.
  package var frozenUpTo: String?
  package var epochs: Int
  /// Whose weights were written.
  package var bestEpoch: Int?
  package var validationAccuracy: Double?
  package var testAccuracy: Double?
  package var testLoss: Double?
  package var seconds: Double
  package var history: [EpochRecord]

  package init(
    model: String, classes: [String], trainingClips: Int, validationClips: Int, testClips: Int,
    parameters: Int, frozenUpTo: String?, history: [EpochRecord], seconds: Double
  ) {
    (self.model, self.classes) = (model, classes)
    (self.trainingClips, self.validationClips, self.testClips) = (trainingClips, validationClips, testClips)
    (self.parameters, self.frozenUpTo, self.history, self.seconds) = (
      parameters, frozenUpTo, history, seconds
    )
    epochs = history.count
    let best = history.last { $0.isBest }
    (bestEpoch, validationAccuracy) = (best?.epoch, best?.validationAccuracy)
  }

  enum CodingKeys: String, CodingKey {
    case model, classes, parameters, epochs, seconds, history
    case trainingClips = "training_clips"
    case validationClips = "validation_clips"
    case testClips = "test_clips"
    case frozenUpTo = "frozen_up_to"
    case bestEpoch = "best_epoch"
    case validationAccuracy = "validation_accuracy"
    case testAccuracy = "test_accuracy"
    case testLoss = "test_loss"
  }
}
