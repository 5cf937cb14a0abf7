import Graphs
public import Tensors

/// Layer-wise relevance propagation: how the score is shared out among the input's elements, layer by layer.
///
/// Bach et al., PLoS ONE 2015; the rules are Zennit's (`RelevanceRule`). For score functions whose way back is such a
/// rule: what arrives in place of a gradient is relevance, in units of the score, and its sum is the score but for what
/// biases and stabilizers absorb (`NetworkScore.conservation`).
public struct LayerWiseRelevance: InputMethod {
  public init() {}

  public func attribute(_ function: some ScoreFunction, at x: Tensor) throws -> Tensor {
    try function.gradient(at: x)
  }
}

extension AttributionMethod {
  private static func relevance(_ name: String, _ title: String, _ rule: RelevanceRule) -> AttributionMethod {
    AttributionMethod(
      "lrp-\(name)", title: "Relevance, \(title)", quantity: "relevance (logit per bin)",
      rule: .relevance(rule)
    ) { _ in .input(LayerWiseRelevance()) }
  }

  public static let epsilonRelevance = relevance("epsilon", "ε rule", RelevanceRule(.epsilon))

  public static let gammaRelevance = relevance("gamma", "γ rule", RelevanceRule(.gamma(0.25)))

  public static let zPlusRelevance = relevance("z-plus", "z⁺ rule", RelevanceRule(.zPlus))

  public static let alphaBetaRelevance = relevance(
    "alpha-beta", "α2β1 rule", RelevanceRule(.alphaBeta(alpha: 2, beta: 1)))

  /// Zennit's composite `EpsilonPlus`.
  public static let epsilonPlusRelevance = relevance(
    "epsilon-plus", "ε and z⁺ rules", RelevanceRule(dense: .epsilon, convolution: .zPlus))

  /// Zennit's composite `EpsilonGammaBox`, the box from the least to the largest element of each input.
  public static let epsilonGammaBoxRelevance = relevance(
    "epsilon-gamma-box", "ε and γ rules, boxed input",
    RelevanceRule(dense: .epsilon, convolution: .gamma(0.25), first: .zBox))

  /// Zennit's composite `EpsilonPlusFlat`.
  public static let epsilonPlusFlatRelevance = relevance(
    "epsilon-plus-flat", "ε and z⁺ rules, flat at the input",
    RelevanceRule(dense: .epsilon, convolution: .zPlus, first: .flat))
}
