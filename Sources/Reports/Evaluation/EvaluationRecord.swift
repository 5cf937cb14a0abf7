package import Explain
package import Models

/// What an evaluation found, as the files that tell it.
package struct EvaluationRecord {
  package let evaluation: Evaluation
  package let ranking: Ranking
  package let verdict: Verdict
  /// For each entry and criterion of the ranking, how much worse it is than what is recommended.
  private let worse: [[Bootstrap.Estimate?]]
  /// Over all clips, best method first.
  package let meanCurves: [MeanCurve]
  package let notes: [String]
  package let clips: Int
  package let mixtures: Int
  package let annotated: Int
  package let seconds: Double
  package let date = Product.date()
  /// The request as the user made it, for the page.
  package let commandLine: String

  /// - Parameter sought: what was noted while sounds were sought.
  package init(
    _ evaluation: Evaluation, clips: Int, mixtures: Int, annotated: Int, sought: [String], seconds: Double,
    commandLine: String
  ) {
    self.commandLine = commandLine
    self.evaluation = evaluation
    let ranking = Ranking(evaluation.measured, seed: evaluation.budget.seed)
    let verdict = Verdict(ranking)
    worse = ranking.entries.map { entry in
      ranking.criteria.map { criterion in
        verdict.recommended.flatMap { ranking.difference(of: entry.method, from: $0, criterion) }
      }
    }
    meanCurves = ranking.entries.flatMap { MeanCurve.all(of: $0.method, in: evaluation) }
    (self.ranking, self.verdict) = (ranking, verdict)
    notes = sought + evaluation.notes
    (self.clips, self.mixtures, self.annotated, self.seconds) = (clips, mixtures, annotated, seconds)
  }

  package var model: AudioModel { evaluation.model }

  /// What the recommendation rests on.
  package var foundation: Foundation {
    let best = verdict.recommended.flatMap { method in ranking.entries.first { $0.method == method } }
    return Foundation(
      clips: clips, mixtures: mixtures, annotated: annotated, meanRank: best.map(\.meanRank))
  }

  /// The verdict, and what it rests on.
  package var recommendation: String {
    "\(verdict.sentence) \(foundation.sentence)"
  }

  /// For each entry of the ranking and each criterion.
  package func losses(ofEntry place: Int) -> [Bootstrap.Estimate?] { worse[place] }

  /// Writes the tables, the record and the page.
  package func write(to store: any ResultStore) throws {
    try store.write(Array(measurements.utf8), to: "measurements.csv")
    try store.write(Array(rankingTable.utf8), to: "ranking.csv")
    try store.write(Array(curves.utf8), to: "curves.csv")
    try store.write(try RecordCoding.file(EvaluationSummary(self)), to: "evaluation.json")
    try EvaluationPage(record: self, store: store).write()
  }

  package struct MeanCurve {
    package let method: AttributionMethod
    package let kind: Kind
    package let points: [Bootstrap.Estimate]

    package enum Kind: String, CaseIterable { case deletion, insertion }

    static func all(of method: AttributionMethod, in evaluation: Evaluation) -> [MeanCurve] {
      guard let curves = evaluation.curves[method] else { return [] }
      return Kind.allCases.map { kind in
        let values = curves.map { kind == .deletion ? $0.deletion.values : $0.insertion.values }
        return MeanCurve(
          method: method, kind: kind, points: Bootstrap.meanCurve(values, seed: evaluation.budget.seed))
      }
    }
  }
}
