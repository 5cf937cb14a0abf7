public import Graphs
public import Models
public import Tensors

/// A way to explain a score, by the name that commands use.
///
/// Each method is declared beside what it computes; `all` lists them. Names put together with `+` are methods, too:
/// `guided-backprop+smoothgrad` is SmoothGrad over guided backpropagation (`init(named:)`).
public struct AttributionMethod: Sendable {
  public let name: String
  /// For titles.
  public let title: String
  /// What a picture of the method shows, with its unit.
  public let quantity: String
  /// How gradients flow back.
  public let rule: GradientRule
  /// Whether a picture shows magnitudes although the attribution has signs.
  let isShownAsMagnitude: Bool
  let procedure: @Sendable (Settings) -> Procedure

  /// How a method goes about it.
  enum Procedure {
    /// By asking for scores and gradients at inputs.
    case input(any InputMethod)
    /// By a map of a layer.
    case classActivation(any ClassActivationMethod)
    /// By the product of both, the map brought to the size of the input.
    case product(any InputMethod, any ClassActivationMethod)
    /// By what a clip's samples are made of.
    case sound(AudioLIME)
  }

  init(
    _ name: String, title: String, quantity: String, rule: GradientRule = .standard,
    isShownAsMagnitude: Bool = false, _ procedure: @escaping @Sendable (Settings) -> Procedure
  ) {
    self.name = name
    self.title = title
    self.quantity = quantity
    self.rule = rule
    self.isShownAsMagnitude = isShownAsMagnitude
    self.procedure = procedure
  }

  /// Whether it can explain a model's sounds in that domain.
  ///
  /// In the STFT, what perturbs the input mutes or replaces tiles of time and frequency of the sound itself. Relevance and
  /// maps of layers go beyond the picture only where nothing but linear steps stands before the network: there maps lie on
  /// the axis of time, the same for all frequencies. Samples are explained by gradients alone.
  public func explains(in domain: Domain, of model: AudioModel) -> Bool {
    let procedure = procedure(Settings())
    switch (domain, procedure) {
    // Channels have no common spectrum, and no components in common.
    case (.stft, _), (.waveform, _), (_, .sound): if model.channelCount > 1 { return false }
    default: break
    }
    switch (domain, procedure) {
    case (.logMel, _): return true
    case (.stft, .input): return !rule.startsFromScore || !model.hearsMagnitudes
    case (.stft, _): return !model.hearsMagnitudes
    case (.waveform, .input(let method)):
      return method.asksForGradientsOnly || rule.startsFromScore && !model.hearsMagnitudes
    case (.waveform, _): return false
    }
  }

  /// What a picture of the method in that domain shows, with its unit.
  public func quantity(in domain: Domain) -> String {
    let told = quantity.replacing("log-mel", with: domain.unit)
    return domain == .waveform ? told.replacing("per bin", with: "per sample") : told
  }

  /// The attribution of each row of `x`: shaped as `x`, or `[N, 1, places…]` of the layer for a class activation map of
  /// one layer.
  ///
  /// - Parameter isResized: brings the map of one layer to the size of the input, too.
  /// - Throws: `ExplainError.needsSamples` where the method takes sounds apart: see `AudioModel.explain`.
  public func attribute(
    _ score: NetworkScore, at x: Tensor, _ settings: Settings, isResized: Bool = false
  ) throws -> Tensor {
    var score = score
    score.rule = rule
    switch procedure(settings) {
    case .input(let method): return try method.attribute(score, at: x)
    case .classActivation(let method):
      let layers = try mappedLayers(settings, score, at: x)
      guard !isResized, let layer = layers.first, layers.count == 1 else {
        return try method.map(score, layers: layers, at: x)
      }
      return try method.map(score, layer: layer, at: x)
    case .product(let method, let map):
      return try method.attribute(score, at: x).times(
        map.map(score.standard, layers: mappedLayers(settings, score, at: x), at: x))
    case .sound: throw ExplainError.needsSamples(name)
    }
  }

  /// The layers of a class activation map, checked: each has a place for every row along its first axis.
  private func mappedLayers(_ settings: Settings, _ score: NetworkScore, at x: Tensor) throws -> [TensorName]
  {
    guard !score.network.isWalking else { throw ExplainError.layerAcrossSteps(name) }
    let layers = try settings.layers(for: score, at: x)
    let survey = try score.network.survey(at: score.inputShapes(beside: x.shape))
    for layer in layers where survey.axis(of: layer) != 0 {
      throw ExplainError.layerWithoutPlaces(layer, shape: survey.fileShapes[layer]?.description ?? "[]")
    }
    return layers
  }
}

extension AttributionMethod: Hashable, CustomStringConvertible {
  public static func == (a: AttributionMethod, b: AttributionMethod) -> Bool { a.name == b.name }
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
  public var description: String { name }
}

extension AttributionMethod {
  /// Every method that has a name of its own and explains arrays.
  public static let all: [AttributionMethod] = [
    saliency, signedSaliency, inputXGradient, smoothGrad, squaredSmoothGrad, varGrad, integratedGradients,
    expectedGradients, guidedBackpropagation, deconvolution,
    cam, gradCAM, gradCAMPlusPlus, layerCAM, scoreCAM, eigenCAM, guidedGradCAM,
    occlusion,
    occlusionTime, occlusionBands, rise, limeTime, limeFrequency, lime, kernelSHAP,
    epsilonRelevance, gammaRelevance, zPlusRelevance, alphaBetaRelevance, epsilonPlusRelevance,
    epsilonGammaBoxRelevance, epsilonPlusFlatRelevance, deepLIFT,
  ]

  /// Those that explain sounds only.
  public static let ofSounds: [AttributionMethod] = [audioLIME]

  /// The method called `name`, or put together of two: a gradient method, `+`, and what is made of its gradients.
  ///
  /// - Throws: `ExplainError.unknownMethod`, `.composition`.
  public init(named name: String) throws {
    let parts = name.split(separator: "+", omittingEmptySubsequences: false).map(String.init)
    if let known = (Self.all + Self.ofSounds + Self.controls).first(where: { $0.name == name }) {
      self = known
    } else if parts.count == 2, let base = Self.all.first(where: { $0.name == parts[0] }) {
      self = try base.combined(with: parts[1])
    } else {
      throw ExplainError.unknownMethod(
        name, nearest: nearest(to: name, among: (Self.all + Self.ofSounds).map(\.name)))
    }
  }

  private func combined(with name: String) throws -> AttributionMethod {
    guard let outer = Self.combining.first(where: { $0.name == name }) else {
      throw ExplainError.unknownMethod(name, nearest: Self.combining.map(\.name))
    }
    let whole = "\(self.name)+\(name)"
    guard case .input(let inner) = procedure(Settings()), inner.isOfGradients,
      name != Self.integratedGradients.name || inner is Saliency
    else {
      throw ExplainError.composition(whole, reason: "\(self.name) is not a gradient to put into \(name)")
    }
    return AttributionMethod(
      whole, title: "\(outer.title) of \(title.lowercasedFirst)", quantity: "\(name) of \(quantity)",
      rule: rule
    ) { [procedure] settings in
      guard case .input(let inner) = procedure(settings) else { return procedure(settings) }
      guard case .input(let tunnel as SmoothGrad) = outer.procedure(settings) else {
        return outer.procedure(settings)
      }
      return .input(tunnel.of(inner))
    }
  }

  /// What can stand behind a `+`.
  private static let combining = [smoothGrad, squaredSmoothGrad, varGrad, integratedGradients]
}

extension String {
  /// In the middle of a sentence.
  var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
