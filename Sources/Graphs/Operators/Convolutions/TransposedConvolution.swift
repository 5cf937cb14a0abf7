import OneDNN
package import Tensors

/// `y[n, o, stride·p + dilation·k − pad] = b[o] + Σ w[c, o, k] · x[n, c, p]`, over the channels of `o`'s group: what
/// flows back through a convolution. Operands: x `[N, C, …]`, w `[C, O / groups, …]`, b `[O]` (optional); a result axis
/// has `stride · (extent − 1) + dilation · (kernel − 1) + 1 + outputPadding − pads` places. ONNX `ConvTranspose`.
package struct TransposedConvolution: Operator {
  /// The convolution that leads from y to x. Its padding is explicit.
  package let forward: Convolution
  /// For each axis, places of the result behind all windows; fewer than the stride.
  package let outputPadding: [Int]

  package var kind: String { "ConvTranspose" }
  package var hostsTail: Bool { true }

  package var operandCounts: ClosedRange<Int> { 2...3 }
  package func isLinear(inOperand index: Int) -> Bool { true }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let (source, weights) = (try inputs.operand(0), try inputs.operand(1))
    let window = forward.window
    guard source.rank == weights.rank, source.rank >= 3, source[1] == weights[0],
      source[1] % forward.groups == 0, Array(weights.dimensions.dropFirst(2)) == window.kernel,
      case .explicit(let before, let after) = window.padding, outputPadding.count == window.kernel.count
    else {
      throw ShapeMismatch(
        "weights \(weights) in \(forward.groups) groups do not fit an input of shape \(source)")
    }
    let channels = saturatingProduct(weights[1], forward.groups)
    if inputs.count > 2, let bias = inputs[2], bias.dimensions != [channels] {
      throw ShapeMismatch("a bias of shape \(bias) for \(channels) channels")
    }
    var result = Shape([source[0], channels])
    for axis in window.kernel.indices {
      guard outputPadding[axis] < window.strides[axis] else {
        throw ShapeMismatch(
          "\(outputPadding[axis]) places of output padding behind windows \(window.strides[axis]) apart")
      }
      let reach = (window.kernel[axis] - 1) * window.dilations[axis] + 1
      let extent =
        window.strides[axis] * (source[axis + 2] - 1) + reach + outputPadding[axis] - before[axis]
        - after[axis]
      guard extent > 0 else {
        throw ShapeMismatch("pads of \(before[axis]) and \(after[axis]) leave nothing of axis \(axis + 2)")
      }
      result.dimensions.append(extent)
    }
    guard try window.geometry(over: result).output == Array(source.dimensions.dropFirst(2)) else {
      throw ShapeMismatch("no convolution leads from \(result) back to \(source)")
    }
    return [result]
  }

  package func multiplyAccumulates(inputs: [Shape?], outputs: [Shape]) -> Int {
    guard inputs.count > 1, let source = inputs[0], let weights = inputs[1] else { return 0 }
    return saturatingProduct(source.count, weights.count / weights[0])
  }

  package func field(_ inputs: [ReceptiveField?], inputShapes: [Shape?], outputShape: Shape) -> ReceptiveField
  {
    guard var field = inputs[0], field.axes.count == outputShape.rank,
      let (window, _) = try? forward.window.geometry(over: outputShape)
    else { return ReceptiveField(axes: outputShape.dimensions.map { _ in nil }) }
    // Place q reads the places p of the operand with 0 ≤ q + pad − stride·p < reach.
    for place in window.kernel.indices {
      guard var axis = field.axes[place + 2] else { continue }
      let reach = Double((window.kernel[place] - 1) * window.dilations[place])
      axis.jump /= Double(window.strides[place])
      axis.start += (Double(window.padsBefore[place]) - reach) * axis.jump
      axis.size += reach * axis.jump
      field.axes[place + 2] = axis
    }
    field.axes[1] = nil
    return field
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0] else { return [] }
    let (source, weights) = (node.inputs[0], node.inputs[1])
    // Seen from the convolution, y and its gradient are the source, and x is what flows back.
    return [
      builder.wants(source) ? builder.add(forward, [gradient, weights]) : nil,
      builder.wants(weights)
        ? builder.add(ConvolutionWeightsGradient(forward: forward), [source, gradient, weights]) : nil,
      node.operand(2).map(builder.wants) == true ? builder.add(ChannelSum(), [gradient]) : nil,
    ]
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let (source, result) = (try lowering.shape(node.inputs[0]), try lowering.shape(node.outputs[0]))
    let (window, _) = try forward.window.geometry(over: result)
    let weights = lowering.constant(node.inputs[1])
    if let mirrored = window.mirrored,
      try lowering.emitMirroredConvolution(
        node, mirrored, weights: node.inputs[1], groups: forward.groups, bias: node.operand(2))
    {
      return
    }
    // oneDNN wants the channels that are made in front of those that are read, within each group.
    let given = forward.groupedWeights(try lowering.shape(node.inputs[1])).dimensions
    let first = forward.groups == 1 ? 0 : 1
    var axes = Array(given.indices)
    axes.swapAt(first, first + 1)
    let view = Shape(axes.map { given[$0] })
    let bias = try node.operand(2).map { _ in try Layout.plain([result[1]]) }
    try lowering.emitHost(node) { fused in
      try .transposedConvolution(
        source: .any(source.dimensions), weights: .any(view.dimensions), bias: bias,
        destination: .any(result.dimensions), window, fusing: fused, on: lowering.engine)
    } arguments: { primitive in
      let layout = try primitive.layout(.weights)
      var arguments = [
        (Argument.source, try lowering.use(node.inputs[0], as: primitive.layout(.source))),
        (
          .weights,
          try weights.map {
            let turned = lowering.exchanged($0, groups: forward.groups, mirroring: false)
            return try lowering.use(turned, viewedAs: view, as: layout)
          } ?? lowering.use(node.inputs[1], viewedAs: Shape(given), permuted: axes, as: layout)
        ),
      ]
      if let bias { arguments.append((.bias, try lowering.use(node.inputs[2], as: bias))) }
      return arguments
    }
  }
}
