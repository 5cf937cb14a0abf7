public import Models
public import Tensors

extension Trial {
  /// The question of one row of an array: the score is what `score` says, the probability that of its element.
  ///
  /// - Parameter reported: where probabilities come from.
  public init(_ score: NetworkScore, at x: Tensor, nothing: Tensor, reported: AudioModel.Scores) throws {
    try self.init(
      x, nothing: nothing,
      probabilities: { try score.probabilities(at: $0, reported).map(Double.init) },
      scores: { try score.scores(at: $0).map(Double.init) })
  }
}

extension NetworkScore {
  /// The probability of the element in each row of `x`.
  func probabilities(at x: Tensor, _ reported: AudioModel.Scores) throws -> [Float] {
    switch reported {
    case .tensor(let name): try selected(values(of: name, at: x))
    case .activation(let activation): try selected(activation.applied(to: values(of: tensor, at: x)))
    }
  }
}
