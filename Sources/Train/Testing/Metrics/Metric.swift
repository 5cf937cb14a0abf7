/// A number that says how good a model's answers are. Raw values are the keys of records.
///
/// Means over classes are over those that have a clip: of a class without one nothing is known, and it is left out, not
/// counted as 0.
public enum Metric: String, Sendable, Codable, CaseIterable {
  /// The share of clips whose answer is right; with several labels, of those whose labels are all right at the threshold.
  case accuracy
  /// The mean of the classes' recalls.
  case balancedAccuracy = "balanced_accuracy"
  /// The mean of the classes' F1.
  case macroF1 = "macro_f1"
  /// The same, each class weighted by its clips.
  case weightedF1 = "weighted_f1"
  /// F1 of all clip-class pairs together, at the threshold; with one label that is the accuracy, and not told.
  case microF1 = "micro_f1"
  /// The mean of the classes' average precisions.
  case meanAveragePrecision = "mean_average_precision"
  /// The mean of the classes' areas under the ROC curve, each against all others.
  case auc
  /// The share of clips whose class is among the three with the highest scores.
  case top3 = "top_3_accuracy"
  case top5 = "top_5_accuracy"
  /// Mean −log p of the right class, natural; with several labels, the mean binary cross-entropy of all pairs.
  case logLoss = "log_loss"
  /// Expected calibration error over 15 bins (Guo et al., ICML 2017): the mean distance of confidence and accuracy.
  case calibrationError = "calibration_error"

  /// For tables.
  public var title: String {
    switch self {
    case .accuracy: "Accuracy"
    case .balancedAccuracy: "Balanced accuracy"
    case .macroF1: "Macro F1"
    case .weightedF1: "Weighted F1"
    case .microF1: "Micro F1"
    case .meanAveragePrecision: "Mean average precision"
    case .auc: "ROC AUC, one against the rest"
    case .top3: "Top-3 accuracy"
    case .top5: "Top-5 accuracy"
    case .logLoss: "Log loss (nats)"
    case .calibrationError: "Calibration error"
    }
  }

  public var isBetterHigh: Bool { self != .logLoss && self != .calibrationError }
}

/// What is measured of a class.
public enum ClassMetric: String, Sendable, Codable, CaseIterable {
  /// Of what was taken for the class, the share that is of it; of nothing, nothing is known.
  case precision
  /// Of the class's clips, the share that was taken for it.
  case recall
  /// `2 TP / (2 TP + FP + FN)`.
  case f1
  /// The area under precision over recall in steps: `Σ (Rₙ − Rₙ₋₁) Pₙ` (scikit-learn's).
  case averagePrecision = "average_precision"
  /// The chance that a clip of the class has a higher score than one that is not of it; equals count half.
  case auc
}
