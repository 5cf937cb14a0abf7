import OneDNN
package import Tensors

/// The maximum, the mean or the sum over a sliding window, channel by channel. ONNX `MaxPool`, `AveragePool`,
/// `GlobalMaxPool`, `GlobalAveragePool`, and part of `LpPool` and `LRN`.
///
/// A second result says where each maximum was found (ONNX's `Indices`).
package struct Pooling: Operator {
  package enum Reduction: Sendable, Hashable {
    case maximum
    /// Padding counts as zeros, or not at all. What a window overhangs the padding (`ceil_mode`) never counts.
    case average(countingPadding: Bool)
    case sum
  }

  package let reduction: Reduction
  /// nil: the window is the whole map.
  package let window: Window?
  /// Whether indices count the first spatial axis fastest.
  package var columnsFirst = false

  package init(_ reduction: Reduction, window: Window?) {
    self.reduction = reduction
    self.window = window
  }

  package var kind: String {
    let name =
      switch reduction {
      case .maximum: "MaxPool"
      case .average: "AveragePool"
      case .sum: "SumPool"
      }
    return window == nil ? "Global\(name)" : name
  }

  package func isLinear(inOperand index: Int) -> Bool { reduction != .maximum }

  package var resultCount: Int { reduction == .maximum ? 2 : 1 }
  package var opaqueResultCount: Int { reduction == .maximum ? 1 : 0 }
  /// The result in which oneDNN remembers where it found the maxima, for the gradient.
  static let memory = 2

  func geometry(over shape: Shape) throws(ShapeMismatch) -> (WindowGeometry, output: [Int]) {
    guard shape.rank >= 3 else {
      throw ShapeMismatch("pooling needs [batch, channels, places…], not \(shape)")
    }
    return try (window ?? .covering(shape)).geometry(over: shape)
  }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let source = try inputs.operand(0)
    let result = Shape(source.dimensions.prefix(2) + (try geometry(over: source)).output)
    return [result, result]
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
    let memory = reduction == .maximum ? [builder.result(Self.memory, of: node)] : []
    let whole = builder.add(PoolingGradient(forward: self), [gradient, node.inputs[0]] + memory)
    // Behind a whole map all places have one gradient: what is added to it need not be written out.
    if window == nil, reduction != .maximum {
      builder.stretches(whole, MeanShare(isSum: reduction == .sum), [gradient, node.inputs[0]])
    }
    return [whole]
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    if let positions = node.result(1) { try emitPositions(positions, of: node.inputs[0], in: lowering) }
    guard node.result(0) != nil || node.result(Self.memory) != nil else { return }
    let source = try lowering.use(node.inputs[0])
    let memory = node.result(Self.memory)
    let primitive = try forward(source.layout, of: node.inputs[0], remembering: memory != nil, in: lowering)
    let result = lowering.define(node.outputs[0], try primitive.layout(.destination))
    var arguments = [(Argument.source, source), (.destination, result)]
    if let memory {
      arguments.append((.workspace, lowering.define(memory, try primitive.layout(.workspace))))
    }
    try lowering.emit(primitive, arguments)
    if let factors = try factors(over: try lowering.shape(node.inputs[0])) {
      try lowering.emitProduct(of: result, factors, into: result)
    }
  }

  func forward(_ layout: Layout, of source: TensorName, remembering: Bool, in lowering: Lowering)
    throws -> Primitive
  {
    let shape = try lowering.shape(source)
    let (window, output) = try geometry(over: shape)
    return try .pooling(
      kernelReduction, source: layout, destination: .any(shape.dimensions.prefix(2) + output), window,
      remembering: remembering, on: lowering.engine)
  }

  /// The reduction as oneDNN has it.
  var kernelReduction: PoolingKind {
    switch reduction {
    case .maximum: .maximum
    case .average(let countingPadding): .average(countingPadding: countingPadding)
    case .sum: .average(countingPadding: true)
    }
  }

  /// What oneDNN's result is multiplied by, as a map of the result's places; nil where it is right as it is.
  ///
  /// oneDNN divides by all of the window. A mean that counts its padding does not count what the last window overhangs
  /// it by (PyTorch, and ONNX Runtime since 1.19).
  func factors(over shape: Shape) throws(ShapeMismatch) -> Tensor? {
    let (geometry, output) = try geometry(over: shape)
    let ones = [Int](repeating: 1, count: output.count)
    if reduction == .sum {
      return Tensor(Shape([1, 1] + ones), repeating: Float(geometry.kernel.reduce(1, saturatingProduct)))
    }
    guard case .average(countingPadding: true) = reduction, let window, window.roundsUp else { return nil }
    guard case .explicit(_, let after) = window.padding, after != geometry.padsAfter else { return nil }
    var factors: [Float] = [1]
    for axis in output.indices {
      let end = shape[axis + 2] + geometry.padsBefore[axis] + after[axis]
      let along = (0..<output[axis]).map { place in
        let room = end - 1 - place * geometry.strides[axis]
        return Float(geometry.kernel[axis])
          / Float(max(1, min(geometry.kernel[axis], room / geometry.dilations[axis] + 1)))
      }
      factors = factors.flatMap { factor in along.map { factor * $0 } }
    }
    return Tensor(Shape([1, 1] + output), factors)
  }
}

extension Node {
  /// The name of result `index`; nil if nobody asked for it.
  func result(_ index: Int) -> TensorName? {
    index < outputs.count && !outputs[index].isEmpty ? outputs[index] : nil
  }
}

extension Lowering {
  /// Emits `result = operand · factors`, the factors broadcast.
  func emitProduct(of operand: Operand, _ factors: Tensor, into result: Operand) throws {
    let factor = try use(factors, viewedAs: factors.shape, as: .plain(factors.shape.dimensions))
    let product = try Primitive.binary(
      .multiply, source: operand.layout, source1: factor.layout, destination: result.layout, on: engine)
    try emit(product, [(.source, operand), (.source1, factor), (.destination, result)])
  }
}
