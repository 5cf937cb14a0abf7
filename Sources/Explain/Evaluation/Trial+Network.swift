public import Models
public import Tensors

extension Trial {
  /// The question of one row of an array: the score is what `score` says, the probability that of its element.
  ///
  /// - Parameter reported: where probabilities come from.
  public init(_ score: NetworkScore, at x: Tensor, nothing: Tensor, reported: ReportedScores) throws {
    try self.init(
      x, nothing: nothing,
      probabilities: { try score.probabilities(at: $0, reported).map(Double.init) },
      scores: { try score.scores(at: $0).map(Double.init) })
  }
}

extension NetworkScore {
  /// The probability of the element in each row of `x`.
  func probabilities(at x: Tensor, _ reported: ReportedScores) throws -> [Float] {
    try selected(reported.probabilities(tensor) { try values(of: $0, at: x) })
  }
}
