public import Files
public import Graphs
public import Tensors

/// What can be wrong with the question "why this?".
public enum ExplainError: RemediableError {
  case severalInputs([TensorName])
  case noSuchElement(Int, of: TensorName, count: Int)
  /// A tensor whose rows have no axis of time besides that of the elements.
  case noMoments(TensorName, shape: Shape)
  case noSuchMoment(Int, of: TensorName, count: Int)
  case noSuchChannel(Int, of: TensorName, count: Int)
  /// A direction of another length than the tensor's rows.
  case direction(of: TensorName, expected: Int, got: Int)
  /// A sound whose embedding is zero.
  case noDirection(String, tensor: TensorName)
  /// A tensor that has no row for each patch of a clip.
  case notByPatch(TensorName, shape: Shape)
  /// A model whose logits are made by something else than a linear layer.
  case noEmbedding
  /// A method that asks for scores of patches, where only clips have one.
  case notOfPatches(_ method: String)
  /// A class activation map of a network of sequences, whose layers have their places anew at every step.
  case layerAcrossSteps(_ method: String)
  /// A layer without places: nothing to draw a map on.
  case layerWithoutPlaces(TensorName, shape: String)
  case noConvolution
  /// CAM where the classifier does not read a layer's means.
  case notAveraged(TensorName)
  case noise(expected: String, got: Shape)
  case baseline(expected: String, got: Shape)
  case unknownMethod(String, nearest: [String])
  /// No domain of that name.
  case unknownDomain(String)
  /// A class held against itself.
  case rivalIsTarget(String)
  /// Two methods that cannot be put together.
  case composition(String, reason: String)
  /// DeepLIFT of a function of which only scores and gradients are known.
  case noMultipliers
  /// DeepLIFT of a maximum or a log-sum-exp over moments.
  case poolingNotLinear(TimeSpan.Pooling)
  /// What is asked of patches that depend on those before them.
  case notStateful(_ what: String)
  /// A stretch of time behind the end of what is explained.
  case noMoment(TimeSpan, end: Double)
  /// An occlusion window that does not fit the input.
  case window([Int], strides: [Int], input: Shape)
  /// More segments than a regression can have unknowns.
  case segments(_ frames: Int, _ bands: Int, limit: Int)
  /// A method that takes sounds apart, asked about a picture or an array.
  case needsSamples(_ method: String)
  /// A map, or what it is judged by, that does not fit the input.
  case map(expected: String, got: Shape)
  /// A method that explains no other domain than log-mel.
  case notInDomain(_ method: String, Domain)
  /// A baseline that needs frames and bands.
  case baselineNotInDomain(Baseline, Domain)
  /// A domain behind the picture, where only that is known.
  case domainNeedsSamples(Domain)
  /// More STFT magnitudes than are explained in one piece.
  case tooLarge(frames: Int, bins: Int)
  /// Masks that do not fit the input.
  case masks(expected: String, got: Shape)

  /// Whether the method cannot explain this network at all, while others can.
  public var isOfTheMethod: Bool {
    switch self {
    case .noConvolution, .notAveraged, .layerWithoutPlaces, .layerAcrossSteps, .notInDomain, .noMultipliers,
      .poolingNotLinear, .notOfPatches:
      true
    default: false
    }
  }

  public var isMisuse: Bool {
    switch self {
    case .rivalIsTarget, .unknownDomain, .unknownMethod: true
    default: false
    }
  }

  public var remedy: Remedy? {
    switch self {
    case .notByPatch, .noEmbedding: .nameEmbedding
    case .noConvolution: .nameLayer
    case .segments: .fewerSegments
    case .needsSamples, .domainNeedsSamples: .explainSound
    case .tooLarge: .choosePart
    case .rivalIsTarget: .nameAnotherRival
    default: nil
    }
  }

  public var description: String {
    switch self {
    case .severalInputs(let names):
      "the model has \(names.count) inputs (\(names.joined(separator: ", "))); one can be explained at a time, while "
        + "the others are held"
    case .noSuchElement(let element, let tensor, let count):
      "'\(tensor)' has \(count) elements a row, there is no element \(element); choose 0 to \(count - 1)"
    case .noMoments(let tensor, let shape):
      "a row of '\(tensor)' has the shape \(shape), without an axis of time before that of the elements: leave out the "
        + "moment"
    case .noSuchMoment(let moment, let tensor, let count):
      "'\(tensor)' has \(count) moments, there is no moment \(moment); choose 0 to \(count - 1)"
    case .noSuchChannel(let channel, let tensor, let count):
      "'\(tensor)' has \(count) channels, there is no channel \(channel); choose 0 to \(count - 1)"
    case .direction(let tensor, let expected, let got):
      "the direction has \(got) numbers, and '\(tensor)' \(expected) a row: give one for each"
    case .noDirection(let name, let tensor):
      "the embedding '\(tensor)' of \(name) is zero and has no direction; choose another sound or tensor"
    case .notByPatch(let tensor, let shape):
      "'\(tensor)' of shape \(shape) has no row for each patch of the clip and is no embedding: it must lie "
        + "behind the input"
    case .noEmbedding:
      "no linear layer makes the model's logits, so that nothing is its embedding"
    case .notOfPatches(let method):
      "\(method) asks for the scores of masked patches, and only whole clips have a similarity: use grad-cam"
    case .layerAcrossSteps(let method):
      "\(method) maps one layer, and a network with state has that layer anew at every step; gradients explain all steps, "
        + "such as saliency, smoothgrad and integrated-gradients"
    case .layerWithoutPlaces(let name, let shape):
      "layer '\(name)' of shape \(shape) has no places to map; choose one before the pooling or flattening"
    case .noConvolution: "the model has no convolution to make a map of"
    case .notAveraged(let layer):
      "CAM needs a layer that the network averages over its places and classifies by a linear layer; what follows "
        + "'\(layer)' is more than that: use grad-cam, which needs neither, or name another layer"
    case .noise(let expected, let got):
      "the noise has shape \(got), expected \(expected): [samples] + one input row"
    case .baseline(let expected, let got): "the baseline needs \(expected), got the shape \(got)"
    case .unknownMethod(let name, let nearest):
      "there is no method '\(name)'; nearest: \(nearest.joined(separator: ", "))"
    case .unknownDomain(let name):
      "there is no domain '\(name)'; there are \(Domain.allCases.map(\.rawValue).joined(separator: ", "))"
    case .rivalIsTarget(let label): "'\(label)' is held against itself"
    case .composition(let name, let reason): "method '\(name)': \(reason)"
    case .noMultipliers:
      "DeepLIFT needs to see the operations of a network; this score tells only its gradient"
    case .poolingNotLinear(let pooling):
      "DeepLIFT shares out sums, and '\(pooling.rawValue)' over moments is none: ask for the mean, or use another method"
    case .notStateful(let what):
      "\(what) is asked of each patch by itself, and this network carries a state from patch to patch: ask about a class"
    case .noMoment(let span, let end):
      "there is nothing at \(span): what is explained ends at \(Float(end)) s"
    case .window(let window, let strides, let input):
      "a window of \(Occlusion.described(window)) every \(Occlusion.described(strides)) places does not fit an "
        + "input of shape \(input): give up to \(max(0, input.rank - 1)) extents, one for each of the last axes"
    case .segments(let frames, let bands, let limit):
      "\(frames) by \(bands) segments are more than the \(limit) that can be told apart"
    case .needsSamples(let method):
      "\(method) takes the sound apart and so needs its samples"
    case .map(let expected, let got): "the shape is \(got), expected \(expected)"
    case .notInDomain(let method, let domain):
      "\(method) explains pictures, not the \(domain.rawValue) domain of this model; gradients do, such as saliency, smoothgrad and "
        + "integrated-gradients"
    case .baselineNotInDomain(let baseline, let domain):
      "the baseline '\(baseline)' needs frames and bands, which the \(domain.rawValue) domain has not; use silence, noise "
        + "or a sound"
    case .domainNeedsSamples(let domain):
      "the \(domain.rawValue) domain needs samples, and what is explained is a picture"
    case .tooLarge(let frames, let bins):
      "the STFT of \(frames) frames x \(bins) bins is too large to be explained in one piece"
    case .masks(let expected, let got): "the masks have shape \(got), expected \(expected)"
    }
  }
}
