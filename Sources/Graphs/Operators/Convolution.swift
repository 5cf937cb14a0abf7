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
///
/// With stride 1 that is a convolution again, with mirrored kernels and the channels exchanged. It is run as one: those
/// kernels are faster and keep the layout of the forward pass.
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
    if let weights = lowering.constant(node.inputs[1]), let mirrored = window.mirrored {
      return try lowerAsConvolution(node, weights, mirrored, in: lowering)
    }
    let weights = forward.groupedWeights(try lowering.shape(node.inputs[1]))
    let primitive = try backward(
      source: lowering.layout(of: node.inputs[2]), gradient: lowering.layout(of: node.inputs[0]),
      weights: weights,
      sourceShape: source, gradientShape: try lowering.shape(node.inputs[0]), window, on: lowering.engine)
    let gradient = try lowering.use(node.inputs[0], as: primitive.layout(.destinationGradient))
    let packed = try lowering.use(node.inputs[1], viewedAs: weights, as: primitive.layout(.weights))
    let result = lowering.define(node.outputs[0], try primitive.layout(.sourceGradient))
    try lowering.emit(
      primitive, [(.destinationGradient, gradient), (.weights, packed), (.sourceGradient, result)])
  }

  /// A kernel that works in the layouts at hand, if there is a fast one; else one in the layouts it likes best.
  private func backward(
    source: Layout, gradient: Layout, weights: Shape, sourceShape: Shape, gradientShape: Shape,
    _ window: WindowGeometry, on engine: Engine
  ) throws -> Primitive {
    if let primitive = try? Primitive.convolutionSourceGradient(
      sourceGradient: source, weights: .any(weights.dimensions), destinationGradient: gradient, window,
      on: engine),
      primitive.implementation.hasPrefix("jit") || primitive.implementation.hasPrefix("brg")
    {
      return primitive
    }
    return try .convolutionSourceGradient(
      sourceGradient: .any(sourceShape.dimensions), weights: .any(weights.dimensions),
      destinationGradient: .any(gradientShape.dimensions), window, on: engine)
  }

  private func lowerAsConvolution(
    _ node: Node, _ weights: Tensor, _ window: WindowGeometry, in lowering: Lowering
  ) throws {
    let turned = lowering.derived(from: weights, "mirrored in \(forward.groups)") {
      weights.mirrored(groups: forward.groups)
    }
    let gradient = try lowering.shape(node.inputs[0])
    let view = forward.groupedWeights(turned.shape)
    let primitive = try Primitive.convolution(
      source: .any(gradient.dimensions), weights: .any(view.dimensions), bias: nil,
      destination: .any(try lowering.shape(node.outputs[0]).dimensions), window, on: lowering.engine)
    let source = try lowering.use(node.inputs[0], as: primitive.layout(.source))
    let packed = try lowering.use(turned, viewedAs: view, as: primitive.layout(.weights))
    let result = lowering.define(node.outputs[0], try primitive.layout(.destination))
    try lowering.emit(primitive, [(.source, source), (.weights, packed), (.destination, result)])
  }
}

extension WindowGeometry {
  /// The window with which a convolution goes back through this one; nil where it steps or pads further than it
  /// reaches.
  fileprivate var mirrored: WindowGeometry? {
    let reach = kernel.indices.map { (kernel[$0] - 1) * dilations[$0] }
    let before = zip(reach, padsBefore).map { $0 - $1 }
    let after = zip(reach, padsAfter).map { $0 - $1 }
    guard strides.allSatisfy({ $0 == 1 }), (before + after).allSatisfy({ $0 >= 0 }) else { return nil }
    return WindowGeometry(
      kernel: kernel, strides: strides, dilations: dilations, padsBefore: before, padsAfter: after)
  }
}

extension Tensor {
  /// Convolution weights `[O, C / groups, k…]` as `[C, O / groups, k…]`, each kernel read backwards.
  fileprivate func mirrored(groups: Int) -> Tensor {
    let (outputs, inputs) = (shape[0] / groups, shape[1])
    let kernel = shape.dimensions.dropFirst(2).reduce(1, *)
    return Tensor(unsafeUninitialized: Shape([groups * inputs, outputs] + shape.dimensions.dropFirst(2))) {
      result in
      withUnsafeValues { values in
        for group in 0..<groups {
          for input in 0..<inputs {
            for output in 0..<outputs {
              let from = ((group * outputs + output) * inputs + input) * kernel
              let to = ((group * inputs + input) * outputs + output) * kernel
              for place in 0..<kernel { result[to + place] = values[from + kernel - 1 - place] }
            }
          }
        }
      }
    }
  }
}
