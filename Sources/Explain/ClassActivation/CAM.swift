public import Graphs
public import Tensors

/// CAM: the classifier's own weights laid over the last layer, `cam[n, p] = Σ_c w[c] · A[n, c, p]`, for networks that
/// average the layer over its places and classify the means by a linear layer.
///
/// Zhou et al., CVPR 2016. The weights are read off the gradient: behind a mean over places it is `w[c] / places`,
/// everywhere.
public struct CAM: GradientWeighting {
  public init() {}

  /// - Throws: `ExplainError.notAveraged` where the rest of the network is not a mean over places and a linear layer.
  public func map(_ score: NetworkScore, layer: TensorName, at x: Tensor) throws -> Tensor {
    let (values, gradients) = try score.layer(layer, at: x)
    _ = try values.withPlaces(layer)
    guard score.isLinear(behind: layer), Self.isSameEverywhere(gradients) else {
      throw ExplainError.notAveraged(layer)
    }
    return weigh(values, gradients)
  }

  public func weigh(_ activations: Tensor, _ gradients: Tensor) -> Tensor {
    activations.sumOverChannels(weights: gradients.channelSums, rectified: false)
  }

  private static func isSameEverywhere(_ gradients: Tensor) -> Bool {
    let places = max(1, gradients.shape.dimensions.dropFirst(2).reduce(1, *))
    return gradients.withUnsafeValues { gradients in
      let allowed = 1e-4 * (gradients.lazy.map { abs($0) }.max() ?? 0)
      return gradients.indices.allSatisfy { abs(gradients[$0] - gradients[$0 / places * places]) <= allowed }
    }
  }
}

extension NetworkScore {
  /// Whether the score is made of `layer` by means, moves, products with constants and sums alone.
  fileprivate func isLinear(behind layer: TensorName) -> Bool {
    let graph = network.graph
    var reached: Set<TensorName> = [layer]
    for node in graph.nodes where node.inputs.contains(where: reached.contains) {
      if node.outputs.contains(tensor) || graph.leads(from: node.outputs, to: tensor) {
        let varying = node.inputs.indices.filter { reached.contains(node.inputs[$0]) }
        let others = node.inputs.filter { !$0.isEmpty && !reached.contains($0) }
        guard varying.count == 1 || (node.operation as? Binary)?.isSum == true,
          varying.allSatisfy(node.operation.isLinear), others.allSatisfy({ graph.constants[$0] != nil })
        else {
          return false
        }
      }
      reached.formUnion(node.outputs)
      if node.outputs.contains(tensor) { return true }
    }
    return reached.contains(tensor)
  }
}

extension Graph {
  /// Whether `tensor` depends on one of `sources`.
  fileprivate func leads(from sources: [TensorName], to tensor: TensorName) -> Bool {
    var reached = Set(sources)
    for node in nodes where node.inputs.contains(where: reached.contains) { reached.formUnion(node.outputs) }
    return reached.contains(tensor)
  }
}

extension AttributionMethod {
  public static let cam = AttributionMethod(
    "cam", title: "CAM", quantity: "CAM, logit per bin"
  ) { _ in .classActivation(CAM()) }
}
