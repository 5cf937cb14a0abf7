import Glibc
package import Tensors

/// What a model's scores are, and how that is known.
public struct ScoreMeaning: Sendable, Hashable, Codable {
  public enum Source: String, Sendable, Hashable, Codable {
    /// The network's own nodes make probabilities.
    case graph
    /// The description, or the user, names the activation.
    case description
    /// Nothing says so, but the values behave as probabilities do.
    case values
    /// Nothing says so, and the values do not tell.
    case unknown
  }

  /// What makes, or would make, probabilities of logits; `none` where scores are reported as they are.
  public let activation: ModelDescription.Activation
  public let source: Source

  /// Whether the scores are probabilities. Others are reported as scores.
  public var isProbability: Bool { activation != .none }

  /// "probability" or "score", for reports.
  public var word: String { isProbability ? "probability" : "score" }

  init(_ activation: ModelDescription.Activation, from source: Source) {
    (self.activation, self.source) = (activation, source)
  }

  /// What values of which nothing is known look like: a softmax where each row lies in 0...1 and adds up to 1, sigmoids
  /// where at least `fewestValues` of them lie there, and not only at its ends. Fewer values may do so by chance.
  ///
  /// - Parameter scores: one row a moment, one column a class.
  init(guessedFrom scores: Tensor) {
    let classes = max(1, scores.shape.dimensions.last ?? 1)
    let values = scores.values
    let (slack, slackOfSum): (Float, Float) = (1e-6, 1e-3)
    guard values.allSatisfy({ $0 >= -slack && $0 <= 1 + slack }), values.contains(where: { $0 > 0 && $0 < 1 })
    else {
      self.init(.none, from: .unknown)
      return
    }
    let sums = stride(from: 0, to: values.count, by: classes).map { values[$0..<$0 + classes].reduce(0, +) }
    if classes > 1, sums.allSatisfy({ abs($0 - 1) < slackOfSum }) {
      self.init(.softmax, from: .values)
    } else {
      let isLikely = values.count >= Self.fewestValues
      self.init(isLikely ? .sigmoid : .none, from: isLikely ? .values : .unknown)
    }
  }

  /// A standard normal logit lies in 0...1 one time in three, sixteen of them one time in 10⁷.
  static let fewestValues = 16
}

extension ModelDescription.Activation {
  /// The probabilities for rows of logits, `[rows, classes]`.
  package func applied(to logits: Tensor) -> Tensor {
    guard self != .none else { return logits }
    let classes = max(1, logits.shape.dimensions.dropFirst().reduce(1, *))
    var result = logits
    result.withUnsafeMutableValues { values in
      switch self {
      case .none: break
      case .sigmoid: for place in values.indices { values[place] = 1 / (1 + expf(-values[place])) }
      case .softmax:
        for start in stride(from: 0, to: values.count, by: classes) {
          let row = UnsafeMutableBufferPointer(rebasing: values[start..<start + classes])
          let highest = row.max() ?? 0
          for place in row.indices { row[place] = expf(row[place] - highest) }
          let sum = row.reduce(0, +)
          for place in row.indices { row[place] /= sum }
        }
      }
    }
    return result
  }
}
