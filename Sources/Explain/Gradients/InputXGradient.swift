public import Tensors

/// Input times gradient, `x · ∂score/∂x`: what each bin contributes, to first order and counted from zero.
///
/// Shrikumar et al., 2016; Captum's `InputXGradient`.
public struct InputXGradient: InputMethod {
  public init() {}

  public func attribute(_ function: some ScoreFunction, at x: Tensor) throws -> Tensor {
    let gradient = try function.gradient(at: x)
    return Tensor(unsafeUninitialized: x.shape) { result in
      x.withUnsafeValues { x in
        gradient.withUnsafeValues { gradient in
          for place in result.indices { result[place] = x[place] * gradient[place] }
        }
      }
    }
  }
}
