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
    let inputs = inputs(x)
    let graph = try network.graph.resolved(for: inputs.mapValues(\.shape))
      .simplified(keeping: [input, tensor])
      .gradient(of: tensor, withRespectTo: [input], rule: GradientRule.relevance(rule).tallying)
    let ledger = Network(
      graph, threads: network.threads, rowsPerRun: network.rowsPerRun, memory: network.memory)
    let absorbers = Absorber.allCases.filter { graph.outputs.contains(Graph.absorbedName($0)) }
    let values = try ledger.values(
      of: [tensor, Graph.gradientName(input)] + absorbers.map(Graph.absorbedName),
      at: inputs.merging([Graph.seedName(tensor): seed(for: x)]) { first, _ in first })
    let scores = try selected(values[0])
    return scores.indices.map { row in
      func absorbed(_ absorber: Absorber) -> Double {
        absorbers.firstIndex(of: absorber).map { Double(values[$0 + 2].values[row]) } ?? 0
      }
      return Conservation(
        score: Double(scores[row]),
        atInput: values[1].rows(row..<row + 1).values.reduce(0) { $0 + Double($1) },
        inBiases: absorbed(.biases), inStabilizers: absorbed(.stabilizers))
    }
  }
}
