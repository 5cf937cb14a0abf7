public import Graphs
public import Tensors

/// The attribution methods, by the names that commands use.
public enum AttributionMethod: String, CaseIterable, Sendable {
  case saliency
  case signedSaliency = "saliency-signed"
  case inputXGradient = "input-x-gradient"
  case smoothGrad = "smoothgrad"
  case integratedGradients = "integrated-gradients"
  case gradCAM = "grad-cam"
  case guidedBackpropagation = "guided-backprop"
  case deconvolution
  case occlusion

  /// What some of the methods can be told.
  public struct Settings: Sendable {
    /// The layer of a class activation map; nil for the last convolution.
    public var layer: TensorName?
    /// Noisy copies of SmoothGrad.
    public var samples = 50
    /// Standard deviation of SmoothGrad's noise, in units of the input; nil for 15 % of its range.
    public var sigma: Float?
    /// Noise to use instead of drawn noise.
    public var noise: Tensor?
    public var seed: UInt64 = 0
    /// Points on the path of integrated gradients.
    public var steps = 50
    /// Extents of occlusion's window along the last axes of the input.
    public var window = [16, 16]
    /// Distances between occlusion's windows; nil for windows side by side.
    public var strides: [Int]?
    /// What counts as nothing: where integrated gradients begin, and what occlusion puts in.
    public var baseline: Float = 0
    /// Called with the evaluations done and their number.
    public var progress: @Sendable (Int, Int) -> Void = { _, _ in }

    public init() {}

    var integratedGradients: IntegratedGradients {
      var method = IntegratedGradients(steps: steps, baseline: baseline)
      method.progress = progress
      return method
    }

    var occlusion: Occlusion {
      var method = Occlusion(window: window, strides: strides, baseline: baseline)
      method.progress = progress
      return method
    }

    var smoothGrad: SmoothGrad {
      var method = SmoothGrad(
        samples: samples, sigma: sigma.map { .absolute($0) } ?? .relative(0.15), seed: seed, noise: noise)
      method.progress = progress
      return method
    }
  }

  /// For titles.
  public var title: String {
    switch self {
    case .saliency: "Saliency"
    case .signedSaliency: "Signed saliency"
    case .inputXGradient: "Input x gradient"
    case .smoothGrad: "SmoothGrad"
    case .integratedGradients: "Integrated gradients"
    case .gradCAM: "Grad-CAM"
    case .guidedBackpropagation: "Guided backpropagation"
    case .deconvolution: "Deconvolution"
    case .occlusion: "Occlusion"
    }
  }

  /// What a picture of the method shows, with its unit.
  public var quantity: String {
    switch self {
    case .saliency: "|∂logit / ∂log-mel|"
    case .signedSaliency: "∂logit / ∂log-mel"
    case .smoothGrad: "|mean ∂logit / ∂log-mel|"
    case .inputXGradient, .integratedGradients: "logit per bin"
    case .gradCAM: "Grad-CAM, logit per bin"
    case .guidedBackpropagation: "guided ∂logit / ∂log-mel"
    case .deconvolution: "deconvolved logit"
    case .occlusion: "fall of the logit"
    }
  }

  /// Whether a picture shows magnitudes although the attribution has signs.
  var isShownAsMagnitude: Bool { self == .smoothGrad }

  /// How a method goes about it.
  enum Procedure {
    /// By asking for scores and gradients at inputs.
    case input(any InputMethod)
    /// By a map of a layer.
    case classActivation(any ClassActivationMethod)
  }

  func procedure(_ settings: Settings) -> Procedure {
    switch self {
    case .saliency: .input(Saliency())
    case .signedSaliency, .guidedBackpropagation, .deconvolution: .input(Saliency(signed: true))
    case .inputXGradient: .input(InputXGradient())
    case .smoothGrad: .input(settings.smoothGrad)
    case .integratedGradients: .input(settings.integratedGradients)
    case .occlusion: .input(settings.occlusion)
    case .gradCAM: .classActivation(GradCAM())
    }
  }

  /// How gradients flow back.
  public var rule: GradientRule {
    switch self {
    case .guidedBackpropagation: .guided
    case .deconvolution: .deconvolution
    default: .standard
    }
  }

  /// The attribution of each row of `x`: shaped as `x`, or `[N, 1, places…]` of the layer for class activation maps.
  public func attribute(_ score: NetworkScore, at x: Tensor, _ settings: Settings) throws -> Tensor {
    var score = score
    score.rule = rule
    switch procedure(settings) {
    case .input(let method): return try method.attribute(score, at: x)
    case .classActivation(let method):
      return try method.map(score, layer: settings.layer ?? score.defaultLayer(at: x.shape), at: x)
    }
  }
}
