public import Tensors

/// Grad-CAM: which places of a layer's map argue for the target.
///
/// `cam[n, p] = max(0, Σ_c w[n, c] · A[n, c, p])`, with `w[n, c]` the mean over places of `∂score/∂A[n, c, ·]`.
/// Selvaraju et al., ICCV 2017. Captum's `LayerGradCam` leaves out the final `max`; `rectified = false` does that.
public struct GradCAM: ClassActivationMethod {
  public var rectified: Bool

  public init(rectified: Bool = true) { self.rectified = rectified }

  public func weigh(_ activations: Tensor, _ gradients: Tensor) -> Tensor {
    let shape = activations.shape
    let places = shape.dimensions.dropFirst(2).reduce(1, *)
    var map = Tensor(Shape([shape[0], 1] + shape.dimensions.dropFirst(2)))
    map.withUnsafeMutableValues { map in
      activations.withUnsafeValues { activations in
        gradients.withUnsafeValues { gradients in
          for row in 0..<shape[0] {
            let sums = UnsafeMutableBufferPointer(rebasing: map[row * places..<(row + 1) * places])
            for channel in 0..<shape[1] {
              let start = (row * shape[1] + channel) * places
              var weight: Float = 0
              for place in 0..<places { weight += gradients[start + place] }
              weight /= Float(places)
              for place in 0..<places { sums[place] += weight * activations[start + place] }
            }
            if rectified { for place in 0..<places { sums[place] = max(0, sums[place]) } }
          }
        }
      }
    }
    return map
  }
}
