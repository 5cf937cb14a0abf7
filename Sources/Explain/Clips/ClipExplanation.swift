import Audio
public import Graphs
public import Models
public import Tensors

/// Why a model gave a clip one of its classes, according to one method.
public struct ClipExplanation: Sendable {
  public let method: AttributionMethod
  public let target: Target
  /// The layer of a class activation map.
  public let layer: TensorName?
  /// The method's own result on the clip's log-mel bins, `[frames, bands]`; signed where the method is.
  public let attribution: Tensor
  /// Everything that decides the result, by name, for reports.
  public let parameters: [(name: String, value: String)]

  /// What a picture shows: the attribution, or its magnitude where that is the custom.
  public var picture: Tensor { method.isShownAsMagnitude ? attribution.magnitudes : attribution }

  /// The share of the sound that counts as heard, bin by bin in 0...1: `min(1, |a| / q)`, with `q` the 99th percentile
  /// of `|a|` so that a few outliers do not silence the rest. All zero where the attribution is.
  public var mask: Tensor {
    let magnitudes = attribution.magnitudes
    let sorted = magnitudes.values.sorted()
    guard let largest = sorted.last, largest > 0 else { return magnitudes }
    let quantile = sorted[Int(Double(sorted.count - 1) * 0.99)]
    let full = quantile > 0 ? quantile : largest
    var mask = magnitudes
    mask.withUnsafeMutableValues { values in
      for place in values.indices { values[place] = min(1, values[place] / full) }
    }
    return mask
  }

  /// How `mask` is made, for reports.
  public static let maskRule = "min(1, |attribution| / its 99th percentile)"
}

extension AudioModel {
  /// Explains one class of what was heard in a clip.
  ///
  /// The score is the class's logit, averaged over the clip's patches. Gradient methods give its exact derivative with
  /// respect to the clip's log-mel bins; class activation maps are averaged over the patches that cover a bin.
  public func explain(
    _ listening: Listening, target: Target, by method: AttributionMethod,
    _ settings: AttributionMethod.Settings
  ) throws -> ClipExplanation {
    let score = try NetworkScore(network, tensor: logits, element: target.index, rule: method.rule)
    var parameters = [
      ("method", method.rawValue), ("target", "\(target.label) (class \(target.index))"),
      ("score", "logit '\(logits)', mean over \(listening.patchStarts.count) patches"),
    ]
    let attribution: Tensor
    var layer: TensorName?
    var settings = settings
    settings.baseline = frontEnd.silence
    switch method.procedure(settings) {
    case .input(let method):
      let clip = listening.logMel.reshaped(to: Shape([1] + listening.logMel.shape.dimensions))
      attribution = try method.attribute(ClipScore(self, score: score), at: clip)
        .reshaped(to: listening.logMel.shape)
      switch method {
      case let smoothGrad as SmoothGrad: parameters += smoothGrad.parameters(at: clip)
      case let integrated as IntegratedGradients:
        parameters += [("steps", String(integrated.steps)), ("baseline", "silence")]
      case let occlusion as Occlusion:
        parameters += [
          ("window", "\(occlusion.window) frames, bands"), ("strides", "\(occlusion.strides) frames, bands"),
          ("baseline", "silence"),
        ]
      default: break
      }
    case .classActivation(let map):
      let chosen = try settings.layer ?? score.defaultLayer(at: patchInputShape[inputName] ?? [])
      attribution = try clipMap(map, score, layer: chosen, logMel: listening.logMel)
      parameters.append(("layer", chosen + (settings.layer == nil ? " (the last convolutional one)" : "")))
      parameters.append(("resizing", "bilinear, receptive fields' centres aligned"))
      layer = chosen
    }
    parameters.append(("mask for sound", ClipExplanation.maskRule))
    return ClipExplanation(
      method: method, target: target, layer: layer, attribution: attribution, parameters: parameters)
  }
}
