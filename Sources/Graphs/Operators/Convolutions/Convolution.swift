import OneDNN
package import Tensors

/// `y[n, o, p] = b[o] + Σ w[o, c, k] · x[n, c, stride·p + dilation·k − pad]`, over the channels of `o`'s group; 1 to 3
/// spatial axes. Operands: x `[N, C, …]`, w `[O, C / groups, …]`, b `[O]` (optional). ONNX `Conv`.
package struct Convolution: Operator {
  package var window: Window
  package var groups: Int

  package var kind: String { "Conv" }
  package var hostsTail: Bool { true }

  package var operandCounts: ClosedRange<Int> { 2...3 }
  package func isLinear(inOperand index: Int) -> Bool { true }

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
    let (source, weights) = (node.inputs[0], node.inputs[1])
    let bias = node.inputs.count > 2 && builder.wants(node.inputs[2]) ? node.inputs[2] : nil
    let toSource =
      builder.wants(source)
      ? builder.add(ConvolutionSourceGradient(forward: self), [gradient, weights, source]) : nil
    guard builder.wants(weights) else {
      return [toSource, nil, bias.map { _ in builder.add(ChannelSum(), [gradient]) }]
    }
    let results = builder.add(
      ConvolutionWeightsGradient(forward: self), [gradient, source, weights], results: bias == nil ? 1 : 2)
    return [toSource, results[0], bias == nil ? nil : results[1]]
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let (source, result) = (try lowering.shape(node.inputs[0]), try lowering.shape(node.outputs[0]))
    let (window, _) = try window.geometry(over: source)
    if groups == 1, let fast = WinogradConvolution(window, from: source, to: result, lanes: lowering.threads)
    {
      return try lowering.emit(fast, node, weights: node.inputs[1], bias: node.operand(2))
    }
    let view = groupedWeights(try lowering.shape(node.inputs[1]))
    try lowering.emitConvolution(node, window, weights: view, bias: node.operand(2)) { layout in
      try lowering.use(node.inputs[1], viewedAs: view, as: layout)
    }
  }

  /// oneDNN keeps the groups as an axis of their own, in front.
  func groupedWeights(_ shape: Shape) -> Shape {
    groups == 1 ? shape : Shape([groups, shape[0] / groups] + shape.dimensions.dropFirst())
  }
}

extension Node {
  /// The name of operand `index`; nil if it is left out.
  func operand(_ index: Int) -> TensorName? {
    index < inputs.count && !inputs[index].isEmpty ? inputs[index] : nil
  }
}

extension Lowering {
  /// Emits a convolution of the node's first operand, together with the node's tail.
  ///
  /// - Parameters:
  ///   - view: the shape of the weights, groups as an axis of their own.
  ///   - packed: the weights in the layout that the kernel wants.
  func emitConvolution(
    _ node: Node, _ window: WindowGeometry, weights view: Shape, bias: TensorName?,
    packed: (Layout) throws -> Operand
  ) throws {
    let (source, result) = (try shape(node.inputs[0]), try shape(node.outputs[0]))
    let biasLayout = try bias.map { _ in try Layout.plain([result[1]]) }
    try emitHost(node) { fused in
      try .convolution(
        source: .any(source.dimensions), weights: .any(view.dimensions), bias: biasLayout,
        destination: .any(result.dimensions), window, fusing: fused, on: engine)
    } arguments: { primitive in
      var arguments = [
        (Argument.source, try use(node.inputs[0], as: primitive.layout(.source))),
        (.weights, try packed(primitive.layout(.weights))),
      ]
      if let bias, let biasLayout { arguments.append((.bias, try use(bias, as: biasLayout))) }
      return arguments
    }
  }
}
