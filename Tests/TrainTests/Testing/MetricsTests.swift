import Explain
import Files
import Tensors
import Testing
import Train

/// Numbers about answers: against scikit-learn's (`Golden/make-metrics.py`), and against what the definitions say word by
/// word.
struct MetricsTests {
  private static func golden() throws -> NumPyArchive {
    let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
    let path = (folder + ["Golden", "metrics.npz"]).joined(separator: "/")
    return try NumPyArchive(npz: WholeFile.read(path), from: path)
  }

  private static func rows(_ tensor: Tensor) -> [[Float]] {
    (0..<tensor.shape[0]).map { tensor.rows($0..<$0 + 1).values }
  }

  /// The file holds numbers in single precision.
  private static let rounding = 2e-7

  private func check(_ measured: Double?, _ expected: Float, _ what: String) throws {
    let value = try #require(measured, "\(what) is nil")
    #expect(abs(value - Double(expected)) < Self.rounding * max(1, Double(abs(expected))), "\(what)")
  }

  @Test("numbers of clips with one class are scikit-learn's")
  func singleLabel() throws {
    let golden = try Self.golden()
    let truth = try #require(golden["single_truth"]).values.map { Int($0) }
    let scores = Self.rows(try #require(golden["single_scores"]))
    let answers = Answers(
      classes: (0..<6).map { "class \($0)" },
      clips: truth.indices.map { Answers.Clip(place: $0, truth: [truth[$0]], scores: scores[$0]) })
    let confusion = try #require(golden["single_confusion"])
    #expect(answers.confusion == Self.rows(confusion).map { $0.map { Int($0) } })

    let measures = Measures(answers, draws: 0)
    let metrics: [Metric] = [
      .accuracy, .balancedAccuracy, .macroF1, .weightedF1, .meanAveragePrecision, .auc, .top3, .top5,
      .logLoss,
      .calibrationError,
    ]
    for (metric, expected) in zip(metrics, try #require(golden["single"]).values) {
      try check(measures[metric].value, expected, metric.rawValue)
    }
    #expect(measures[.microF1].value == nil)
    let perClass = Self.rows(try #require(golden["single_per_class"]))
    for (index, expected) in zip([0, 1, 2, 3, 5], perClass) {
      for (metric, value) in zip(ClassMetric.allCases, expected) {
        try check(measures[metric, class: index].value, value, "\(metric.rawValue) of class \(index)")
      }
    }
    // Of a class without a clip nothing is known but that what was taken for it is wrong.
    #expect(measures.absentClasses == ["class 4"])
    #expect(measures[.precision, class: 4].value == 0)
    for metric in ClassMetric.allCases where metric != .precision {
      #expect(measures[metric, class: 4].value == nil)
    }
  }

  @Test("numbers of clips with several classes are scikit-learn's")
  func multiLabel() throws {
    let golden = try Self.golden()
    let truth = Self.rows(try #require(golden["multi_truth"]))
    let scores = Self.rows(try #require(golden["multi_scores"]))
    let answers = Answers(
      classes: (0..<4).map { "class \($0)" },
      clips: truth.indices.map { place in
        let own = truth[place].indices.filter { truth[place][$0] == 1 }
        return Answers.Clip(place: place, truth: own, scores: scores[place])
      }, isMultiLabel: true)
    let measures = Measures(answers, draws: 0)
    let metrics: [Metric] = [
      .accuracy, .macroF1, .weightedF1, .microF1, .meanAveragePrecision, .auc, .logLoss, .calibrationError,
    ]
    for (metric, expected) in zip(metrics, try #require(golden["multi"]).values) {
      try check(measures[metric].value, expected, metric.rawValue)
    }
    for (index, expected) in Self.rows(try #require(golden["multi_per_class"])).enumerated() {
      for (metric, value) in zip(ClassMetric.allCases, expected) {
        try check(measures[metric, class: index].value, value, "\(metric.rawValue) of class \(index)")
      }
    }
    #expect(answers.confusion == nil)
    #expect(measures[.top3].value == nil && measures[.balancedAccuracy].value == nil)
  }

  @Test("weights count clips as often as they say", arguments: [UInt64(1), 2, 3])
  func weights(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let classes = 4
    let clips = (0..<25).map { place in
      // Coarse scores, so that there are ties.
      let scores = (0..<classes).map { _ in Float(Int.random(in: 0...6, using: &generator)) / 6 }
      return Answers.Clip(
        place: place, truth: [Int.random(in: 0..<classes, using: &generator)], scores: scores)
    }
    let weights = clips.map { _ in Double(Int.random(in: 0...3, using: &generator)) }
    let repeated = zip(clips, weights).flatMap { Array(repeating: $0, count: Int($1)) }
    let names = (0..<classes).map { "\($0)" }
    let row = Scoring(Answers(classes: names, clips: clips)).row(weights)
    let naive = NaiveMetrics(clips: repeated, classes: classes)

    #expect(row[0] == naive.accuracy)
    for index in 0..<classes {
      let own = row[Metric.allCases.count + index * ClassMetric.allCases.count..<row.count].prefix(5)
      let expected = [
        naive.precision(index), naive.recall(index), naive.f1(index), naive.averagePrecision(index),
        naive.auc(index),
      ]
      for (value, known) in zip(own, expected) {
        // Sums in another order.
        #expect(value == nil && known == nil || abs((value ?? .nan) - (known ?? .nan)) < 1e-12)
      }
    }
  }

  @Test("a class that the model does not know counts as wrong, and has no ranking")
  func unknownClass() {
    let clips = [
      Answers.Clip(place: 0, truth: [0], scores: [0.2, 0.1, 0]),
      Answers.Clip(place: 1, truth: [2], scores: [0, 0, 0]),
    ]
    let answers = Answers(classes: ["a", "b", "c"], clips: clips, isKnown: [true, true, false])
    let measures = Measures(answers, draws: 0)
    #expect(measures[.accuracy].value == 0.5)
    #expect(measures[.recall, class: 2].value == 0)
    #expect(measures[.averagePrecision, class: 2].value == nil && measures[.auc, class: 2].value == nil)
  }

  @Test("scores that are no probabilities have no loss and no calibration")
  func noProbabilities() {
    let clips = [Answers.Clip(place: 0, truth: [1], scores: [-3, 4])]
    let measures = Measures(Answers(classes: ["a", "b"], clips: clips, isProbability: false), draws: 0)
    #expect(measures[.accuracy].value == 1)
    #expect(measures[.logLoss].value == nil && measures[.calibrationError].value == nil)
    #expect(measures.reliability.isEmpty)
  }

  @Test("folds are measured one by one")
  func folds() throws {
    let clips = (0..<8).map { place in
      Answers.Clip(
        place: place, truth: [place % 2],
        scores: place < 6 ? [1 - Float(place % 2), Float(place % 2)] : [0.5, 0.4],
        fold: place < 4 ? 1 : 2)
    }
    let measures = Measures(Answers(classes: ["a", "b"], clips: clips), draws: 0)
    #expect(measures.folds.map(\.fold) == [1, 2] && measures.folds.map(\.clips) == [4, 4])
    #expect(measures.folds.map { $0[.accuracy] } == [1, 0.75])
    let over = try #require(measures.overFolds(.accuracy))
    #expect(over.mean == 0.875 && abs(over.deviation - 0.125 * 2.0.squareRoot()) < 1e-15)
  }

  @Test("bins of the reliability hold what was told with their confidence")
  func reliability() throws {
    // 0.8 is the upper end of the twelfth of 15 bins.
    let clips = (0..<4).map { Answers.Clip(place: $0, truth: [$0 == 0 ? 1 : 0], scores: [0.8, 0.2]) }
    let bins = Measures(Answers(classes: ["a", "b"], clips: clips), draws: 0).reliability
    let full = try #require(bins.firstIndex { $0.count > 0 })
    #expect(bins.count == 15 && bins.map(\.count).reduce(0, +) == 4)
    #expect(bins[full].low < 0.8 && abs(bins[full].high - 0.8) < 1e-6 || full == 12)
    #expect(bins[full].accuracy.value == 0.75)
    let (low, high) = (try #require(bins[full].accuracy.low), try #require(bins[full].accuracy.high))
    // Wilson's interval of 3 in 4, as statsmodels gives it.
    #expect(abs(low - 0.3006) < 1e-4 && abs(high - 0.9544) < 1e-4)
  }
}

/// The definitions, word by word.
private struct NaiveMetrics {
  let clips: [Answers.Clip]
  let classes: Int

  func answer(_ clip: Answers.Clip) -> Int { clip.scores.firstIndex(of: clip.scores.max() ?? 0) ?? 0 }

  var accuracy: Double? {
    clips.isEmpty ? nil : Double(clips.count { answer($0) == $0.truth[0] }) / Double(clips.count)
  }

  func precision(_ index: Int) -> Double? {
    let taken = clips.filter { answer($0) == index }
    return taken.isEmpty ? nil : Double(taken.count { $0.truth[0] == index }) / Double(taken.count)
  }

  func recall(_ index: Int) -> Double? {
    let own = clips.filter { $0.truth[0] == index }
    return own.isEmpty ? nil : Double(own.count { answer($0) == index }) / Double(own.count)
  }

  /// The harmonic mean of precision and recall; 0 where one of them is.
  func f1(_ index: Int) -> Double? {
    guard let recall = recall(index) else { return nil }
    guard let precision = precision(index), precision + recall > 0 else { return 0 }
    return 2 * precision * recall / (precision + recall)
  }

  func auc(_ index: Int) -> Double? {
    let own = clips.filter { $0.truth[0] == index }
    let others = clips.filter { $0.truth[0] != index }
    guard !own.isEmpty, !others.isEmpty else { return nil }
    var won = 0.0
    for a in own {
      for b in others {
        won += a.scores[index] > b.scores[index] ? 1 : a.scores[index] == b.scores[index] ? 0.5 : 0
      }
    }
    return won / Double(own.count * others.count)
  }

  func averagePrecision(_ index: Int) -> Double? {
    let own = clips.filter { $0.truth[0] == index }
    guard !own.isEmpty else { return nil }
    var (sum, last) = (0.0, 0.0)
    for threshold in Set(clips.map { $0.scores[index] }).sorted(by: >) {
      let passed = clips.filter { $0.scores[index] >= threshold }
      let right = Double(passed.count { $0.truth[0] == index })
      let recall = right / Double(own.count)
      sum += (recall - last) * right / Double(passed.count)
      last = recall
    }
    return sum
  }
}
