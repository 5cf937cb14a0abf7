import OneDNN
package import Tensors

/// The gradient of a convolution with respect to its weights, and to its bias if there is a second result:
/// `∂w[o, c, k] = Σ gradient[n, o, p] · x[n, c, stride·p + dilation·k − pad]`, `∂b[o] = Σ gradient[n, o, p]`. Operands:
/// gradient of y, x, w (only its shape).
package struct ConvolutionWeightsGradient: Operator {
  let forward: Convolution

  package var kind: String { "ConvWeightsGradient" }
  package var resultCount: Int { 2 }

  package var operandCounts: ClosedRange<Int> { 3...3 }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let weights = try inputs.operand(2)
    return [weights, [weights[0]]]
  }

  package func readsValue(ofInput index: Int) -> Bool { index < 2 }

  package func multiplyAccumulates(inputs: [Shape?], outputs: [Shape]) -> Int {
    guard let gradient = inputs[0], let weights = outputs.first else { return 0 }
    return saturatingProduct(gradient.count, weights.count / weights[0])
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let (gradient, source) = (try lowering.shape(node.inputs[0]), try lowering.shape(node.inputs[1]))
    let weights = try lowering.shape(node.inputs[2])
    let view = forward.groupedWeights(weights)
    let (window, _) = try forward.window.geometry(over: source)
    if forward.groups == 1,
      let fast = WinogradWeightsGradient(window, from: source, to: gradient, lanes: lowering.threads)
    {
      return try lowering.emit(fast, node)
    }
    let bias = node.outputs.count > 1 ? try Layout.plain([weights[0]]) : nil
    let primitive = try Primitive.convolutionWeightsGradient(
      source: .any(source.dimensions), weightsGradient: .any(view.dimensions), biasGradient: bias,
      destinationGradient: .any(gradient.dimensions), window, on: lowering.engine)
    var arguments = [
      (
        Argument.destinationGradient,
        try lowering.use(node.inputs[0], as: primitive.layout(.destinationGradient))
      ),
      (.source, try lowering.use(node.inputs[1], as: primitive.layout(.source))),
    ]
    if let bias { arguments.append((.biasGradient, lowering.define(node.outputs[1], bias))) }
    let made = try primitive.layout(.weightsGradient)
    guard view != weights else {
      arguments.append((.weightsGradient, lowering.define(node.outputs[0], made)))
      return try lowering.emit(primitive, arguments)
    }
    // The groups are an axis of their own only here.
    let grouped = lowering.scratch(made)
    try lowering.emit(primitive, arguments + [(.weightsGradient, grouped)])
    let result = lowering.define(node.outputs[0], try .plain(weights.dimensions))
    let plain = Operand(buffer: result.buffer, layout: try .plain(view.dimensions))
    let reorder = try Primitive.reorder(from: made, to: plain.layout, on: lowering.engine)
    try lowering.emit(reorder, [(.source, grouped), (.destination, plain)])
  }
}

/// `y[c] = Σ x[n, c, …]` over all examples and places: the gradient of a bias.
package struct ChannelSum: Operator {
  package var kind: String { "ChannelSum" }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let source = try inputs.operand(0)
    guard source.rank >= 2 else { throw ShapeMismatch("\(source) has no channels") }
    return [[source[1]]]
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let shape = try lowering.shape(node.inputs[0])
    let (rows, channels) = (shape[0], shape[1])
    let places = shape.count / max(1, rows * channels)
    try lowering.emitNative(node, work: shape.count) { inputs, outputs, lanes in
      let (source, result) = (inputs[0], outputs[0])
      lanes.share(channels) { range in
        for channel in range {
          var total = 0.0
          for row in 0..<rows { total += vectorSum(source + (row * channels + channel) * places, places) }
          result[channel] = Float(total)
        }
      }
    }
  }
}
