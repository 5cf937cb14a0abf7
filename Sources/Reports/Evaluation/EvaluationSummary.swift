package import Explain
import Models

/// `evaluation.json`.
package struct EvaluationSummary: Codable, Sendable {
  package let otoscope: String
  package let date: String
  package let model: String
  package let command: String
  package let seconds: Double
  package let clips: Int
  package let mixtures: Int
  package let annotated: Int
  package let budget: Budget
  @OrNull package var recommended: String?
  package let recommendation: String
  package let foundation: Foundation
  package let warnings: [String]
  package let notes: [String]
  package let criteria: [CriterionRecord]
  package let ranking: [Entry]

  package struct Budget: Codable, Sendable {
    package let evaluations: Int
    package let steps: Int
    package let disturbances: Int
    package let closeLooks: Int
    package let sanityStages: Int
    package let seed: UInt64

    private enum CodingKeys: String, CodingKey {
      case evaluations, steps, disturbances, seed
      case closeLooks = "close_looks"
      case sanityStages = "sanity_stages"
    }
  }

  package struct CriterionRecord: Codable, Sendable {
    package let name: String
    package let group: String
    package let unit: String
    /// `high` or `low`.
    package let better: String
    package let weight: Double
    package let meaning: String
  }

  /// A method, best first.
  package struct Entry: Codable, Sendable {
    package let method: String
    package let meanRank: Interval
    package let bestShare: Double
    @OrNull package var betterThanRecommended: Double?
    package let fails: [String]
    /// By the names of criteria.
    package let values: [String: Value]

    private enum CodingKeys: String, CodingKey {
      case method, fails, values
      case meanRank = "mean_rank"
      case bestShare = "best_share"
      case betterThanRecommended = "better_than_recommended"
    }
  }

  package struct Value: Codable, Sendable {
    @OrNull package var value: Double?
    @OrNull package var low: Double?
    @OrNull package var high: Double?
    package let rank: Double
    @OrNull package var worseThanRecommended: Interval?

    private enum CodingKeys: String, CodingKey {
      case value, low, high, rank
      case worseThanRecommended = "worse_than_recommended"
    }
  }

  package struct Interval: Codable, Sendable {
    @OrNull package var value: Double?
    @OrNull package var low: Double?
    @OrNull package var high: Double?

    init(_ estimate: Bootstrap.Estimate) {
      (value, low, high) = (estimate.value.finite, estimate.low.finite, estimate.high.finite)
    }
  }

  package init(_ record: EvaluationRecord) {
    let (ranking, verdict, budget) = (record.ranking, record.verdict, record.evaluation.budget)
    (otoscope, date, model) = (Product.version, record.date, record.model.name)
    (command, seconds) = (record.commandLine, record.seconds)
    (clips, mixtures, annotated) = (record.clips, record.mixtures, record.annotated)
    self.budget = Budget(
      evaluations: budget.evaluations, steps: budget.steps, disturbances: budget.disturbances,
      closeLooks: budget.closeLooks, sanityStages: budget.sanityStages, seed: budget.seed)
    (recommendation, foundation) = (record.recommendation, record.foundation)
    (warnings, notes) = (verdict.warnings, record.notes)
    criteria = zip(ranking.criteria, ranking.weights).map { criterion, weight in
      CriterionRecord(
        name: criterion.name, group: criterion.group.rawValue, unit: criterion.unit,
        better: criterion.isBetterHigh ? "high" : "low", weight: weight, meaning: criterion.meaning)
    }
    let best = verdict.recommended
    self.ranking = ranking.entries.enumerated().map { place, entry in
      let losses = record.losses(ofEntry: place)
      let values = ranking.criteria.indices.compactMap { criterion -> (String, Value)? in
        guard let value = entry.values[criterion], let rank = entry.ranks[criterion] else { return nil }
        return (
          ranking.criteria[criterion].name,
          Value(
            value: value.value.finite, low: value.low.finite, high: value.high.finite, rank: rank,
            worseThanRecommended: losses[criterion].map(Interval.init))
        )
      }
      return Entry(
        method: entry.method.name, meanRank: Interval(entry.meanRank), bestShare: entry.bestShare,
        betterThanRecommended: best.map { ranking.wins(of: entry.method, over: $0) },
        fails: (verdict.failures[entry.method] ?? []).map(\.rawValue),
        values: Dictionary(uniqueKeysWithValues: values))
    }
    recommended = best?.name
  }
}
