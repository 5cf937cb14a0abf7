/// How relevance is handed back from a layer's results to what they were made of.
///
/// Layer-wise relevance propagation (Bach et al., PLoS ONE 2015): the score is shared out among the inputs, layer by layer,
/// so that nothing is lost but what biases and stabilizers absorb. The rules are those of Zennit 0.5
/// (`zennit.rules`), which splits inputs by their signs as well as weights; Captum alters weights only, and differs where
/// inputs are negative.
public struct RelevanceRule: Sendable, Hashable {
  /// A rule for layers `z = w x + b`. `/ₛ` divides by the stabilized denominator.
  public enum Layer: Sendable, Hashable {
    /// `R_x = x · wᵀ(R /ₛ z)`.
    case epsilon
    /// Favours what argues for the sign of the result by `gamma`: as `zPlus`, but with weights `w + γw⁺` and `w + γw⁻` for
    /// positive and negative inputs where `z > 0`, exchanged where `z < 0`. Montavon et al., 2019; Andéol et al., 2021.
    case gamma(Float)
    /// Only what raises the result counts: `R_x = x⁺ · w⁺ᵀ s + x⁻ · w⁻ᵀ s`, `s = R /ₛ (w⁺x⁺ + b⁺ + w⁻x⁻)`.
    case zPlus
    /// `alpha` times that, less `beta` times the same for what lowers the result. `alpha − beta = 1`.
    case alphaBeta(alpha: Float, beta: Float)
    /// Evenly over all the layer can see: as `epsilon` with ones for x and w and no bias. Lapuschkin et al., 2019.
    case flat
    /// For inputs in a box from `l` to `h`, here the least and the largest element of the row:
    /// `R_x = x · wᵀs − l · w⁺ᵀs − h · w⁻ᵀs`, `s = R /ₛ (w x − w⁺l − w⁻h)`. Montavon et al., 2017.
    case zBox
  }

  /// For fully connected layers.
  public var dense: Layer
  /// For convolutions.
  public var convolution: Layer
  /// For layers that read the input through no other layer; nil for the same as elsewhere.
  public var first: Layer?
  /// What is added to a denominator, with its sign; that of 0 counts as positive.
  public var stabilizer: Float
  /// Whether biases are left out of the layers, so that they absorb nothing (Zennit's `zero_params="bias"`).
  public var ignoresBiases: Bool

  public init(
    dense: Layer, convolution: Layer, first: Layer? = nil, stabilizer: Float = 1e-6,
    ignoresBiases: Bool = false
  ) {
    self.dense = dense
    self.convolution = convolution
    self.first = first
    self.stabilizer = stabilizer
    self.ignoresBiases = ignoresBiases
  }

  /// One rule for all layers.
  public init(_ layer: Layer) { self.init(dense: layer, convolution: layer) }
}

extension GradientRule {
  /// Relevance in the place of gradients: what arrives at a tensor is its share of the score.
  ///
  /// Activations, dropout and products with constants hand relevance on unchanged, as do normalizations that cannot be
  /// taken into a layer, except that `epsilon` treats those of constants as a layer of one weight a channel. A maximum
  /// hands it to the winner; means, sums of several tensors and other operations share it out in proportion, `x` times
  /// the operation's own gradient of `R /ₛ z`. A product with a gate (something behind a Sigmoid) hands all to what is
  /// gated, other products half to each factor.
  public static func relevance(_ rule: RelevanceRule) -> GradientRule {
    GradientRule(name: "standard", startsFromScore: true)
      .substituting(RelevanceBackward(rule: rule), as: "relevance \(rule)") { _ in true }
  }
}

extension RelevanceRule.Layer {
  /// What the rule multiplies with what.
  var parts: [RelevancePart] {
    switch self {
    case .epsilon: [RelevancePart([.init(.all, .unchanged, bias: .unchanged)])]
    case .flat: [RelevancePart([.init(.ones, .ones)])]
    case .zBox:
      [
        RelevancePart([
          .init(.all, .unchanged), .init(.least, .positive, isSubtracted: true),
          .init(.largest, .negative, isSubtracted: true),
        ])
      ]
    case .zPlus: [.raising()]
    case .alphaBeta(let alpha, let beta):
      [.raising(factor: alpha), .lowering(factor: -beta)].filter { $0.factor != 0 }
    case .gamma(let gamma): [.raising(gamma, where: .positive), .lowering(gamma, where: .negative)]
    }
  }
}

/// Products that share one denominator: relevance flows back as `factor · Σ ± x · wᵀ s`, `s = R /ₛ Σ ± (w x + b)`.
struct RelevancePart {
  /// One product.
  struct Term {
    var input: Input
    var weights: Change
    var bias: Change?
    var isSubtracted: Bool

    init(_ input: Input, _ weights: Change, bias: Change? = nil, isSubtracted: Bool = false) {
      (self.input, self.weights, self.bias, self.isSubtracted) = (input, weights, bias, isSubtracted)
    }
  }

  /// What stands for the layer's input.
  enum Input { case all, positive, negative, least, largest, ones }

  /// Where the part applies, by the sign of the layer's result.
  enum Sign { case any, positive, negative }

  var terms: [Term]
  var factor: Float = 1
  var sign = Sign.any

  init(_ terms: [Term]) { self.terms = terms }

  /// What raises the layer's result: positive inputs by positive weights, negative inputs by negative ones. With a
  /// `gamma`, the others stay and these are enlarged.
  static func raising(_ gamma: Float? = nil, factor: Float = 1, where sign: Sign = .any) -> RelevancePart {
    let (up, down) = (Change.keeping(.positive, gamma), Change.keeping(.negative, gamma))
    var part = RelevancePart([.init(.positive, up, bias: up), .init(.negative, down)])
    (part.factor, part.sign) = (factor, sign)
    return part
  }

  /// What lowers it.
  static func lowering(_ gamma: Float? = nil, factor: Float = 1, where sign: Sign = .any) -> RelevancePart {
    let (up, down) = (Change.keeping(.positive, gamma), Change.keeping(.negative, gamma))
    var part = RelevancePart([.init(.positive, down, bias: down), .init(.negative, up)])
    (part.factor, part.sign) = (factor, sign)
    return part
  }
}

/// What a rule makes of weights.
enum Change: Hashable {
  case unchanged
  case ones
  /// `w⁺` or `w⁻`, the rest zeros.
  case positive
  case negative
  /// `w + γw⁺` or `w + γw⁻`.
  case favouringPositive(Float)
  case favouringNegative(Float)

  static func keeping(_ sign: RelevancePart.Sign, _ gamma: Float?) -> Change {
    guard let gamma else { return sign == .positive ? .positive : .negative }
    return sign == .positive ? .favouringPositive(gamma) : .favouringNegative(gamma)
  }

  func callAsFunction(_ weight: Float) -> Float {
    switch self {
    case .unchanged: weight
    case .ones: 1
    case .positive: max(0, weight)
    case .negative: min(0, weight)
    case .favouringPositive(let gamma): weight + gamma * max(0, weight)
    case .favouringNegative(let gamma): weight + gamma * min(0, weight)
    }
  }
}
