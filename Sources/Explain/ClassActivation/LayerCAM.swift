public import Tensors

/// LayerCAM: each place weighs its own activations by its own gradients, `cam[n, p] = max(0, Σ_c max(0, g) · A)`, which
/// stays sharp in early layers.
///
/// Jiang et al., IEEE TIP 2021; pytorch-grad-cam's `LayerCAM`.
public struct LayerCAM: GradientWeighting {
  public init() {}

  public func weigh(_ activations: Tensor, _ gradients: Tensor) -> Tensor {
    let shape = activations.shape
    let weighted = activations.withUnsafeValues { activations in
      gradients.withUnsafeValues { gradients in
        Tensor(unsafeUninitialized: shape) { result in
          for place in result.indices { result[place] = max(0, gradients[place]) * activations[place] }
        }
      }
    }
    let ones = [Float](repeating: 1, count: shape[0] * shape[1])
    return weighted.sumOverChannels(weights: ones, rectified: true)
  }
}

extension AttributionMethod {
  public static let layerCAM = AttributionMethod(
    "layer-cam", title: "LayerCAM", quantity: "LayerCAM"
  ) { _ in .classActivation(LayerCAM()) }
}
