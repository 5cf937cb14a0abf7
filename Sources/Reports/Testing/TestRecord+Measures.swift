import Explain
import Files
package import Train

extension TestRecord {
  /// - Parameters:
  ///   - side: of the split, as a user names it.
  ///   - split: how the clips were shared out, in words.
  package init(
    model: String, data: DataSet, side: String, split: String, _ result: TestRun.Result, _ measures: Measures,
    _ match: ClassMatch
  ) {
    let answers = measures.answers
    (self.model, self.data, self.side, self.split) = (model, data.name, side, split)
    (multiLabel, clips, groups) = (answers.isMultiLabel, answers.clips.count, measures.groupCount)
    (classes, absentClasses) = (answers.classes, measures.absentClasses)
    (missingClasses, excessLabels) = (match.missing, match.excess)
    threshold = answers.isMultiLabel ? measures.threshold : nil
    (seed, draws) = (measures.seed, measures.draws)
    intervals = Self.intervals(Metric.allCases) { measures[$0] }
    perClass = answers.classes.enumerated().map { index, name in
      func value(_ metric: ClassMetric) -> Double? { measures[metric, class: index].value }
      return ClassEntry(
        class: name, index: index, support: answers.supports[index], precision: value(.precision),
        recall: value(.recall), f1: value(.f1), averagePrecision: value(.averagePrecision), auc: value(.auc),
        intervals: Self.intervals(ClassMetric.allCases) { measures[$0, class: index] })
    }
    calibration = measures.reliability.map {
      Bin(
        low: $0.low, high: $0.high, count: $0.count, confidence: $0.confidence, accuracy: $0.accuracy.value)
    }
    perFold = measures.folds.map {
      FoldEntry(
        fold: $0.fold, clips: $0.clips, accuracy: $0[.accuracy], balancedAccuracy: $0[.balancedAccuracy],
        macroF1: $0[.macroF1], meanAveragePrecision: $0[.meanAveragePrecision], auc: $0[.auc])
    }
    overFolds = Metric.allCases.reduce(into: [:]) { spreads, metric in
      spreads[metric.rawValue] = measures.overFolds(metric).map {
        Spread(mean: $0.mean, deviation: $0.deviation)
      }
    }
    systems = [SystemRecord(model, measures)]
    unreadable = result.failures.map { Unreadable(sound: PathText.shown($0.path), reason: $0.reason) }
    notes = Self.notes(data, result, measures, match, model: model)
    (soundSeconds, seconds) = (result.sound, result.seconds)

    (accuracy, balancedAccuracy) = (measures[.accuracy].value, measures[.balancedAccuracy].value)
    (macroF1, weightedF1) = (measures[.macroF1].value, measures[.weightedF1].value)
    (microF1, auc) = (measures[.microF1].value, measures[.auc].value)
    meanAveragePrecision = measures[.meanAveragePrecision].value
    (top3Accuracy, top5Accuracy) = (measures[.top3].value, measures[.top5].value)
    (logLoss, calibrationError) = (measures[.logLoss].value, measures[.calibrationError].value)
    confusion = answers.confusion
    confusionShares = answers.confusion?.map { row in
      let whole = row.reduce(0, +)
      return whole > 0 ? row.map { Double($0) / Double(whole) } : nil
    }
  }

  private static func intervals<Key: RawRepresentable<String>>(
    _ keys: [Key], _ measured: (Key) -> Measures.Measured
  ) -> [String: Interval] {
    keys.reduce(into: [:]) { intervals, key in
      let found = measured(key)
      if found.value != nil { intervals[key.rawValue] = Interval(found) }
    }
  }

  /// What a reader should know before believing the numbers.
  private static func notes(
    _ data: DataSet, _ result: TestRun.Result, _ measures: Measures, _ match: ClassMatch, model: String
  ) -> [String] {
    var notes = match.notes(model: model, data: data.name)
    let absent = measures.absentClasses
    if !absent.isEmpty {
      let names = absent.prefix(8).joined(separator: ", ") + (absent.count > 8 ? ", …" : "")
      notes.append(
        "No clip is of \(absent.count == 1 ? "the class" : "the \(absent.count) classes") \(names): nothing is known of "
          + "\(absent.count == 1 ? "it" : "them"), and means leave \(absent.count == 1 ? "it" : "them") out.")
    }
    if !result.failures.isEmpty {
      let first = result.failures[0]
      notes.append(
        "\(result.failures.count) \(result.failures.count == 1 ? "clip" : "clips") could not be heard and are left out; "
          + "the first: \(PathText.shown(first.path)): \(first.reason)")
    }
    if !measures.answers.isProbability {
      notes.append(
        "\(model)'s scores are not known to be probabilities: there is no log loss and no calibration. Tell the "
          + "activation if they are.")
    }
    if measures.groupCount < 2 {
      notes.append("All clips stem from one recording: there are no intervals.")
    } else if measures.groupCount < 10 {
      notes.append("Intervals are drawn over \(measures.groupCount) recordings only: they say little.")
    }
    return notes
  }
}

/// A system in a table of several, such as a baseline: how good it is on the same clips.
package struct SystemRecord: Codable, Sendable {
  package let name: String
  package let clips: Int
  @OrNull package var accuracy: Double?
  @OrNull package var macroF1: Double?
  package let intervals: [String: TestRecord.Interval]

  package init(_ name: String, _ measures: Measures) {
    (self.name, clips) = (name, measures.answers.clips.count)
    intervals = [Metric.accuracy, .macroF1].reduce(into: [:]) {
      $0[$1.rawValue] = TestRecord.Interval(measures[$1])
    }
    (accuracy, macroF1) = (measures[.accuracy].value, measures[.macroF1].value)
  }

  private enum CodingKeys: String, CodingKey {
    case name, clips, accuracy, intervals
    case macroF1 = "macro_f1"
  }
}
