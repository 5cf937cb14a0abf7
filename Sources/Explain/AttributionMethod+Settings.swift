public import Audio
public import Graphs
public import Tensors

extension AttributionMethod {
  /// What some of the methods can be told.
  public struct Settings: Sendable {
    /// The layers of a class activation map; several are fused. Empty for the last convolution.
    public var layers: [TensorName] = []
    /// Noisy copies of SmoothGrad; draws of expected gradients; masks of RISE; perturbed copies of LIME; coalitions of
    /// kernel SHAP; channels of Score-CAM. nil for the method's own number.
    public var samples: Int?
    /// What clips are explained in; an array is explained as it is.
    public var domain = Domain.logMel
    /// Standard deviation of SmoothGrad's noise, in units of the input; nil for 15 % of its range, 1 % where the input is
    /// a clip's magnitudes or samples.
    public var sigma: Float?
    /// Noise to use instead of drawn noise.
    public var noise: Tensor?
    public var seed: UInt64 = 0
    /// Points on the path of integrated gradients.
    public var steps = 50
    /// How complete integrated gradients must be; nil leaves it at `steps` points.
    public var tolerance: Double?
    /// Extents of occlusion's window along the last axes of the input.
    public var window = [16, 16]
    /// Distances between occlusion's windows; nil for windows side by side.
    public var strides: [Int]?
    /// Slices of time and groups of bands that LIME and kernel SHAP take for one; cells of RISE's masks. nil for the
    /// method's own.
    public var segments: [Int]?
    /// What counts as nothing; nil for a front end's silence in a clip, for zero in an array.
    public var baseline: Baseline?
    /// What the sound consists of, for audioLIME, at the front end's rate; empty for its own components.
    public var stems: [Stem] = []
    /// What expected gradients begin from; empty for the baseline alone.
    public var backgrounds: [Baseline] = []
    /// Told the evaluations done.
    public var control = RunControl()

    public init() {}

    var nothing: Baseline { baseline ?? .constant(0) }

    func layers(for score: NetworkScore, at x: Tensor) throws -> [TensorName] {
      layers.isEmpty ? [try score.defaultLayer(at: x.shape)] : layers
    }
  }
}
