import Tensors

extension Graph {
  /// The same function with less work: identities bypassed, batch normalizations folded into the convolutions before
  /// them, dead nodes dropped. Tensors named in `kept`, and the outputs, stay as they are.
  public func simplified(keeping kept: [TensorName] = []) throws(GraphError) -> Graph {
    let kept = Set(kept).union(outputs)
    return try bypassingIdentities(keeping: kept).foldingBatchNormalization(keeping: kept).pruned(to: kept)
  }

  /// Without `Identity` and `Dropout`, whose readers then read the operand.
  func bypassingIdentities(keeping kept: Set<TensorName>) throws(GraphError) -> Graph {
    var renamed: [TensorName: TensorName] = [:]
    var left: [Node] = []
    for node in nodes {
      let inputs = node.inputs.map { renamed[$0] ?? $0 }
      if let reshaping = node.operation as? Reshaping, [.identity, .dropout].contains(reshaping.form),
        !kept.contains(node.outputs[0])
      {
        renamed[node.outputs[0]] = inputs[0]
      } else {
        left.append(Node(name: node.name, operation: node.operation, inputs: inputs, outputs: node.outputs))
      }
    }
    return try Graph(name: name, inputs: inputs, nodes: left, constants: constants, outputs: outputs)
  }

  /// With `BatchNormalization(Conv(x, w, b))` replaced by `Conv(x, scale·w, scale·b + shift)` wherever nobody else
  /// reads the convolution's result.
  func foldingBatchNormalization(keeping kept: Set<TensorName>) throws(GraphError) -> Graph {
    var readers: [TensorName: Int] = [:]
    for node in nodes { for input in node.inputs { readers[input, default: 0] += 1 } }
    var producers: [TensorName: Int] = [:]
    var folded: [Node?] = []
    var constants = constants
    for node in nodes {
      if let normalization = node.operation as? BatchNormalization, let place = producers[node.inputs[0]],
        let producer = folded[place], producer.operation is Convolution, readers[node.inputs[0]] == 1,
        !kept.contains(node.inputs[0]), let weights = constants[producer.inputs[1]],
        weights.shape.dimensions.first == normalization.scale.count
      {
        let hasBias = producer.inputs.count > 2 && !producer.inputs[2].isEmpty
        let bias = hasBias ? constants[producer.inputs[2]] : Tensor(normalization.shift.shape)
        if let bias, bias.shape == normalization.shift.shape {
          let names = ["weights", "bias"].map { "\($0) with \(node.outputs[0])" }
          (constants[names[0]], constants[names[1]]) = normalization.folded(weights: weights, bias: bias)
          folded[place] = nil
          folded.append(
            Node(
              name: producer.name, operation: producer.operation, inputs: [producer.inputs[0]] + names,
              outputs: node.outputs))
          producers[node.outputs[0]] = folded.count - 1
          continue
        }
      }
      folded.append(node)
      for output in node.outputs { producers[output] = folded.count - 1 }
    }
    return try Graph(
      name: name, inputs: inputs, nodes: folded.compactMap(\.self), constants: constants, outputs: outputs)
  }

  /// Only what is needed to compute `wanted`, which become the outputs if they are not already.
  func pruned(to wanted: Set<TensorName>) throws(GraphError) -> Graph {
    var needed = wanted
    var left: [Node] = []
    for node in nodes.reversed() where node.outputs.contains(where: needed.contains) {
      needed.formUnion(node.inputs.filter { !$0.isEmpty })
      left.append(node)
    }
    return try Graph(
      name: name, inputs: inputs, nodes: left.reversed(),
      constants: constants.filter { needed.contains($0.key) },
      outputs: outputs)
  }
}

extension BatchNormalization {
  /// The weights and the bias of a convolution that also does this normalization.
  fileprivate func folded(weights: Tensor, bias: Tensor) -> (weights: Tensor, bias: Tensor) {
    let scales = scale.values
    let width = weights.count / max(1, scales.count)
    let scaled = Tensor(unsafeUninitialized: weights.shape) { result in
      weights.withUnsafeValues { values in
        for (channel, factor) in scales.enumerated() {
          for place in channel * width..<(channel + 1) * width { result[place] = values[place] * factor }
        }
      }
    }
    let shifted = zip(bias.values, zip(scales, shift.values)).map { $0 * $1.0 + $1.1 }
    return (scaled, Tensor(bias.shape, shifted))
  }
}
