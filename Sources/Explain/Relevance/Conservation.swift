public import Graphs
public import Tensors

/// Where the relevance of a score went: `score ≈ atInput + inBiases + inStabilizers`.
public struct Conservation: Sendable {
  public let score: Double
  /// The sum over the input's elements.
  public let atInput: Double
  /// The layers' biases' share.
  public let inBiases: Double
  /// What was lost to denominators kept from zero, and where a rule had nobody to give it to.
  public let inStabilizers: Double

  /// What is unaccounted for, relative to the largest of the parts: rounding, and operations that do not conserve
  /// relevance.
  public var error: Double {
    let largest = max(abs(score), abs(atInput), abs(inBiases), abs(inStabilizers))
    return largest == 0 ? 0 : abs(score - atInput - inBiases - inStabilizers) / largest
  }
}

extension NetworkScore {
  /// Where the relevance of each row's score goes by `rule`.
  public func conservation(at x: Tensor, by rule: RelevanceRule) throws -> [Conservation] {
    let (scores, seeds) = (try scores(at: x), try seed(for: x))
    return try scores.indices.map { row in
      let parts = try network.tallies(
        of: tensor, seed: seeds.rows(row..<row + 1), withRespectTo: input, rule: .relevance(rule),
        at: inputs(x.rows(row..<row + 1)))
      return Conservation(
        score: Double(scores[row]), atInput: parts.atInput, inBiases: parts.absorbed[.biases] ?? 0,
        inStabilizers: parts.absorbed[.stabilizers] ?? 0)
    }
  }
}
