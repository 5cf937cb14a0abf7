import ArgumentParser
import Explain
import Graphs
import Tensors

/// The attribution methods, by the names that commands use.
enum AttributionMethod: String, CaseIterable, ExpressibleByArgument {
  case saliency
  case signedSaliency = "saliency-signed"
  case smoothGrad = "smoothgrad"
  case gradCAM = "grad-cam"
  case guidedBackpropagation = "guided-backprop"
  case deconvolution

  static var allNames: String { allCases.map(\.rawValue).joined(separator: ", ") }

  /// What some of the methods can be told.
  struct Settings {
    var layer: TensorName?
    var samples = 50
    /// Absolute; nil is a share of the range.
    var sigma: Float?
    var noise: Tensor?
    var seed: UInt64 = 0
    var progress: @Sendable (Int, Int) -> Void = { _, _ in }

    var smoothGrad: SmoothGrad {
      var method = SmoothGrad(
        samples: samples, sigma: sigma.map { .absolute($0) } ?? .relative(0.15), seed: seed, noise: noise)
      method.progress = progress
      return method
    }
  }

  /// The method as one that works on the input by gradients; nil for class activation maps.
  func gradientMethod(_ settings: Settings) -> (any GradientMethod)? {
    switch self {
    case .saliency: Saliency()
    case .signedSaliency, .guidedBackpropagation, .deconvolution: Saliency(signed: true)
    case .smoothGrad: settings.smoothGrad
    case .gradCAM: nil
    }
  }

  /// The method as one that makes a map of a layer; nil for the others.
  var classActivationMethod: (any ClassActivationMethod)? { self == .gradCAM ? GradCAM() : nil }

  var rule: GradientRule {
    switch self {
    case .guidedBackpropagation: .guided
    case .deconvolution: .deconvolution
    case .saliency, .signedSaliency, .smoothGrad, .gradCAM: .standard
    }
  }

  /// The attribution of each row of `x`: shaped as `x`, or `[N, 1, places…]` of the layer for class activation maps.
  func attribute(_ score: NetworkScore, at x: Tensor, _ settings: Settings) throws -> Tensor {
    var score = score
    score.rule = rule
    if let method = classActivationMethod {
      let shapes = try score.network.graph.shapes(for: [score.network.graph.inputs[0].name: x.shape])
      let layer = try settings.layer ?? score.network.graph.lastConvolution(before: score.tensor, shapes: shapes)
      return try method.map(score, layer: layer, at: x)
    }
    guard let method = gradientMethod(settings) else { return x }
    return try method.attribute(score, at: x)
  }
}
