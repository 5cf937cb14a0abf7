public import Tensors

/// Saliency: how much the score changes with each input bin, `|∂score/∂x|`, or the derivative itself.
///
/// Simonyan et al., 2014; Captum's `Saliency` (`abs=True` or `False`).
public struct Saliency: InputMethod {
  /// Keep the sign: positive where more energy would raise the score.
  public var signed: Bool

  public init(signed: Bool = false) { self.signed = signed }

  public func attribute(_ function: some ScoreFunction, at x: Tensor) throws -> Tensor {
    let gradient = try function.gradient(at: x)
    return signed ? gradient : gradient.magnitudes
  }
}

extension Tensor {
  /// `|a|`, element by element.
  var magnitudes: Tensor {
    withUnsafeValues { values in
      Tensor(unsafeUninitialized: shape) { result in
        for place in values.indices { result[place] = abs(values[place]) }
      }
    }
  }
}
