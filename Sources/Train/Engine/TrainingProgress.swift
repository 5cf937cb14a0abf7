/// What is known of an epoch that is over.
public struct EpochRecord: Sendable, Hashable, Codable {
  /// From 1.
  public var epoch: Int
  /// Means over the epoch's examples, as they were trained on: augmented, with dropout.
  public var loss: Double
  public var accuracy: Double
  /// Of whole clips, as they are; nil without a validation side.
  public var validationLoss: Double?
  public var validationAccuracy: Double?
  /// At the epoch's last step.
  public var learningRate: Double
  public var seconds: Double
  public var examplesPerSecond: Double
  /// Whether these weights are the best so far.
  public var isBest: Bool
}

/// How far a training is: what a checkpoint holds besides weights and moments.
struct TrainingProgress: Sendable, Hashable, Codable {
  /// Tells apart trainings of other networks, data or plans.
  var identity: String
  /// Epochs that are over.
  var epoch = 0
  /// Batches of the current epoch that are over.
  var batch = 0
  var step = 0
  /// Sums over the current epoch's examples.
  var lossSum = 0.0
  var correct = 0
  var examples = 0
  /// Of the current epoch so far.
  var seconds = 0.0
  var history: [EpochRecord] = []
  var best: Double?
  var epochsSinceBest = 0
}
