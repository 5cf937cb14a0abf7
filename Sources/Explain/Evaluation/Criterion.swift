/// What explanations are judged by: one number for each clip and method.
public struct Criterion: Sendable, Hashable {
  /// As in tables: `deletion`.
  public let name: String
  /// For headings.
  public let title: String
  public let group: Group
  /// "" for a plain number.
  public let unit: String
  public let isBetterHigh: Bool
  /// What it says, in one sentence.
  public let meaning: String
  /// How the numbers of several clips become one.
  public let statistic: Statistic

  /// What criteria have in common.
  public enum Group: String, Sendable, Hashable, CaseIterable {
    case faithfulness, localisation, discrimination, sanity, robustness, complexity, listening, cost

    /// How much it counts in the overall ranking; its criteria share it evenly.
    public var weight: Double {
      switch self {
      case .faithfulness: 3
      case .localisation, .discrimination, .sanity: 2
      case .listening: 1.5
      case .robustness: 1
      case .complexity, .cost: 0.5
      }
    }
  }

  public enum Statistic: Sendable, Hashable {
    case mean
    /// Where single clips may be far off, as times are.
    case median

    func of(_ values: [Double]) -> Double? {
      guard !values.isEmpty else { return nil }
      switch self {
      case .mean: return values.reduce(0, +) / Double(values.count)
      case .median:
        let sorted = values.sorted()
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
      }
    }
  }

  init(
    _ name: String, _ title: String, _ group: Group, unit: String = "", isBetterHigh: Bool,
    statistic: Statistic = .mean, _ meaning: String
  ) {
    (self.name, self.title, self.group, self.unit) = (name, title, group, unit)
    (self.isBetterHigh, self.statistic, self.meaning) = (isBetterHigh, statistic, meaning)
  }
}

extension Criterion {
  public static let deletion = Criterion(
    "deletion", "Deletion", .faithfulness, isBetterHigh: false,
    "Area under the class's probability while the most relevant bins are removed first.")
  public static let insertion = Criterion(
    "insertion", "Insertion", .faithfulness, isBetterHigh: true,
    "Area under the class's probability while the most relevant bins are put in first.")
  public static let averageDrop = Criterion(
    "average-drop", "Average drop", .faithfulness, unit: "%", isBetterHigh: false,
    "How much of the probability is lost where only what the map shows is kept.")
  public static let increase = Criterion(
    "increase", "Increase in confidence", .faithfulness, unit: "%", isBetterHigh: true,
    "On how many clips the probability rises where only what the map shows is kept.")
  public static let averageGain = Criterion(
    "average-gain", "Average gain", .faithfulness, unit: "%", isBetterHigh: true,
    "How much of the missing probability is gained where only what the map shows is kept.")

  public static let pointing = Criterion(
    "pointing-game", "Pointing game", .localisation, unit: "%", isBetterHigh: true,
    "On how many sounds a maximum of the map lies where the class is known to sound.")
  public static let relevanceMass = Criterion(
    "relevance-mass", "Relevance mass", .localisation, isBetterHigh: true,
    "The share of the positive evidence that lies where the class is known to sound.")
  public static let relevanceRank = Criterion(
    "relevance-rank", "Relevance rank", .localisation, isBetterHigh: true,
    "Of as many top bins as the known region has, the share inside it.")

  public static let classDifference = Criterion(
    "class-difference", "Difference of classes", .discrimination, isBetterHigh: true,
    "1 - the rank correlation of the maps for the two classes of a mixture.")
  public static let classContrast = Criterion(
    "class-contrast", "Contrast of classes", .discrimination, isBetterHigh: true,
    "How much more evidence lies in a class's own part of a mixture when asked for it than when asked for the other."
  )

  public static let parameterRandomisation = Criterion(
    "parameter-randomisation", "Parameter randomisation", .sanity, isBetterHigh: false,
    "Rank correlation of a map's magnitude with the map after weights are shuffled from the top down, mean over stages."
  )
  public static let fullRandomisation = Criterion(
    "full-randomisation", "All weights shuffled", .sanity, isBetterHigh: false,
    "Rank correlation of a map's magnitude with the map after the weights of all layers are shuffled.")
  public static let randomLogit = Criterion(
    "random-logit", "Random logit", .sanity, isBetterHigh: false,
    "Rank correlation of a map's magnitude with the map for a class drawn at random.")

  public static let maxSensitivity = Criterion(
    "max-sensitivity", "Max-sensitivity", .robustness, isBetterHigh: false,
    "How far the map moves, relative to its norm, when the picture is shaken a little.")
  public static let infidelity = Criterion(
    "infidelity", "Infidelity", .robustness, isBetterHigh: false,
    "Mean squared difference of what the map says a disturbance does to the score, rescaled, from what it does, relative to it."
  )

  public static let sparseness = Criterion(
    "sparseness", "Sparseness", .complexity, isBetterHigh: true, "Gini index of the map's magnitude.")
  public static let complexity = Criterion(
    "complexity", "Complexity", .complexity, unit: "nat", isBetterHigh: false,
    "Entropy of the map's magnitude as a distribution.")

  public static let heardKept = Criterion(
    "heard-kept", "Heard keeps the class", .listening, unit: "%", isBetterHigh: true,
    "On how many clips what is heard, played to the model, still has the class among its first three.")
  public static let ignoredLost = Criterion(
    "ignored-lost", "Ignored loses the class", .listening, unit: "%", isBetterHigh: true,
    "On how many clips what is ignored, played to the model, no longer has the class among its first three.")

  public static let seconds = Criterion(
    "seconds", "Time", .cost, unit: "s", isBetterHigh: false, statistic: .median,
    "Time to explain one clip; median.")
  public static let evaluations = Criterion(
    "evaluations", "Evaluations", .cost, isBetterHigh: false, statistic: .median,
    "Arithmetic to explain one clip, in runs of the network over the clip; median.")

  public static let all: [Criterion] = [
    deletion, insertion, averageDrop, increase, averageGain, pointing, relevanceMass, relevanceRank,
    classDifference, classContrast, parameterRandomisation, fullRandomisation, randomLogit, maxSensitivity,
    infidelity, sparseness,
    complexity, heardKept, ignoredLost, seconds, evaluations,
  ]
}
