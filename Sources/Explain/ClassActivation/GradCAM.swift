import Graphs
public import Tensors

/// Grad-CAM: which places of a layer's map argue for the target.
///
/// `cam[n, p] = max(0, Σ_c w[n, c] · A[n, c, p])`, with `w[n, c]` the mean over places of `∂score/∂A[n, c, ·]`.
/// Selvaraju et al., ICCV 2017. Captum's `LayerGradCam` leaves out the final `max`; `rectified = false` does that.
public struct GradCAM: GradientWeighting {
  public var rectified: Bool

  public init(rectified: Bool = true) { self.rectified = rectified }

  public func weigh(_ activations: Tensor, _ gradients: Tensor) -> Tensor {
    let places = Float(max(1, gradients.shape.dimensions.dropFirst(2).reduce(1, *)))
    let weights = gradients.channelSums.map { $0 / places }
    return activations.sumOverChannels(weights: weights, rectified: rectified)
  }
}

extension AttributionMethod {
  public static let gradCAM = AttributionMethod(
    "grad-cam", title: "Grad-CAM", quantity: "Grad-CAM, logit per bin"
  ) { _ in .classActivation(GradCAM()) }

  /// The map of Grad-CAM where guided backpropagation finds detail: their product.
  ///
  /// Selvaraju et al., ICCV 2017; Captum's `GuidedGradCam`, whose map is not rectified only where asked.
  public static let guidedGradCAM = AttributionMethod(
    "guided-grad-cam", title: "Guided Grad-CAM", quantity: "Guided Grad-CAM", rule: .guided
  ) { _ in .product(Saliency(signed: true), GradCAM()) }
}
