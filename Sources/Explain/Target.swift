import Graphs
public import Models

/// The class whose score is explained.
public struct Target: Sendable, Hashable {
  public let index: Int
  public let label: String
  /// As reported for the clip.
  public let probability: Float
  /// The class whose score is taken off; nil for none.
  public private(set) var against: Int?

  init(index: Int, label: String, probability: Float) {
    (self.index, self.label, self.probability) = (index, label, probability)
  }

  /// The same class with the score of class `index` taken off; its label already says so.
  func against(_ index: Int) -> Target {
    var contrast = self
    contrast.against = index
    return contrast
  }

  /// The same class rather than another: what is explained is the difference of their logits.
  public func rather(than other: Target) -> Target {
    var contrast = Target(
      index: index, label: "\(label) rather than \(other.label)", probability: probability)
    contrast.against = other.index
    return contrast
  }
}

/// Which classes to explain, as a user says it.
public enum TargetChoice: Sendable, Hashable {
  /// The most probable ones, this many.
  case top(Int)
  case index(Int)
  case label(String)

  /// Reads `top`, `top:3`, an index, or a label; nil where `top:` has no positive number behind it.
  public init?(_ text: String) {
    if text == "top" {
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
  /// - Throws: `ModelError.unknownLabel` with the nearest labels, `.noSuchClass`.
  public func targets(_ choice: TargetChoice, for listening: Listening) throws(ModelError) -> [Target] {
    let scores = listening.clipScores
    let indices: [Int]
    switch choice {
    case .top(let count): indices = Array(listening.ranking.prefix(count))
    case .index(let index):
      guard scores.indices.contains(index) else { throw .noSuchClass(index, classes: scores.count) }
      indices = [index]
    case .label(let label): indices = [try classIndex(of: label)]
    }
    return indices.map { Target(index: $0, label: self.label($0), probability: scores[$0]) }
  }

  /// The class called `label`, whatever its case.
  func classIndex(of label: String) throws(ModelError) -> Int {
    if let exact = labels.firstIndex(of: label) { return exact }
    let wanted = label.lowercased()
    if let other = labels.firstIndex(where: { $0.lowercased() == wanted }) { return other }
    throw .unknownLabel(label, nearest: nearest(to: label, among: labels))
  }
}
