import OneDNN
package import Tensors

/// `y[n, c, …] = scale[c] · (x[n, c, …] − mean[c]) / √(variance[c] + ε) + bias[c]`. Operands: x, scale, bias, mean,
/// variance. ONNX `BatchNormalization`.
///
/// At inference mean and variance are the operands. In training they are those of the batch (over all examples and
/// places, the variance divided by their number), and two further results are the running averages, `momentum · operand
/// + (1 − momentum) · batch`.
package struct BatchNormalization: Operator {
  package let epsilon: Float
  /// nil: as it is at inference.
  package var momentum: Float?

  package init(epsilon: Float, momentum: Float? = nil) {
    self.epsilon = epsilon
    self.momentum = momentum
  }

  package var kind: String { "BatchNormalization" }
  package var hostsTail: Bool { true }
  package var spansRows: Bool { momentum != nil }
  package var resultCount: Int { momentum == nil ? 1 : 3 }
  /// The results that hold the batch's own mean and variance, for the gradient.
  private static let (batchMean, batchVariance) = (3, 4)

  fileprivate var statistics: Statistics { momentum == nil ? .given : .taken }

  package func field(_ inputs: [ReceptiveField?], inputShapes: [Shape?], outputShape: Shape) -> ReceptiveField
  {
    var field = ReceptiveField.merged(inputs, inputShapes, into: outputShape)
    // The batch's own mean and variance are those of all rows.
    if momentum != nil, outputShape.rank > 0 { field.axes[0] = nil }
    return field
  }

  package var operandCounts: ClosedRange<Int> { 5...5 }
  package func isLinear(inOperand index: Int) -> Bool { momentum == nil && index < 3 }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let source = try inputs.operand(0)
    for index in 1...4 {
      let parameter = try inputs.operand(index)
      guard source.rank >= 2, parameter.rank == 1 else {
        throw ShapeMismatch("operand \(index) of shape \(parameter) for an input of shape \(source)")
      }
      guard parameter[0] == source[1] else {
        throw ShapeMismatch("\(parameter[0]) scales for an input of shape \(source)")
      }
    }
    let channels: Shape = [source[1]]
    return momentum == nil ? [source] : [source] + [Shape](repeating: channels, count: 4)
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0] else { return [] }
    let (scale, mean, variance) = (node.inputs[1], node.inputs[3], node.inputs[4])
    let backward = BatchNormalizationGradient(forward: self)
    guard momentum == nil else {
      let (taken, spread) = (
        builder.result(Self.batchMean, of: node), builder.result(Self.batchVariance, of: node)
      )
      return builder.add(backward, [gradient, node.inputs[0], scale, taken, spread], results: 3)
    }
    let parts = builder.add(backward, [gradient, node.inputs[0], scale, mean, variance], results: 3)
    guard builder.wants(mean) || builder.wants(variance) else { return parts }
    // ∂mean = −∂bias · scale / √(variance + ε), ∂variance = −½ · ∂scale · scale / (variance + ε)
    let raised = builder.add(Activation(.linear(scale: 1, shift: epsilon), kind: "Add"), [variance])
    let deviation = builder.add(Activation(.sqrt, kind: "Sqrt"), [raised])
    let slope = builder.add(Binary(.divide), [scale, deviation])
    let toMean = builder.add(Binary(.multiply), [parts[2], slope])
    let curve = builder.add(Binary(.divide), [scale, raised])
    let toVariance = builder.add(Binary(.multiply), [parts[1], curve])
    return parts + [
      builder.add(Activation(.linear(scale: -1, shift: 0), kind: "Neg"), [toMean]),
      builder.add(Activation(.linear(scale: -0.5, shift: 0), kind: "Mul"), [toVariance]),
    ]
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let plain = try Layout.plain(try lowering.shape(node.inputs[1]).dimensions)
    func parameter(_ index: Int) throws -> Operand { try lowering.use(node.inputs[index], as: plain) }
    let source = try lowering.use(node.inputs[0])
    guard let momentum else {
      return try lowering.emitHost(node) { fused in
        try .channelNormalization(
          source: source.layout, epsilon: epsilon, fusing: fused, on: lowering.engine)
      } arguments: { _ in
        [
          (.source, source), (.scale, try parameter(1)), (.shift, try parameter(2)),
          (.mean, try parameter(3)), (.variance, try parameter(4)),
        ]
      }
    }
    func statistic(_ index: Int) -> Operand {
      node.result(index).map { lowering.define($0, plain) } ?? lowering.scratch(plain)
    }
    let taken = [statistic(Self.batchMean), statistic(Self.batchVariance)]
    if let runs = ChannelRuns(source.layout) {
      try lowering.emit(
        BatchStatistics(runs: runs, epsilon: epsilon), node, of: source, scale: try parameter(1),
        shift: try parameter(2), mean: taken[0], variance: taken[1])
    } else {
      let primitive = try Primitive.channelNormalization(
        source: source.layout, statistics: .taken, epsilon: epsilon, on: lowering.engine)
      let result = lowering.define(lowering.resultOfGroup ?? node.outputs[0], source.layout)
      try lowering.emit(
        primitive,
        [
          (.source, source), (.scale, try parameter(1)), (.shift, try parameter(2)), (.mean, taken[0]),
          (.variance, taken[1]), (.destination, result),
        ])
      try lowering.emitTailAlone(on: result, try lowering.shape(node.outputs[0]))
    }
    let channels = try lowering.shape(node.inputs[1])[0]
    for (place, batch) in zip([1, 2], taken) {
      guard let name = node.result(place) else { continue }
      let average = NativeKernel(work: channels) { inputs, outputs, _ in
        for channel in 0..<channels {
          outputs[0][channel] = momentum * inputs[0][channel] + (1 - momentum) * inputs[1][channel]
        }
      }
      lowering.emit(
        average, inputs: [try parameter(place + 2), batch], outputs: [lowering.define(name, plain)])
    }
  }
}

/// The gradients of a batch normalization with respect to x, scale and bias; through the batch's statistics as well if
/// it took them. Operands: gradient of y, x, scale, mean, variance.
package struct BatchNormalizationGradient: Operator {
  let forward: BatchNormalization

  package var kind: String { "BatchNormalizationGradient" }
  package var resultCount: Int { 3 }

  package var operandCounts: ClosedRange<Int> { 5...5 }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    [try inputs.operand(1), try inputs.operand(2), try inputs.operand(2)]
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let plain = try Layout.plain(try lowering.shape(node.inputs[2]).dimensions)
    let source = try lowering.use(node.inputs[1])
    let gradient = try lowering.use(node.inputs[0], as: source.layout)
    if forward.momentum != nil, let runs = ChannelRuns(source.layout) {
      let statistics = BatchStatistics(runs: runs, epsilon: forward.epsilon)
      let channels = try lowering.shape(node.inputs[2])[0]
      let parameters = try node.inputs.dropFirst(2).map { try lowering.use($0, as: plain) }
      return lowering.emit(
        NativeKernel(work: 8 * runs.count * runs.channels) { inputs, outputs, lanes in
          statistics.runBackwards(
            inputs[0], inputs[1], scale: inputs[2], mean: inputs[3], variance: inputs[4],
            channels: channels, toSource: outputs[1], toScale: outputs[2], toShift: outputs[3],
            scratch: outputs[0], lanes)
        }, inputs: [gradient, source] + parameters,
        outputs: [
          try lowering.scratch(statistics.scratchCount), lowering.define(node.outputs[0], source.layout),
          lowering.define(node.outputs[1], plain), lowering.define(node.outputs[2], plain),
        ])
    }
    let primitive = try Primitive.channelNormalizationGradient(
      source: source.layout, statistics: forward.statistics, epsilon: forward.epsilon, on: lowering.engine)
    let parameters = try zip([Argument.scale, .mean, .variance], node.inputs.dropFirst(2)).map {
      ($0, try lowering.use($1, as: plain))
    }
    try lowering.emit(
      primitive,
      [(.source, source), (.destinationGradient, gradient)] + parameters + [
        (.sourceGradient, lowering.define(node.outputs[0], source.layout)),
        (.scaleGradient, lowering.define(node.outputs[1], plain)),
        (.shiftGradient, lowering.define(node.outputs[2], plain)),
      ])
  }
}

extension Lowering {
  /// Emits a normalization by the batch's own statistics, together with the node's tail.
  fileprivate func emit(
    _ statistics: BatchStatistics, _ node: Node, of source: Operand, scale: Operand, shift: Operand,
    mean: Operand, variance: Operand
  ) throws {
    var tail = group?.tail[...] ?? []
    var isRectified = false
    if case .function(.relu(slope: 0))? = tail.first {
      isRectified = true
      tail.removeFirst()
    }
    let shape = try shape(node.outputs[0])
    let channels = shape[1]
    let result = define(group?.result ?? node.outputs[0], source.layout)
    emit(
      NativeKernel(work: 8 * statistics.runs.count * statistics.runs.channels) {
        [isRectified] inputs, outputs, lanes in
        statistics.run(
          inputs[0], scale: inputs[1], shift: inputs[2], channels: channels, isRectified: isRectified,
          mean: outputs[1], variance: outputs[2], into: outputs[3], scratch: outputs[0], lanes)
      }, inputs: [source, scale, shift],
      outputs: [try scratch(statistics.scratchCount), mean, variance, result])
    try emitAlone(Array(tail), on: result, shape)
  }
}
