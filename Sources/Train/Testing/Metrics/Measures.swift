public import Explain
import Glibc

/// How good a model's answers are: every number with its 95 % interval, as a whole, by class and by fold.
///
/// Intervals come from a bootstrap over clips, recordings being drawn as a whole (``GroupedBootstrap``).
public struct Measures: Sendable {
  public typealias Measured = GroupedBootstrap.Measured

  public let answers: Answers
  /// From which score on a class counts as heard, where clips may be of several.
  public let threshold: Float
  public let draws: Int
  public let seed: UInt64
  /// Recordings, and clips of which nobody says what they stem from.
  public let groupCount: Int
  private let values: [Measured]
  public let reliability: [ReliabilityBin]
  public let folds: [Fold]

  /// Probabilities of one bin, and how often they were right.
  public struct ReliabilityBin: Sendable, Hashable {
    /// Probabilities above `low`, up to `high`.
    public let low: Double
    public let high: Double
    public let count: Int
    /// The mean probability; nil for none.
    public let confidence: Double?
    /// The share that was right, with Wilson's 95 % interval.
    public let accuracy: Measured
  }

  /// The clips of one fold.
  public struct Fold: Sendable, Hashable {
    public let fold: Int
    public let clips: Int
    fileprivate let values: [Double?]

    public subscript(_ metric: Metric) -> Double? {
      Metric.allCases.firstIndex(of: metric).flatMap { values[$0] }
    }
  }

  /// - Parameters:
  ///   - threshold: from which score on a class counts as heard, where clips may be of several.
  ///   - draws: of the bootstrap.
  public init(_ answers: Answers, threshold: Float = 0.5, draws: Int = 1000, seed: UInt64 = 0) {
    (self.answers, self.threshold, self.draws, self.seed) = (answers, threshold, draws, seed)
    let scoring = Scoring(answers, threshold: threshold)
    let bootstrap = GroupedBootstrap(groups: answers.clips.map(\.group), draws: draws, seed: seed)
    groupCount = bootstrap.groupCount
    values = bootstrap.measured { scoring.row($0) }
    let ones = [Double](repeating: 1, count: answers.clips.count)
    reliability =
      answers.isProbability
      ? scoring.bins(ones).enumerated().map { ReliabilityBin($0, $1, of: Scoring.bins) } : []
    let numbers = Set(answers.clips.compactMap(\.fold)).sorted()
    folds =
      numbers.count < 2
      ? []
      : numbers.map { number in
        let weights = answers.clips.map { $0.fold == number ? 1.0 : 0 }
        return Fold(
          fold: number, clips: weights.count { $0 > 0 },
          values: Array(scoring.row(weights).prefix(Metric.allCases.count)))
      }
  }

  public subscript(_ metric: Metric) -> Measured {
    Metric.allCases.firstIndex(of: metric).map { values[$0] } ?? Measured(nil)
  }

  /// Of the class at `index`.
  public subscript(_ metric: ClassMetric, class index: Int) -> Measured {
    guard let place = ClassMetric.allCases.firstIndex(of: metric) else { return Measured(nil) }
    return values[Metric.allCases.count + index * ClassMetric.allCases.count + place]
  }

  /// The mean over folds of a metric and its standard deviation (over n − 1); nil where fewer than two folds have it.
  public func overFolds(_ metric: Metric) -> (mean: Double, deviation: Double)? {
    let known = folds.compactMap { $0[metric] }
    guard known.count > 1 else { return nil }
    let mean = known.reduce(0, +) / Double(known.count)
    let squares = known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, (squares / Double(known.count - 1)).squareRoot())
  }

  /// The classes that no clip is of: nothing is known of them.
  public var absentClasses: [String] {
    zip(answers.classes, answers.supports).filter { $0.1 == 0 }.map(\.0)
  }
}

extension Measures.ReliabilityBin {
  fileprivate init(
    _ index: Int, _ sums: (weight: Double, confidence: Double, right: Double), of bins: Int
  ) {
    (low, high) = (Double(index) / Double(bins), Double(index + 1) / Double(bins))
    count = Int(sums.weight)
    confidence = sums.weight > 0 ? sums.confidence / sums.weight : nil
    accuracy = Self.share(sums.right, of: sums.weight)
  }

  /// Wilson, JASA, 1927: an interval that stays within 0...1 and is right for few clips.
  private static func share(_ right: Double, of count: Double) -> GroupedBootstrap.Measured {
    guard count > 0 else { return GroupedBootstrap.Measured(nil) }
    let (share, z) = (right / count, 1.959964)
    let middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    let reach =
      z / (1 + z * z / count) * (share * (1 - share) / count + z * z / (4 * count * count)).squareRoot()
    return GroupedBootstrap.Measured(share, low: max(0, middle - reach), high: min(1, middle + reach))
  }
}
