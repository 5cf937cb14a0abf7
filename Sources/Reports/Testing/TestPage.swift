import Explain
package import Figures
package import Train

/// A test as a page: the numbers first, then classes, calibration, folds, mistakes one can hear, and shortcuts.
package struct TestPage: Sendable {
  package let record: TestRecord
  package let measures: Measures
  package let figures: TestFigures
  /// The worst mistakes, drawn.
  package var mistakes: [Gallery.Item] = []
  package var shortcuts: (report: ShortcutReport, bandCentres: [Double])?

  package init(_ record: TestRecord, _ measures: Measures, _ figures: TestFigures) {
    (self.record, self.measures, self.figures) = (record, measures, figures)
  }

  package func page(_ header: ReportHeader) throws -> Gallery {
    let lead = [
      "\(record.clips) clips of \(record.data) (\(sideWords); \(record.split)) as \(record.model) hears them. Numbers have 95 % "
        + "intervals: what they would be with other recordings of the same kind."
    ]
    return Gallery(
      header.page(lead),
      sections: [
        summary, try confusion(), try classes(), try calibration(), folds, worst, try shortcutSection(),
        unreadable,
      ].compactMap(\.self))
  }

  private var sideWords: String {
    record.side == "all" ? "all sides of the split" : "the \(record.side) side"
  }

  // MARK: - Sections

  private var summary: Gallery.Section {
    let known = Metric.allCases.filter { measures[$0].value != nil }
    let numbers = Gallery.Table(
      columns: ["", "value", "95 % interval"],
      rows: known.map { metric in
        let measured = measures[metric]
        let interval =
          measured.low.flatMap { low in
            measured.high.map { "\(TestText.number(low))–\(TestText.number($0))" }
          } ?? "–"
        return [metric.title, TestText.number(measured.value), interval]
      })
    let systems = Gallery.Table(
      "Held against others, on the same clips", columns: ["system", "accuracy", "macro F1"],
      rows: record.systems.map { system in
        [
          system.name, Self.text(system.accuracy, system.intervals["accuracy"]),
          Self.text(system.macroF1, system.intervals["macro_f1"]),
        ]
      })
    return Gallery.Section(
      title: "In numbers", notes: record.notes,
      items: [Gallery.Item(tables: record.systems.count > 1 ? [numbers, systems] : [numbers])])
  }

  private static func text(_ value: Double?, _ interval: TestRecord.Interval?) -> String {
    TestText.measured(value, interval?.low, interval?.high)
  }

  private func confusion() throws -> Gallery.Section? {
    let pictures = try [ConfusionFigure.Content.shares, .counts].compactMap {
      try figures.confusion($0)?.picture(scale: scale)
    }
    guard !pictures.isEmpty else { return nil }
    return Gallery.Section(title: "What is taken for what", items: [Gallery.Item(pictures: pictures)])
  }

  /// Matrices of many classes are large as they are.
  private var scale: Double { record.classes.count > 60 ? 1 : 1.5 }

  private func classes() throws -> Gallery.Section {
    let table = Gallery.Table(
      columns: ["class", "clips", "precision", "recall", "F1", "AP", "ROC AUC"],
      rows: record.perClass.map { entry in
        let values = [ClassMetric.precision, .recall, .f1, .averagePrecision, .auc].map {
          TestText.measured(measures[$0, class: entry.index])
        }
        return [entry.class, "\(entry.support)"] + values
      })
    return Gallery.Section(
      title: "Class by class",
      items: [
        Gallery.Item(pictures: [try figures.classes.picture(scale: 1.5)]), Gallery.Item(tables: [table]),
      ])
  }

  private func calibration() throws -> Gallery.Section? {
    try figures.reliability.map { figure in
      Gallery.Section(
        title: "How sure it is, and how right",
        items: [Gallery.Item(pictures: [try figure.picture(scale: 1.5)])])
    }
  }

  private var folds: Gallery.Section? {
    guard !record.perFold.isEmpty else { return nil }
    let metrics: [Metric] = [.accuracy, .balancedAccuracy, .macroF1, .meanAveragePrecision, .auc]
    var rows = measures.folds.map { fold in
      ["fold \(fold.fold)", "\(fold.clips)"] + metrics.map { TestText.number(fold[$0]) }
    }
    rows.append(
      ["mean ± deviation", "\(record.clips)"]
        + metrics.map { metric in
          measures.overFolds(metric).map { "\(TestText.number($0.mean)) ± \(TestText.number($0.deviation))" }
            ?? "–"
        })
    return Gallery.Section(
      title: "Fold by fold",
      items: [
        Gallery.Item(tables: [Gallery.Table(columns: ["", "clips"] + metrics.map(\.title), rows: rows)])
      ])
  }

  private var worst: Gallery.Section? {
    guard !mistakes.isEmpty else { return nil }
    return Gallery.Section(
      title: "The worst mistakes",
      notes: [
        "The most confident ones first. Of each clip, what was heard for the wrong class and for the right one: what is bright "
          + "in the picture, and only that in the sound."
      ], items: mistakes)
  }

  private func shortcutSection() throws -> Gallery.Section? {
    guard let (report, bandCentres) = shortcuts else { return nil }
    let rows = report.shortcuts.map { shortcut in
      [
        shortcut.level.rawValue, TestText.number(shortcut.severity), shortcut.kind.title, shortcut.finding,
        shortcut.advice,
      ]
    }
    let found = Gallery.Item(
      notes: rows.isEmpty ? ["Nothing suspect was found."] : [],
      tables: rows.isEmpty
        ? []
        : [
          Gallery.Table(
            columns: ["severity", "0 to 1", "told by", "finding", "what to do"], rows: rows,
            wordColumns: [2, 3, 4])
        ])
    // The most severe first.
    let suspects = report.shortcuts.filter { $0.drop != nil }.reduce(into: [ClassEvidence]()) {
      found, shortcut in
      guard let evidence = report.classes.first(where: { shortcut.classes == [$0.name] }),
        !found.contains(where: { $0.index == evidence.index })
      else { return }
      found.append(evidence)
    }
    // Without a suspect, a few classes show what was looked at.
    let shown = suspects.isEmpty ? Array(report.classes.prefix(2)) : suspects
    let items = try shown.map { evidence in
      let figures = ShortcutFigures(evidence, of: report, bandCentres: bandCentres, seed: measures.seed)
      return Gallery.Item(
        title: evidence.name, subtitle: "\(evidence.clips) clips that are right",
        pictures: [try figures.overBands.picture(scale: 1.5), try figures.overTime.picture(scale: 1.5)])
    }
    return Gallery.Section(
      title: "Shortcuts",
      notes: [
        "Classes whose probability rests on what is not their sound: parts of the picture were taken away, one by one, and what "
          + "the class lost was held against what others lose, and against the energy there."
      ] + report.notes, items: [found] + items)
  }

  private var unreadable: Gallery.Section? {
    guard !record.unreadable.isEmpty else { return nil }
    let most = 50
    let rows = record.unreadable.prefix(most).map { [$0.sound, $0.reason] }
    let more = record.unreadable.count - rows.count
    return Gallery.Section(
      title: "Clips that could not be heard", notes: more > 0 ? ["\(more) more are in test.json."] : [],
      items: [
        Gallery.Item(tables: [Gallery.Table(columns: ["sound", "reason"], rows: rows, wordColumns: [1])])
      ])
  }
}
