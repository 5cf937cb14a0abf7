public import Tensors

/// Grad-CAM++: Grad-CAM in which places weigh by how much they alone would raise the score, so that several sounds of one
/// class all show.
///
/// `cam[n, p] = max(0, Σ_c w[n, c] · A[n, c, p])`, `w[n, c] = Σ_p α[n, c, p] · max(0, g[n, c, p])`,
/// `α = g² / (2 g² + g³ · Σ_p A + 10⁻⁶)`, 0 where `g = 0`, with `g = ∂score/∂A`. Chattopadhyay et al., WACV 2018, in the
/// form of pytorch-grad-cam's `GradCAMPlusPlus`.
public struct GradCAMPlusPlus: GradientWeighting {
  public init() {}

  public func weigh(_ activations: Tensor, _ gradients: Tensor) -> Tensor {
    let places = max(1, gradients.shape.dimensions.dropFirst(2).reduce(1, *))
    let sums = activations.channelSums
    let weights = gradients.withUnsafeValues { gradients in
      sums.enumerated().map { channel, sum in
        gradients[channel * places..<(channel + 1) * places].reduce(Float(0)) { weight, gradient in
          let square = gradient * gradient
          let whole = 2 * square + square * gradient * sum + 1e-6
          return gradient > 0 && whole != 0 ? weight + square / whole * gradient : weight
        }
      }
    }
    return activations.sumOverChannels(weights: weights, rectified: true)
  }
}

extension AttributionMethod {
  public static let gradCAMPlusPlus = AttributionMethod(
    "grad-cam++", title: "Grad-CAM++", quantity: "Grad-CAM++"
  ) { _ in .classActivation(GradCAMPlusPlus()) }
}
