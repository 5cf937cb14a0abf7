public import Tensors

/// Input times gradient, `x · ∂score/∂x`: what each bin contributes, to first order and counted from zero.
///
/// Shrikumar et al., 2016; Captum's `InputXGradient`.
public struct InputXGradient: InputMethod {
  public init() {}

  public var isOfGradients: Bool { true }

  public func attribute(_ function: some ScoreFunction, at x: Tensor) throws -> Tensor {
    x.times(try function.gradient(at: x))
  }
}

extension AttributionMethod {
  public static let inputXGradient = AttributionMethod(
    "input-x-gradient", title: "Input x gradient", quantity: "logit per bin"
  ) { _ in .input(InputXGradient()) }
}
