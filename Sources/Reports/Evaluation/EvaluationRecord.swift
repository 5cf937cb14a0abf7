package import Explain
import Files
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

  /// Writes the tables, the record and the page.
  package func write(to folder: String) throws {
    let base = Folder.path(to: "", in: folder)
    try WholeFile.write(Array(measurements.utf8), to: "\(base)measurements.csv")
    try WholeFile.write(Array(rankingTable.utf8), to: "\(base)ranking.csv")
    try WholeFile.write(Array(curves.utf8), to: "\(base)curves.csv")
    try WholeFile.write(Array((json.text + "\n").utf8), to: "\(base)evaluation.json")
    try EvaluationPage(record: self, folder: base).write()
  }

  // MARK: - JSON

  package var json: JSON {
    let budget = evaluation.budget
    return .object([
      ("otoscope", .string(Product.version)), ("date", .string(date)), ("model", .string(model.name)),
      ("command", .string(commandLine)), ("seconds", .number(seconds)),
      ("clips", .number(Double(clips))), ("mixtures", .number(Double(mixtures))),
      ("annotated", .number(Double(annotated))),
      (
        "budget",
        .object([
          ("evaluations", .number(Double(budget.evaluations))), ("steps", .number(Double(budget.steps))),
          ("disturbances", .number(Double(budget.disturbances))),
          ("close_looks", .number(Double(budget.closeLooks))),
          ("sanity_stages", .number(Double(budget.sanityStages))), ("seed", .number(Double(budget.seed))),
        ])
      ),
      ("recommended", verdict.recommended.map { .string($0.name) } ?? .null),
      ("recommendation", .string(verdict.sentence)),
      ("warnings", .array(verdict.warnings.map { .string($0) })),
      ("notes", .array(notes.map { .string($0) })),
      (
        "criteria",
        .array(
          zip(ranking.criteria, ranking.weights).map { criterion, weight in
            .object([
              ("name", .string(criterion.name)), ("group", .string(criterion.group.rawValue)),
              ("unit", .string(criterion.unit)), ("better", .string(criterion.isBetterHigh ? "high" : "low")),
              ("weight", .number(weight)), ("meaning", .string(criterion.meaning)),
            ])
          })
      ),
      ("ranking", .array(zip(ranking.entries, worse).map(entry))),
    ])
  }

  private func entry(_ entry: Ranking.Entry, worse: [Bootstrap.Estimate?]) -> JSON {
    let best = verdict.recommended
    return .object([
      ("method", .string(entry.method.name)), ("mean_rank", Self.json(entry.meanRank)),
      ("best_share", .number(entry.bestShare)),
      ("better_than_recommended", best.map { .number(ranking.wins(of: entry.method, over: $0)) } ?? .null),
      ("fails", .array((verdict.failures[entry.method] ?? []).map { .string($0.rawValue) })),
      (
        "values",
        .object(
          ranking.criteria.indices.compactMap { place in
            guard let value = entry.values[place], let rank = entry.ranks[place] else { return nil }
            return (
              ranking.criteria[place].name,
              .object([
                ("value", .number(value.value)), ("low", .number(value.low)), ("high", .number(value.high)),
                ("rank", .number(rank)), ("worse_than_recommended", worse[place].map(Self.json) ?? .null),
              ])
            )
          })
      ),
    ])
  }

  private static func json(_ estimate: Bootstrap.Estimate) -> JSON {
    .object([
      ("value", .number(estimate.value)), ("low", .number(estimate.low)), ("high", .number(estimate.high)),
    ])
  }

  // MARK: - Tables

  /// A line for each method, criterion and sound.
  private var measurements: String {
    let measured = evaluation.measured
    var lines = ["method,criterion,sound,value"]
    for method in measured.methods {
      for criterion in measured.criteria {
        for (sound, value) in measured.values(method, criterion).sorted(by: { $0.key < $1.key }) {
          let name = EventTable.quoted(measured.sounds[sound])
          lines.append("\(method.name),\(criterion.name),\(name),\(NumberText.rounded(value, digits: 7))")
        }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A line for each method, best first.
  private var rankingTable: String {
    let columns = ranking.criteria.flatMap {
      [$0.name, "\($0.name)_low", "\($0.name)_high", "\($0.name)_rank"]
    }
    let header = ["method", "mean_rank", "mean_rank_low", "mean_rank_high", "best_share", "fails"] + columns
    let lines = ranking.entries.map { entry -> String in
      let fails = (verdict.failures[entry.method] ?? []).map(\.rawValue).joined(separator: "; ")
      var fields = [entry.method.name] + Self.fields(entry.meanRank)
      fields += [NumberText.rounded(entry.bestShare, digits: 4), EventTable.quoted(fails)]
      for (value, rank) in zip(entry.values, entry.ranks) {
        fields += value.map(Self.fields) ?? ["", "", ""]
        fields.append(rank.map { NumberText.rounded($0, digits: 4) } ?? "")
      }
      return fields.joined(separator: ",")
    }
    return ([header.joined(separator: ",")] + lines).joined(separator: "\n") + "\n"
  }

  private static func fields(_ estimate: Bootstrap.Estimate) -> [String] {
    [estimate.value, estimate.low, estimate.high].map { NumberText.rounded($0, digits: 6) }
  }

  /// The mean curves with their intervals.
  private var curves: String {
    var lines = ["method,curve,share,probability,low,high"]
    for curve in meanCurves {
      for (place, point) in curve.points.enumerated() {
        let share = Double(place) / Double(max(1, curve.points.count - 1))
        let fields = [NumberText.rounded(share, digits: 4)] + Self.fields(point)
        lines.append("\(curve.method.name),\(curve.kind.rawValue),\(fields.joined(separator: ","))")
      }
    }
    return lines.joined(separator: "\n") + "\n"
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
