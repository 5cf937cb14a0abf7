package import OneDNN
package import Tensors

/// The maximum or the mean over a sliding window, channel by channel. ONNX `MaxPool`, `AveragePool`,
/// `GlobalMaxPool`, `GlobalAveragePool`.
package struct Pooling: Operator {
  package let reduction: PoolingKind
  /// nil: the window is the whole map.
  package let window: Window?

  package var kind: String {
    switch (reduction, window) {
    case (.maximum, nil): "GlobalMaxPool"
    case (.maximum, _): "MaxPool"
    case (.average, nil): "GlobalAveragePool"
    case (.average, _): "AveragePool"
    }
  }

  fileprivate func geometry(over shape: Shape) throws(ShapeMismatch) -> (WindowGeometry, output: [Int]) {
    guard shape.rank >= 3 else {
      throw ShapeMismatch("pooling needs [batch, channels, places…], not \(shape)")
    }
    return try (window ?? .covering(shape)).geometry(over: shape)
  }

  /// The reduction as oneDNN has it. A mean that counts its padding does not count what the last window overhangs it by
  /// (`ceil_mode`; PyTorch, and ONNX Runtime since 1.19), where oneDNN counts both or neither.
  fileprivate func kernelReduction(over shape: Shape) throws(ShapeMismatch) -> PoolingKind {
    guard case .average(countingPadding: true) = reduction, var cut = window, cut.roundsUp else {
      return reduction
    }
    let padsAfter = try geometry(over: shape).0.padsAfter
    cut.roundsUp = false
    let padded = try cut.geometry(over: shape).0
    guard padsAfter != padded.padsAfter else { return reduction }
    guard (padded.padsBefore + padded.padsAfter).allSatisfy({ $0 == 0 }) else {
      throw ShapeMismatch(
        "ceil_mode with pads that count (count_include_pad) is not known; export with ceil_mode=0")
    }
    return .average(countingPadding: false)
  }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let source = try inputs.operand(0)
    _ = try kernelReduction(over: source)
    return [Shape(source.dimensions.prefix(2) + (try geometry(over: source)).output)]
  }

  package func field(_ inputs: [ReceptiveField?], inputShapes: [Shape?], outputShape: Shape) -> ReceptiveField
  {
    guard let field = inputs[0], let shape = inputShapes[0], let (window, _) = try? geometry(over: shape)
    else {
      return ReceptiveField(axes: outputShape.dimensions.map { _ in nil })
    }
    return field.through(window)
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0] else { return [] }
    let memory = reduction == .maximum ? [builder.aside(of: node.outputs[0])] : []
    return [builder.add(PoolingGradient(forward: self), [gradient, node.inputs[0]] + memory)]
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let source = try lowering.use(node.inputs[0])
    let remembers = node.outputs.count > 1
    let primitive = try forward(source.layout, of: node.inputs[0], remembering: remembers, in: lowering)
    let result = lowering.define(node.outputs[0], try primitive.layout(.destination))
    var arguments = [(Argument.source, source), (.destination, result)]
    if remembers {
      arguments.append((.workspace, lowering.define(node.outputs[1], try primitive.layout(.workspace))))
    }
    try lowering.emit(primitive, arguments)
  }

  fileprivate func forward(_ layout: Layout, of source: TensorName, remembering: Bool, in lowering: Lowering)
    throws -> Primitive
  {
    let shape = try lowering.shape(source)
    let (window, output) = try geometry(over: shape)
    return try .pooling(
      try kernelReduction(over: shape), source: layout,
      destination: .any(shape.dimensions.prefix(2) + output), window,
      remembering: remembering, on: lowering.engine)
  }
}

/// The gradient of a pooling: to where the maximum was found (the first of equals), or spread evenly over the window.
/// Operands: gradient of y, x (only its shape), and for maxima where they were found.
package struct PoolingGradient: Operator {
  let forward: Pooling

  package var kind: String { "\(forward.kind)Gradient" }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] { [try inputs.operand(1)] }
  package func readsValue(ofInput index: Int) -> Bool { index != 1 }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let shape = try lowering.shape(node.inputs[1])
    let (window, _) = try forward.geometry(over: shape)
    let source = try lowering.layout(of: node.inputs[1])
    let hint = try forward.forward(
      source, of: node.inputs[1], remembering: forward.reduction == .maximum, in: lowering)
    let primitive = try Primitive.poolingGradient(
      try forward.kernelReduction(over: shape), sourceGradient: source,
      destinationGradient: hint.layout(.destination), window,
      forward: hint, on: lowering.engine)
    let gradient = try lowering.use(node.inputs[0], as: primitive.layout(.destinationGradient))
    var arguments = [(Argument.destinationGradient, gradient)]
    if node.inputs.count > 2 { arguments.append((.workspace, try lowering.use(node.inputs[2]))) }
    arguments.append(
      (.sourceGradient, lowering.define(node.outputs[0], try primitive.layout(.sourceGradient))))
    try lowering.emit(primitive, arguments)
  }
}
