import Tensors

extension Graph {
  /// With every `BatchNormalization` of constants made a scale and a shift for each channel, and taken into the weights
  /// of the layer before it wherever nobody else reads that layer's result: `BatchNormalization(Conv(x, w, b))` becomes
  /// `Conv(x, scale·w, scale·b + shift)`. Constants in `kept` stay as they are, and are still read.
  ///
  /// - Parameter shared: makes weights that other graphs have made already the same ones.
  func foldingBatchNormalization(keeping kept: Set<TensorName>, sharing shared: ConstantPacker)
    throws(GraphError) -> Graph
  {
    var readers: [TensorName: Int] = [:]
    for node in nodes { for input in node.inputs { readers[input, default: 0] += 1 } }
    var producers: [TensorName: Int] = [:]
    var folded: [Node?] = []
    var constants = constants
    for node in nodes {
      guard let scaling = node.channelScaling(constants, keeping: kept) else {
        folded.append(node)
        for output in node.outputs { producers[output] = folded.count - 1 }
        continue
      }
      let source = node.inputs[0]
      if let place = producers[source], let layer = folded[place], readers[source] == 1,
        !kept.contains(source),
        !layer.inputs.dropFirst().contains(where: kept.contains),
        let (operation, weights, bias) = layer.scaled(by: scaling, of: node, constants, sharing: shared)
      {
        let names = ["weights", "bias"].map { "\($0) with \(node.outputs[0])" }
        (constants[names[0]], constants[names[1]]) = (weights, bias)
        folded[place] = nil
        folded.append(
          Node(
            name: layer.name, operation: operation, inputs: [layer.inputs[0]] + names, outputs: node.outputs))
      } else {
        folded.append(Node(name: node.name, operation: scaling, inputs: [source], outputs: node.outputs))
      }
      producers[node.outputs[0]] = folded.count - 1
    }
    return try Graph(
      name: name, inputs: inputs, nodes: folded.compactMap(\.self), constants: constants, outputs: outputs)
  }
}

extension Node {
  /// What a batch normalization at inference does, if its operands are constants that nobody wants to keep.
  fileprivate func channelScaling(_ constants: [TensorName: Tensor], keeping kept: Set<TensorName>)
    -> ChannelScaling?
  {
    guard let normalization = operation as? BatchNormalization, normalization.momentum == nil else {
      return nil
    }
    let names = inputs[1...4]
    let values = names.compactMap { constants[$0] }
    guard values.count == 4, !names.contains(where: kept.contains),
      values.allSatisfy({ $0.shape == values[0].shape && $0.shape.rank == 1 })
    else { return nil }
    return ChannelScaling(
      normalizing: self, scale: values[0], bias: values[1], mean: values[2], variance: values[3],
      epsilon: normalization.epsilon)
  }

  /// This layer with its results scaled and shifted as `normalization` does: the operation, its weights and its bias; nil
  /// if it is no layer of constant weights.
  fileprivate func scaled(
    by scaling: ChannelScaling, of normalization: Node, _ constants: [TensorName: Tensor],
    sharing shared: ConstantPacker
  ) -> (any Operator, weights: Tensor, bias: Tensor)? {
    guard let shift = scaling.shift, inputs.count > 1, let weights = constants[inputs[1]],
      let channels = ChannelAxis(of: operation, in: weights.shape), channels.count == scaling.scale.count
    else { return nil }
    var (bias, operation) = (Tensor(shift.shape), operation)
    if let name = operand(2) {
      guard let constant = constants[name], constant.count == shift.count else { return nil }
      bias = constant.reshaped(to: shift.shape)
    }
    var factor: Float = 1
    if var product = operation as? MatrixProduct {
      (factor, product.beta) = (product.beta, 1)
      operation = product
    }
    let shifted = zip(bias.values, zip(scaling.scale.values, shift.values)).map { $0 * factor * $1.0 + $1.1 }
    let parts = [weights] + normalization.inputs[1...4].compactMap { constants[$0] }
    let folded = shared.derived(from: parts, "\(channels) by \(normalization.operation)") {
      channels.scaled(weights, by: scaling.scale.values)
    }
    return (operation, folded, Tensor(shift.shape, shifted))
  }
}

/// Which elements of a layer's weights make which channel of its result: seen as `[groups, outer, inGroup, inner]`,
/// element `[g, ·, c, ·]` belongs to channel `g · inGroup + c`.
private struct ChannelAxis {
  var groups = 1
  var outer = 1
  var inGroup: Int
  var inner: Int

  var count: Int { groups * inGroup }

  /// nil for operations whose results are not channels made by weights.
  init?(of operation: any Operator, in weights: Shape) {
    switch operation {
    case is Convolution:
      inGroup = weights[0]
      inner = weights.dimensions.dropFirst().reduce(1, *)
    case let transposed as TransposedConvolution:
      guard weights.rank > 2, weights[0] % transposed.forward.groups == 0 else { return nil }
      groups = transposed.forward.groups
      outer = weights[0] / groups
      inGroup = weights[1]
      inner = weights.dimensions.dropFirst(2).reduce(1, *)
    case let product as MatrixProduct where product.kind == "Gemm" && weights.rank == 2:
      (outer, inGroup, inner) =
        product.transposesB ? (1, weights[0], weights[1]) : (weights[0], weights[1], 1)
    default: return nil
    }
  }

  func scaled(_ weights: Tensor, by scales: [Float]) -> Tensor {
    Tensor(unsafeUninitialized: weights.shape) { result in
      weights.withUnsafeValues { values in
        var place = 0
        for group in 0..<groups {
          for _ in 0..<outer {
            for channel in 0..<inGroup {
              let factor = scales[group * inGroup + channel]
              for element in place..<place + inner { result[element] = values[element] * factor }
              place += inner
            }
          }
        }
      }
    }
  }
}
