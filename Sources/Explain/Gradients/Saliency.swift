public import Tensors

/// Saliency: how much the score changes with each input bin, `|∂score/∂x|`, or the derivative itself.
///
/// Simonyan et al., 2014; Captum's `Saliency` (`abs=True` or `False`).
public struct Saliency: GradientMethod {
  /// Keep the sign: positive where more energy would raise the score.
  public var signed: Bool

  public init(signed: Bool = false) { self.signed = signed }

  public func attribute(_ function: some ScoreFunction, at x: Tensor) throws -> Tensor {
    var gradient = try function.gradient(at: x)
    if !signed {
      gradient.withUnsafeMutableValues { values in for place in values.indices { values[place].formMagnitude() } }
    }
    return gradient
  }
}

extension Float {
  fileprivate mutating func formMagnitude() { self = magnitude }
}
