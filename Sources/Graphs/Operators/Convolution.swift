import OneDNN
package import Tensors

/// `y[n, o, p] = b[o] + Σ w[o, c, k] · x[n, c, stride·p + dilation·k − pad]`, over the channels of `o`'s group; 1 to 3
/// spatial axes. Operands: x `[N, C, …]`, w `[O, C / groups, …]`, b `[O]` (optional). ONNX `Conv`.
package struct Convolution: Operator {
  package var window: Window
  package var groups: Int

  package var kind: String { "Conv" }
  package var hostsTail: Bool { true }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let (source, weights) = (try inputs.operand(0), try inputs.operand(1))
    guard source.rank == weights.rank, source.rank >= 3, source[1] % groups == 0,
      source[1] / groups == weights[1], weights[0] % groups == 0,
      Array(weights.dimensions.dropFirst(2)) == window.kernel
    else {
      throw ShapeMismatch("weights \(weights) in \(groups) groups do not fit an input of shape \(source)")
    }
    if inputs.count > 2, let bias = inputs[2], bias.dimensions != [weights[0]] {
      throw ShapeMismatch("a bias of shape \(bias) for \(weights[0]) channels")
    }
    return [Shape([source[0], weights[0]] + (try window.geometry(over: source)).output)]
  }

  package func multiplyAccumulates(inputs: [Shape?], outputs: [Shape]) -> Int {
    guard inputs.count > 1, let weights = inputs[1], let output = outputs.first else { return 0 }
    return saturatingProduct(output.count, weights.count / weights[0])
  }

  package func field(_ inputs: [ReceptiveField?], inputShapes: [Shape?], outputShape: Shape) -> ReceptiveField
  {
    guard let field = inputs[0], let shape = inputShapes[0],
      let (window, _) = try? window.geometry(over: shape)
    else { return ReceptiveField(axes: outputShape.dimensions.map { _ in nil }) }
    var result = field.through(window)
    result.axes[1] = nil
    return result
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0] else { return [] }
    if node.inputs.dropFirst().contains(where: builder.wants) {
      throw .unsupported(node: node.name, kind: kind, reason: "gradients with respect to weights")
    }
    return [
      builder.add(ConvolutionSourceGradient(forward: self), [gradient, node.inputs[1], node.inputs[0]])
    ]
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let source = try lowering.shape(node.inputs[0])
    let (window, output) = try window.geometry(over: source)
    let weights = groupedWeights(try lowering.shape(node.inputs[1]))
    let hasBias = node.inputs.count > 2 && !node.inputs[2].isEmpty
    let bias =
      hasBias ? try Layout.plain([weights.dimensions.dropLast(window.kernel.count + 1).reduce(1, *)]) : nil
    let outputDimensions = [source[0], try lowering.shape(node.inputs[1])[0]] + output
    try lowering.emitHost(node) { fused in
      try .convolution(
        source: .any(source.dimensions), weights: .any(weights.dimensions), bias: bias,
        destination: .any(outputDimensions), window, fusing: fused, on: lowering.engine)
    } arguments: { primitive in
      var arguments = [
        (Argument.source, try lowering.use(node.inputs[0], as: primitive.layout(.source))),
        (.weights, try lowering.use(node.inputs[1], viewedAs: weights, as: primitive.layout(.weights))),
      ]
      if let bias { arguments.append((.bias, try lowering.use(node.inputs[2], as: bias))) }
      return arguments
    }
  }

  /// oneDNN keeps the groups as an axis of their own, in front.
  fileprivate func groupedWeights(_ shape: Shape) -> Shape {
    groups == 1 ? shape : Shape([groups, shape[0] / groups] + shape.dimensions.dropFirst())
  }
}

/// The gradient of a convolution with respect to its source: a transposed convolution of the gradient with the same
/// weights. Operands: gradient of y, w, x (only its shape).
package struct ConvolutionSourceGradient: Operator {
  let forward: Convolution

  package var kind: String { "ConvSourceGradient" }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] { [try inputs.operand(2)] }
  package func readsValue(ofInput index: Int) -> Bool { index < 2 }

  package func multiplyAccumulates(inputs: [Shape?], outputs: [Shape]) -> Int {
    guard let gradient = inputs[0], let weights = inputs[1] else { return 0 }
    return saturatingProduct(gradient.count, weights.count / weights[0])
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let source = try lowering.shape(node.inputs[2])
    let (window, _) = try forward.window.geometry(over: source)
    let weights = forward.groupedWeights(try lowering.shape(node.inputs[1]))
    let primitive = try Primitive.convolutionSourceGradient(
      sourceGradient: .any(source.dimensions), weights: .any(weights.dimensions),
      destinationGradient: .any(try lowering.shape(node.inputs[0]).dimensions), window, on: lowering.engine)
    let gradient = try lowering.use(node.inputs[0], as: primitive.layout(.destinationGradient))
    let packed = try lowering.use(node.inputs[1], viewedAs: weights, as: primitive.layout(.weights))
    let result = lowering.define(node.outputs[0], try primitive.layout(.sourceGradient))
    try lowering.emit(
      primitive, [(.destinationGradient, gradient), (.weights, packed), (.sourceGradient, result)])
  }
}
