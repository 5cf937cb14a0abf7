import Graphs
public import Models
import Tensors

/// The class whose score is explained.
public struct Target: Sendable, Hashable, Codable {
  public let index: Int
  public let label: String
  /// As reported for the clip: a probability where the model gives some.
  public let probability: Float
  /// What that number is.
  public let meaning: ScoreMeaning
  /// What the score that is explained counts.
  public let quantity: ModelOutput.Quantity
  /// When, if not over the whole clip.
  public let span: TimeSpan?
  /// The class whose score is taken off; nil for none.
  public private(set) var against: Int?

  /// The same class rather than another: what is explained is the difference of their logits.
  public func rather(than other: Target) -> Target {
    Target(
      index: index, label: "\(label) rather than \(other.label)", probability: probability, meaning: meaning,
      quantity: quantity, span: span, against: other.index)
  }

  /// Whether it is the same class at the same time, of whatever clip.
  func isSame(as other: Target) -> Bool {
    (index, against) == (other.index, other.against) && span == other.span
  }
}

/// Which classes to explain, as a user says it.
///
/// `top`, `top:3`, an index or a label; each at a moment or over a stretch of time, as in `Speech@2.3`, `top@2.3-2.8` or
/// `Speech@2.3-2.8:max` (`TimeSpan`). A label that reads like one of these goes first.
public enum TargetChoice: Sendable, Hashable {
  /// The most probable ones, this many.
  case top(Int)
  case index(Int)
  case label(String)
  /// Over a stretch of time; the text is what was written, in case that is a label.
  indirect case during(TimeSpan, TargetChoice, text: String)

  /// nil where `top:` has no positive number behind it.
  public init?(_ text: String) {
    if let at = text.lastIndex(of: "@"), let span = TimeSpan(String(text[text.index(after: at)...])) {
      guard let choice = TargetChoice(String(text[..<at])) else { return nil }
      if case .during = choice { return nil }
      self = .during(span, choice, text: text)
    } else if text == "top" {
      self = .top(1)
    } else if text.hasPrefix("top:") {
      guard let count = Int(text.dropFirst(4)), count > 0 else { return nil }
      self = .top(count)
    } else if let index = Int(text) {
      self = .index(index)
    } else {
      self = .label(text)
    }
  }
}

extension AudioModel {
  /// The classes meant by `choice` for what was heard.
  ///
  /// - Throws: `ModelError.unknownLabel` with the nearest labels, `.noSuchClass`; `ExplainError.noMoment`.
  public func targets(_ choice: TargetChoice, for listening: Listening) throws -> [Target] {
    if case .during(let span, let choice, let text) = choice {
      if labels.contains(text) { return try targets(.label(text), for: listening, span: nil) }
      return try targets(choice, for: listening, span: span)
    }
    return try targets(choice, for: listening, span: nil)
  }

  private func targets(_ choice: TargetChoice, for listening: Listening, span: TimeSpan?) throws -> [Target] {
    let scores = try span.map { try listening.scores(during: $0) } ?? listening.clipScores
    let indices: [Int]
    switch choice {
    case .top(let count): indices = Array(scores.ranking.prefix(count))
    case .index(let index):
      guard scores.indices.contains(index) else {
        throw ModelError.noSuchClass(index, classes: scores.count)
      }
      indices = [index]
    case .label(let label): indices = [try classIndex(of: label)]
    case .during: indices = []
    }
    return indices.map { index in
      Target(
        index: index, label: label(index) + (span.map { " at \($0)" } ?? ""), probability: scores[index],
        meaning: listening.meaning, quantity: output.quantity, span: span, against: nil)
    }
  }

  /// The class called `label`, whatever its case.
  package func classIndex(of label: String) throws(ModelError) -> Int {
    if let exact = labels.firstIndex(of: label) { return exact }
    let wanted = label.lowercased()
    if let other = labels.firstIndex(where: { $0.lowercased() == wanted }) { return other }
    throw .unknownLabel(label, nearest: nearest(to: label, among: labels))
  }
}

extension Listening {
  /// What is reported of each class over a stretch of time: the mean of its scores at the moments, or the highest. With
  /// log-sum-exp the moments are weighted as the gradient weights them.
  ///
  /// - Throws: `ExplainError.noMoment` where the stretch lies behind the end.
  func scores(during span: TimeSpan) throws(ExplainError) -> [Float] {
    let rows = moments(in: span)
    guard !rows.isEmpty else { throw .noMoment(span, end: moments.map(\.end).max() ?? 0) }
    return (0..<scores.shape[1]).map { index in
      let values = rows.map { Double(scores[$0, index]) }
      switch span.pooling {
      case .mean, .maximum: return Float(span.pooling.pooled(values))
      case .logSumExp:
        let weights = span.pooling.slopes(rows.map { Double(logits[$0, index]) })
        return Float(zip(weights, values).reduce(0) { $0 + $1.0 * $1.1 })
      }
    }
  }
}
