import Explain
package import Train

/// `test.json`, and what `test --json` prints: how good a model is on a data set.
package struct TestRecord: Codable, Sendable {
  package var otoscope = Product.version
  package var date = Product.date()
  package let model: String
  package let data: String
  /// Which side of the split was heard: `test`, `validation`, `training` or `all`.
  package let side: String
  /// How the clips were shared out, in words.
  package let split: String
  package let multiLabel: Bool
  /// Clips that were heard, and the recordings (or single clips) that intervals are drawn over.
  package let clips: Int
  package let groups: Int
  package let classes: [String]
  /// Classes without a clip: nothing is known of them.
  package let absentClasses: [String]
  /// Classes that the model lacks, and those that it has beyond the data set's.
  package let missingClasses: [String]
  package let excessLabels: [String]
  package let threshold: Float?
  package let seed: UInt64
  package let draws: Int

  @OrNull package var accuracy: Double?
  @OrNull package var balancedAccuracy: Double?
  @OrNull package var macroF1: Double?
  @OrNull package var weightedF1: Double?
  @OrNull package var microF1: Double?
  @OrNull package var meanAveragePrecision: Double?
  @OrNull package var auc: Double?
  @OrNull package var top3Accuracy: Double?
  @OrNull package var top5Accuracy: Double?
  @OrNull package var logLoss: Double?
  @OrNull package var calibrationError: Double?
  /// 95 % intervals, by the names of the numbers above.
  package let intervals: [String: Interval]
  package let perClass: [ClassEntry]
  /// `[class][answer]`, in the order of `classes`; null where clips may be of several classes.
  @OrNull package var confusion: [[Int]]?
  /// The same as shares of the row; null for a class without a clip.
  @OrNull package var confusionShares: [[Double]?]?
  package let calibration: [Bin]
  package let perFold: [FoldEntry]
  /// Mean and standard deviation over folds.
  package let overFolds: [String: Spread]
  /// This model and what it is held against.
  package var systems: [SystemRecord]
  /// The most confident mistakes.
  package var worst: [Mistake] = []
  /// nil where nobody looked for any.
  package var shortcuts: [ShortcutRecord]?
  package let unreadable: [Unreadable]
  package var notes: [String]
  /// Of sound that was heard, and of the clock.
  package let soundSeconds: Double
  package let seconds: Double
  package var files: [String] = []

  package struct Interval: Codable, Sendable {
    @OrNull package var low: Double?
    @OrNull package var high: Double?

    package init(_ measured: Measures.Measured) { (low, high) = (measured.low, measured.high) }
  }

  package struct ClassEntry: Codable, Sendable {
    package let `class`: String
    package let index: Int
    /// Its clips.
    package let support: Int
    @OrNull package var precision: Double?
    @OrNull package var recall: Double?
    @OrNull package var f1: Double?
    @OrNull package var averagePrecision: Double?
    @OrNull package var auc: Double?
    package let intervals: [String: Interval]

    private enum CodingKeys: String, CodingKey {
      case `class`, index, support, precision, recall, f1, auc, intervals
      case averagePrecision = "average_precision"
    }
  }

  /// Probabilities above `low`, up to `high`.
  package struct Bin: Codable, Sendable {
    package let low: Double
    package let high: Double
    package let count: Int
    @OrNull package var confidence: Double?
    @OrNull package var accuracy: Double?
  }

  package struct FoldEntry: Codable, Sendable {
    package let fold: Int
    package let clips: Int
    @OrNull package var accuracy: Double?
    @OrNull package var balancedAccuracy: Double?
    @OrNull package var macroF1: Double?
    @OrNull package var meanAveragePrecision: Double?
    @OrNull package var auc: Double?

    private enum CodingKeys: String, CodingKey {
      case fold, clips, accuracy, auc
      case balancedAccuracy = "balanced_accuracy"
      case macroF1 = "macro_f1"
      case meanAveragePrecision = "mean_average_precision"
    }
  }

  package struct Spread: Codable, Sendable {
    package let mean: Double
    package let deviation: Double
  }

  package struct Mistake: Codable, Sendable {
    package let sound: String
    /// Where the clip lies in the sound, in seconds; nil for all of it.
    package var start: Double?
    package var end: Double?
    /// What it is, and what it was taken for.
    package let classes: [String]
    package let answer: String
    package let score: Float
    package let scoreOfRight: Float
    /// The method of the explanations.
    package var method: String?

    package init(
      sound: String, start: Double?, end: Double?, classes: [String], answer: String, score: Float,
      scoreOfRight: Float
    ) {
      (self.sound, self.start, self.end, self.classes) = (sound, start, end, classes)
      (self.answer, self.score, self.scoreOfRight) = (answer, score, scoreOfRight)
    }

    private enum CodingKeys: String, CodingKey {
      case sound, start, end, classes, answer, score, method
      case scoreOfRight = "score_of_right"
    }
  }

  package struct Unreadable: Codable, Sendable {
    package let sound: String
    package let reason: String
  }

  private enum CodingKeys: String, CodingKey {
    case otoscope, date, model, data, side, split, clips, groups, classes, threshold, seed, draws, accuracy,
      auc
    case intervals, confusion, calibration, systems, worst, shortcuts, unreadable, notes, seconds, files
    case multiLabel = "multi_label"
    case absentClasses = "absent_classes"
    case missingClasses = "missing_classes"
    case excessLabels = "excess_labels"
    case balancedAccuracy = "balanced_accuracy"
    case macroF1 = "macro_f1"
    case weightedF1 = "weighted_f1"
    case microF1 = "micro_f1"
    case meanAveragePrecision = "mean_average_precision"
    case top3Accuracy = "top_3_accuracy"
    case top5Accuracy = "top_5_accuracy"
    case logLoss = "log_loss"
    case calibrationError = "calibration_error"
    case perClass = "per_class"
    case confusionShares = "confusion_shares"
    case perFold = "per_fold"
    case overFolds = "over_folds"
    case soundSeconds = "sound_seconds"
  }
}
