import Audio
import Explain
import Figures
import Models
import Tensors

/// An evaluation as a page, with what each method shows of the first sounds and lets one hear of them.
package struct EvaluationPage {
  package let record: EvaluationRecord
  /// Where the page goes; sounds go into a folder beside it.
  package let store: any ResultStore

  private static let sounds = "sounds"

  /// Writes `index.html` and the sounds.
  package func write() throws {
    let report = EvaluationReport(
      title: "Which explanations of \(record.model.name) to believe", model: record.model.name,
      commandLine: record.commandLine, version: Product.version, date: record.date,
      recommendation: record.recommendation, warnings: record.verdict.warnings, notes: notes,
      criteria: zip(record.ranking.criteria, record.ranking.weights).map(criterion),
      methods: record.ranking.entries.map(method), curves: try curves(), clips: try clips())
    try store.write(Array(report.html().utf8), to: "index.html")
  }

  private func criterion(_ criterion: Criterion, weight: Double) -> EvaluationReport.Criterion {
    EvaluationReport.Criterion(
      name: criterion.name, title: criterion.title, group: criterion.group.rawValue, unit: criterion.unit,
      isBetterHigh: criterion.isBetterHigh, weight: weight, meaning: criterion.meaning)
  }

  private func method(_ entry: Ranking.Entry) -> EvaluationReport.Method {
    EvaluationReport.Method(
      name: entry.method.name, title: entry.method.title,
      isControl: AttributionMethod.controls.contains(entry.method), meanRank: Self.interval(entry.meanRank),
      bestShare: entry.bestShare, values: entry.values.map { $0.map(Self.interval) }, ranks: entry.ranks,
      failures: (record.verdict.failures[entry.method] ?? []).map(\.rawValue))
  }

  private static func interval(_ estimate: Bootstrap.Estimate) -> EvaluationReport.Interval {
    EvaluationReport.Interval(value: estimate.value, low: estimate.low, high: estimate.high)
  }

  private var notes: [String] {
    let budget = record.evaluation.budget
    let controls = AttributionMethod.controls.map(\.name).joined(separator: " and ")
    return [
      "\(record.clips) clips, \(record.mixtures) mixtures and \(record.annotated) annotated sounds; "
        + "\(Int(record.seconds.rounded())) s in all.",
      "Each explanation had \(budget.evaluations) evaluations of the network where the method takes as many as it is "
        + "given, a gradient counting as two; with more, sampling methods get better.",
      "Bins that faithfulness takes away become: \(budget.removal). Deletion and insertion have \(budget.steps) steps.",
      "Robustness, sanity and cost are measured on the first \(budget.closeLooks) clips, with \(budget.disturbances) "
        + "disturbances and weights shuffled in \(budget.sanityStages) stages.",
      "\(controls) owe nothing to the network: what is not better than they are is no explanation.",
      "Intervals hold 95 % of \(record.ranking.resamples) draws of the sounds with replacement.",
    ] + record.notes
  }

  // MARK: - Curves

  /// The best methods, and the controls.
  private func curves() throws -> [EvaluationReport.Curves] {
    let best = record.ranking.entries.map(\.method).filter { !AttributionMethod.controls.contains($0) }
      .prefix(5)
    let shown = best + AttributionMethod.controls
    return try EvaluationRecord.MeanCurve.Kind.allCases.map { kind in
      let series = shown.compactMap { method in
        record.meanCurves.first { $0.method == method && $0.kind == kind }.map { curve in
          CurveFigure.Series(
            name: method.title,
            points: curve.points.enumerated().map { place, point in
              CurveFigure.Point(
                x: 100 * Double(place) / Double(max(1, curve.points.count - 1)), y: point.value,
                low: point.low,
                high: point.high)
            })
        }
      }
      let verb = kind == .deletion ? "taken away" : "put in"
      let better = kind == .deletion ? "The faster it falls, the better." : "The faster it rises, the better."
      let figure = CurveFigure(
        title: "",
        x: CurveFigure.Axis(title: "bins \(verb), the most relevant first (%)", range: 0...100),
        y: CurveFigure.Axis(title: "probability of the class"), series: series)
      return EvaluationReport.Curves(
        title: kind == .deletion ? "Deletion" : "Insertion",
        caption: "Mean over \(record.clips) clips with its 95 % interval. \(better)",
        picture: try figure.picture())
    }
  }

  // MARK: - Sounds

  private func clips() throws -> [EvaluationReport.Clip] {
    let examples = record.evaluation.examples
    guard !examples.isEmpty else { return [] }
    return try examples.enumerated().map { place, example in
      let base = "\(Self.sounds)/\(example.isKnown ? "mixture" : "clip")-\(place + 1)"
      let whole = Recording(channels: [example.samples], sampleRate: record.model.sampleRate)
        .scaledToFullScaleIfLouder()
      let figure = PanelsFigure(record.model.panelFigures(example.listening.logMel, nil), title: "")
      let name = example.name.split(separator: "/").suffix(2).joined(separator: "/")
      let clip = EvaluationReport.Clip(
        name: name, target: example.target.label, probability: Double(example.target.probability),
        picture: try figure.picture(), sound: try write(whole, to: "\(base).wav"),
        entries: try record.ranking.entries.compactMap { entry in
          guard let explanation = example.explanations.first(where: { $0.method == entry.method }) else {
            return nil
          }
          let figure = PanelsFigure(
            record.model.panelFigures(
              example.listening.logMel, explanation.picture, label: entry.method.quantity), title: "")
          let parts = explanation.heardAndIgnored(whole, record.model)
          return EvaluationReport.Entry(
            method: entry.method.title, picture: try figure.thumbnail(),
            heard: try write(parts.heard, to: "\(base).\(entry.method.name).wav"),
            remark: remark(example, explanation))
        })
      return clip
    }
  }

  private func write(_ recording: Recording, to path: String) throws -> AudioSource {
    try store.write(try wavBytes(of: recording), to: path)
    return .linked(path)
  }

  /// What was measured of this one map, in a few words.
  private func remark(_ example: Evaluation.Example, _ explanation: ClipExplanation) -> String {
    let measured = record.evaluation.measured
    if example.isKnown {
      return measured.values(explanation.method, .relevanceMass)[example.sound].map {
        "\(Int((100 * $0).rounded())) % in its part"
      } ?? ""
    }
    return measured.values(explanation.method, .heardKept)[example.sound].map {
      $0 > 0 ? "class still heard" : "class lost"
    } ?? ""
  }
}
