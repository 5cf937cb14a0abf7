import Audio
public import Graphs
public import Models
public import Tensors

/// Why a model gave a clip one of its classes, or why its embedding lies where it does, according to one method.
public struct ClipExplanation: Sendable {
  public let method: AttributionMethod
  public let question: Question
  /// What is explained, as it is reported for the clip: a class's probability, or the value of an embedding's score.
  public let value: Float
  /// The layers of a class activation map.
  public let layers: [TensorName]
  public let domain: Domain
  /// Whether the picture is one that the network makes.
  let isOfInnerPicture: Bool
  /// The method's own result on the clip's log-mel bins, `[frames, bands]`, or on what the domain has; signed where the
  /// method is.
  public let attribution: Tensor
  /// How strong the attribution is: its magnitude, or in the waveform its envelope, a number a frame.
  let strength: Tensor
  /// Everything that decides the result, by name, for reports.
  public let parameters: [(name: String, value: String)]

  /// The class that was asked about; nil where it was an embedding.
  public var target: Target? {
    guard case .target(let target) = question else { return nil }
    return target
  }

  /// What a picture shows in numbers, with its unit.
  public var quantity: String {
    var told = method.quantity(in: domain)
    if isOfInnerPicture { told = told.replacing("log-mel", with: "value") }
    switch question {
    case .target(let target): return told.replacing("logit", with: target.quantity.rawValue)
    case .embedding(let question):
      return told.replacing("logit", with: question.kind == .like ? "cosine" : "embedding")
    }
  }

  /// What a picture shows: the attribution, or its magnitude where that is the custom.
  public var picture: Tensor { method.isShownAsMagnitude ? attribution.magnitudes : attribution }

  /// The share of the sound that counts as heard, bin by bin in 0...1: `min(1, |a| / q)`, with `q` the 90th percentile
  /// of `|a|`: the strongest tenth is heard in full, and a network that hears the logarithm of energy no longer hears it
  /// in the rest. All zero where the attribution is. In the waveform `|a|` is
  /// its mean under the window of each frame, and the mask `[frames]`: sample by sample it would be heard as noise.
  public var mask: Tensor {
    let sorted = strength.values.sorted()
    guard let largest = sorted.last, largest > 0 else { return strength }
    let quantile = sorted[Int(Double(sorted.count - 1) * 0.9)]
    let full = quantile > 0 ? quantile : largest
    var mask = strength
    mask.withUnsafeMutableValues { values in
      for place in values.indices { values[place] = min(1, values[place] / full) }
    }
    return mask
  }

  /// How `mask` is made, for reports.
  public static let maskRule = "min(1, |attribution| / its 90th percentile)"
}

extension AudioModel {
  /// Explains one class of what was heard in a clip.
  ///
  /// The score is the class's logit, averaged over the clip's patches. Gradient methods give its exact derivative with
  /// respect to the clip's log-mel bins, or to what `given.domain` says; class activation maps are averaged over the
  /// patches that cover a bin.
  ///
  /// - Parameter memory: what is remembered of patches that come up again; one for several questions about the same clip
  ///   and network shares what they have in common.
  public func explain(
    _ listening: Listening, target: Target, by method: AttributionMethod,
    _ given: AttributionMethod.Settings, memory: RowMemory = RowMemory()
  ) throws -> ClipExplanation {
    try explain(listening, .target(target), by: method, given, memory: memory)
  }

  /// The same of any question: of an embedding, the score is what the question says.
  public func explain(
    _ listening: Listening, _ question: Question, by method: AttributionMethod,
    _ given: AttributionMethod.Settings, memory: RowMemory = RowMemory()
  ) throws -> ClipExplanation {
    let domain = given.domain
    guard method.explains(in: domain, of: self) else { throw ExplainError.notInDomain(method.name, domain) }
    if domain != .logMel, silentPatch != nil, let samples = listening.samples {
      // Behind the cut there are no samples: these are asked of the whole network.
      let model = onWholeNetwork
      return try model.explain(model.listen(to: samples), question, by: method, given, memory: memory)
    }
    let asked = try ClipQuestion(question, listening, self, rule: method.rule, memory: memory)
    var parameters = [("method", method.name)] + asked.parameters
    for baseline in [given.baseline].compactMap({ $0 }) + given.backgrounds where !domain.knows(baseline) {
      throw ExplainError.baselineNotInDomain(baseline, domain)
    }
    if domain != .logMel { parameters.append(("domain", domain.title)) }
    let clip = try row(of: listening, in: domain)
    var layers: [TensorName] = []
    var settings = given
    settings.baseline = given.baseline ?? domain.silence(of: self)
    let nothing = given.baseline?.description ?? "silence"

    func attribution(by input: any InputMethod) throws -> Tensor {
      parameters += input.parameters(at: clip)
      if input.usesBaseline { parameters.append(("baseline", nothing)) }
      return try self.attribution(
        by: input, asked.clip, in: domain, at: clip, of: listening.samples,
        isRelevance: method.rule.startsFromScore
      ).reshaped(
        to: Shape(Array(clip.shape.dimensions.dropFirst())))
    }
    func map(by activation: any ClassActivationMethod) throws -> Tensor {
      guard asked.isOfPatches || !(activation is ScoreCAM) else {
        throw ExplainError.notOfPatches(method.name)
      }
      guard !isStateful else { throw ExplainError.layerAcrossSteps(method.name) }
      layers = settings.layers
      if layers.isEmpty { layers = [try asked.defaultLayer(at: patchInputShape[inputName] ?? [])] }
      parameters.append(
        (
          "layer",
          layers.joined(separator: ", ") + (settings.layers.isEmpty ? " (the last convolutional one)" : "")
        ))
      parameters += activation.parameters
      parameters.append(("resizing", "bilinear, receptive fields' centres aligned"))
      let map = try clipMap(
        activation, asked.patches.map { ($0.patches, $0.score.standard) }, layers: layers,
        logMel: listening.logMel)
      return domain == .logMel ? map : spread(map, over: clip)
    }

    let result: Tensor
    switch method.procedure(settings) {
    case .input(let input): result = try attribution(by: input)
    case .classActivation(let activation): result = try map(by: activation)
    case .product(let input, let activation):
      result = try attribution(by: input).times(map(by: activation))
    case .sound(let audioLIME):
      guard let samples = listening.samples else { throw ExplainError.needsSamples(method.name) }
      let (map, components) = try audioLIME.attribute(self, ofClip: asked.clip, at: samples, in: domain)
      parameters += audioLIME.parameters(components, unit: question.unit)
      result = map
    }
    parameters.append(("mask for sound", ClipExplanation.maskRule))
    return ClipExplanation(
      method: method, question: question, value: asked.value, layers: layers, domain: domain,
      isOfInnerPicture: hasInnerPicture && domain == .logMel,
      attribution: result,
      strength: domain == .waveform ? envelope(of: result) : result.magnitudes,
      parameters: parameters)
  }
}
