import Graphs
public import Tensors

/// Saliency: how much the score changes with each input bin, `|∂score/∂x|`, or the derivative itself.
///
/// Simonyan et al., 2014; Captum's `Saliency` (`abs=True` or `False`). With another rule for the way back it is guided
/// backpropagation or deconvolution.
public struct Saliency: InputMethod {
  /// Keep the sign: positive where more energy would raise the score.
  public var signed: Bool

  public init(signed: Bool = false) { self.signed = signed }

  public var isOfGradients: Bool { true }

  public func attribute(_ function: some ScoreFunction, at x: Tensor) throws -> Tensor {
    let gradient = try function.gradient(at: x)
    return signed ? gradient : gradient.magnitudes
  }
}

extension AttributionMethod {
  public static let saliency = AttributionMethod(
    "saliency", title: "Saliency", quantity: "|∂logit / ∂log-mel|"
  ) { _ in .input(Saliency()) }

  public static let signedSaliency = AttributionMethod(
    "saliency-signed", title: "Signed saliency", quantity: "∂logit / ∂log-mel"
  ) { _ in .input(Saliency(signed: true)) }

  public static let guidedBackpropagation = AttributionMethod(
    "guided-backprop", title: "Guided backpropagation", quantity: "guided ∂logit / ∂log-mel", rule: .guided
  ) { _ in .input(Saliency(signed: true)) }

  public static let deconvolution = AttributionMethod(
    "deconvolution", title: "Deconvolution", quantity: "deconvolved logit", rule: .deconvolution
  ) { _ in .input(Saliency(signed: true)) }
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
