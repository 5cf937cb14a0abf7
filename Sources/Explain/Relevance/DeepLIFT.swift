public import Tensors

/// DeepLIFT: what each element contributes to the difference from a baseline, `(x − b) · m` with multipliers m for which
/// the contributions of a row sum to `score(x) − score(b)`.
///
/// Shrikumar et al., ICML 2017, the rescale rule; Captum's `DeepLift` (`GradientRule.rescale` says where they differ).
public struct DeepLIFT: InputMethod {
  /// What is compared with.
  public let baseline: Baseline

  public init(baseline: Baseline = .constant(0)) { self.baseline = baseline }

  public var usesBaseline: Bool { true }

  public func attribute(_ function: some ScoreFunction, at x: Tensor) throws -> Tensor {
    let start = try baseline.rows(like: x)
    return x.minus(start).times(try function.multipliers(at: x, from: start))
  }
}

extension AttributionMethod {
  public static let deepLIFT = AttributionMethod("deeplift", title: "DeepLIFT", quantity: "logit per bin") {
    .input(DeepLIFT(baseline: $0.nothing))
  }
}
