import Explain
package import Figures
package import Train

/// The pictures of a test.
package struct TestFigures: Sendable {
  private let measures: Measures
  /// What they are of: "sb-cnn.onnx on everyday, 55 clips".
  private let subject: String

  package init(_ measures: Measures, subject: String) { (self.measures, self.subject) = (measures, subject) }

  private var answers: Answers { measures.answers }

  package func confusion(_ content: ConfusionFigure.Content) -> ConfusionFigure? {
    answers.confusion.map { counts in
      ConfusionFigure(
        title: subject,
        caption: content == .counts
          ? "How many clips of each class (row) were taken for each (column)."
          : "What share of each class's clips (row) was taken for each class (column), in percent.",
        classes: answers.classes, counts: counts, content: content)
    }
  }

  package var classes: IntervalsFigure {
    let columns: [(ClassMetric, String)] = [(.precision, "precision"), (.recall, "recall"), (.f1, "F1")]
    let supports = answers.supports
    return IntervalsFigure(
      title: subject,
      caption:
        "With 95 % intervals (\(measures.draws) draws of \(measures.groupCount) recordings with replacement). A dash: nothing "
        + "is known, for no clip is of the class, or none was taken for it.",
      columns: columns.map(\.1),
      rows: answers.classes.enumerated().map { index, name in
        IntervalsFigure.Row(
          name: name, note: "\(supports[index])",
          values: columns.map { metric, _ in
            let measured = measures[metric, class: index]
            return measured.value.map { .init($0, low: measured.low, high: measured.high) }
          })
      })
  }

  /// nil where scores are no probabilities.
  package var reliability: ReliabilityFigure? {
    guard !measures.reliability.isEmpty else { return nil }
    let error = measures[.calibrationError].value.map { "Calibration error \(TestText.number($0)). " } ?? ""
    return ReliabilityFigure(
      title: subject,
      caption: error
        + "On the dashed line, answers are as sure as they are right. Orange gaps: too sure; green: not sure enough. "
        + "Lines through dots are 95 % intervals.",
      bins: measures.reliability.map { bin in
        ReliabilityFigure.Bin(
          low: bin.low, high: bin.high, count: bin.count, confidence: bin.confidence,
          accuracy: bin.accuracy.value.map { .init($0, low: bin.accuracy.low, high: bin.accuracy.high) })
      })
  }
}

/// Numbers of tests as text.
package enum TestText {
  /// With three decimals; "–" for what is not known.
  package static func number(_ value: Double?) -> String {
    value.map { Decimals.text($0, places: 3) } ?? "–"
  }

  /// "0.812 (0.77–0.85)".
  package static func measured(_ value: Double?, _ low: Double?, _ high: Double?) -> String {
    guard let low, let high else { return number(value) }
    return "\(number(value)) (\(Decimals.text(low, places: 2))–\(Decimals.text(high, places: 2)))"
  }

  package static func measured(_ measured: Measures.Measured) -> String {
    Self.measured(measured.value, measured.low, measured.high)
  }
}
