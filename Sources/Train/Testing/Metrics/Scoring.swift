import Glibc

/// Answers made ready to be measured again and again with other weights, as a bootstrap does: what does not depend on weights
/// (ranks, orders, bins) is computed once.
///
/// Definitions are scikit-learn's, with a weight a clip: ``Metric``, ``ClassMetric``. A class without a clip is left out of
/// means; a number of which nothing can be said is nil.
package struct Scoring: Sendable {
  /// From which score on a class counts as heard, where clips may be of several.
  let threshold: Float
  private let answers: Answers
  /// The clips by falling score, and where the scores change, for each class that the model knows.
  private let orders: [[Ranked]?]
  /// Where clips are of one class.
  private let answer: [Int]
  private let rank: [Int]
  private let loss: [Double]
  private let predictions: [Prediction]

  private struct Ranked {
    let clip: Int32
    let isPositive: Bool
    /// Whether the next clip has a lower score.
    let endsTie: Bool
  }

  /// A probability that is held against what happened.
  private struct Prediction {
    let clip: Int32
    let bin: Int32
    let confidence: Double
    let isRight: Bool
  }

  /// Bins of the calibration.
  static let bins = 15
  /// Probabilities below are taken for it in the loss: the smallest that added to 1 makes a difference in `Float`.
  static let leastProbability = Double(Float.ulpOfOne)

  package init(_ answers: Answers, threshold: Float = 0.5) {
    (self.answers, self.threshold) = (answers, threshold)
    let clips = answers.clips
    orders = answers.classes.indices.map { index in
      guard answers.isKnown[index] else { return nil }
      let order = clips.indices.sorted { (clips[$0].scores[index], $1) > (clips[$1].scores[index], $0) }
      return order.enumerated().map { place, clip in
        let isLast = place + 1 == order.count
        return Ranked(
          clip: Int32(clip), isPositive: clips[clip].truth.contains(index),
          endsTie: isLast || clips[order[place + 1]].scores[index] < clips[clip].scores[index])
      }
    }
    answer = clips.map { answers.answer(to: $0) }
    rank = clips.map { clip in
      guard let truth = clip.truth.first else { return .max }
      // Of equals the first comes first; what the model does not know comes last.
      guard answers.isKnown[truth] else { return .max }
      let own = clip.scores[truth]
      return answers.classes.indices.count { index in
        answers.isKnown[index]
          && (clip.scores[index] > own || clip.scores[index] == own && index < truth)
      }
    }
    loss = clips.map { Self.loss(of: $0, isMultiLabel: answers.isMultiLabel, isKnown: answers.isKnown) }
    predictions = zip(clips.indices, zip(clips, answer)).flatMap { place, entry in
      let (clip, answer) = entry
      let told = answers.isMultiLabel ? answers.classes.indices.filter { answers.isKnown[$0] } : [answer]
      return told.map { index in
        let confidence = Double(clip.scores[index])
        let bin = min(Self.bins - 1, max(0, Int((confidence * Double(Self.bins)).rounded(.up)) - 1))
        return Prediction(
          clip: Int32(place), bin: Int32(bin), confidence: confidence, isRight: clip.truth.contains(index))
      }
    }
  }

  private static func loss(of clip: Answers.Clip, isMultiLabel: Bool, isKnown: [Bool]) -> Double {
    func bounded(_ probability: Float) -> Double {
      min(max(Double(probability), leastProbability), 1 - leastProbability)
    }
    guard isMultiLabel else {
      return clip.truth.first.map { -log(max(Double(clip.scores[$0]), leastProbability)) } ?? 0
    }
    let known = isKnown.indices.filter { isKnown[$0] }
    let sum = known.reduce(0) { sum, index in
      let probability = bounded(clip.scores[index])
      return sum - log(clip.truth.contains(index) ? probability : 1 - probability)
    }
    return sum / Double(max(1, known.count))
  }

  // MARK: - What is measured

  /// All numbers in one row: those of ``Metric`` in order, then those of ``ClassMetric`` for each class.
  package func row(_ weights: [Double]) -> [Double?] {
    let counts = self.counts(weights)
    let areas = orders.map { order -> (precision: Double?, auc: Double?) in
      order.map { Self.areas($0, weights) } ?? (nil, nil)
    }
    let perClass = zip(counts, areas).map { count, area -> [Double?] in
      ClassMetric.allCases.map { metric in
        switch metric {
        case .precision: count.precision
        case .recall: count.recall
        case .f1: count.f1
        case .averagePrecision: area.precision
        case .auc: area.auc
        }
      }
    }
    let all = Metric.allCases.map { metric -> Double? in
      switch metric {
      case .accuracy: accuracy(weights)
      case .balancedAccuracy: answers.isMultiLabel ? nil : Self.mean(counts.map(\.recall))
      case .macroF1: Self.mean(counts.map(\.f1))
      case .weightedF1: Self.weightedMean(counts.map { ($0.f1, $0.support) })
      case .microF1: answers.isMultiLabel ? Self.microF1(counts) : nil
      case .meanAveragePrecision: Self.mean(areas.map(\.precision))
      case .auc: Self.mean(areas.map(\.auc))
      case .top3: hits(within: 3, weights)
      case .top5: hits(within: 5, weights)
      case .logLoss: answers.isProbability ? Self.weightedMean(zip(loss, weights).map { ($0, $1) }) : nil
      case .calibrationError: answers.isProbability ? calibrationError(weights) : nil
      }
    }
    return all + perClass.flatMap(\.self)
  }

  /// Weights of right and wrong answers of a class.
  private struct Counts {
    var right = 0.0
    var taken = 0.0
    var support = 0.0

    var precision: Double? { taken > 0 ? right / taken : nil }
    var recall: Double? { support > 0 ? right / support : nil }
    // TP + FP + TP + FN.
    var f1: Double? { support > 0 ? 2 * right / (taken + support) : nil }
  }

  private func counts(_ weights: [Double]) -> [Counts] {
    var counts = [Counts](repeating: Counts(), count: answers.classes.count)
    for (place, clip) in answers.clips.enumerated() where weights[place] > 0 {
      for index in clip.truth { counts[index].support += weights[place] }
      if answers.isMultiLabel {
        for index in answers.classes.indices where isHeard(index, in: clip) {
          counts[index].taken += weights[place]
          if clip.truth.contains(index) { counts[index].right += weights[place] }
        }
      } else {
        counts[answer[place]].taken += weights[place]
        if clip.truth.first == answer[place] { counts[answer[place]].right += weights[place] }
      }
    }
    return counts
  }

  private func isHeard(_ index: Int, in clip: Answers.Clip) -> Bool {
    answers.isKnown[index] && clip.scores[index] >= threshold
  }

  private func accuracy(_ weights: [Double]) -> Double? {
    Self.weightedMean(
      zip(answers.clips.indices, weights).map { place, weight in
        let clip = answers.clips[place]
        let isRight =
          answers.isMultiLabel
          ? answers.classes.indices.allSatisfy { isHeard($0, in: clip) == clip.truth.contains($0) }
          : clip.truth.first == answer[place] && answers.isKnown[answer[place]]
        return (isRight ? 1 : 0, weight)
      })
  }

  /// nil where there are not more classes than places.
  private func hits(within places: Int, _ weights: [Double]) -> Double? {
    guard !answers.isMultiLabel, answers.classes.count > places else { return nil }
    return Self.weightedMean(zip(rank, weights).map { ($0 < places ? 1 : 0, $1) })
  }

  private func calibrationError(_ weights: [Double]) -> Double? {
    let bins = self.bins(weights)
    let whole = bins.reduce(0) { $0 + $1.weight }
    guard whole > 0 else { return nil }
    return bins.reduce(0) { $0 + abs($1.confidence - $1.right) } / whole
  }

  /// Sums over the predictions of each bin.
  func bins(_ weights: [Double]) -> [(weight: Double, confidence: Double, right: Double)] {
    var bins = [(weight: Double, confidence: Double, right: Double)](
      repeating: (0, 0, 0), count: Self.bins)
    for prediction in predictions {
      let weight = weights[Int(prediction.clip)]
      guard weight > 0 else { continue }
      bins[Int(prediction.bin)].weight += weight
      bins[Int(prediction.bin)].confidence += weight * prediction.confidence
      if prediction.isRight { bins[Int(prediction.bin)].right += weight }
    }
    return bins
  }

  /// The average precision and the area under the ROC curve of clips by falling score.
  private static func areas(_ order: [Ranked], _ weights: [Double]) -> (precision: Double?, auc: Double?) {
    // By thresholds: what has passed, and what it had passed at the threshold before.
    var (positive, negative, lastPositive, lastNegative) = (0.0, 0.0, 0.0, 0.0)
    var (precision, pairs) = (0.0, 0.0)
    for entry in order {
      let weight = weights[Int(entry.clip)]
      if entry.isPositive { positive += weight } else { negative += weight }
      guard entry.endsTie, positive + negative > 0 else { continue }
      let (gained, lost) = (positive - lastPositive, negative - lastNegative)
      if gained > 0 { precision += gained * positive / (positive + negative) }
      pairs += lost * (lastPositive + gained / 2)
      (lastPositive, lastNegative) = (positive, negative)
    }
    return (
      positive > 0 ? precision / positive : nil,
      positive > 0 && negative > 0 ? pairs / (positive * negative) : nil
    )
  }

  // MARK: - Means

  private static func mean(_ values: [Double?]) -> Double? {
    let known = values.compactMap(\.self)
    return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
  }

  private static func weightedMean(_ values: [(value: Double?, weight: Double)]) -> Double? {
    var (sum, whole) = (0.0, 0.0)
    for (value, weight) in values where weight > 0 {
      guard let value else { continue }
      sum += weight * value
      whole += weight
    }
    return whole > 0 ? sum / whole : nil
  }

  private static func microF1(_ counts: [Counts]) -> Double? {
    let whole = counts.reduce(0) { $0 + $1.taken + $1.support }
    return whole > 0 ? 2 * counts.reduce(0) { $0 + $1.right } / whole : nil
  }
}
