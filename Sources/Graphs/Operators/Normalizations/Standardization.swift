import OneDNN
package import Tensors

/// `y = scale · (x − mean) / √(variance + ε) + bias`, with mean and variance taken over one stretch of x after another.
/// Operands: x, scale, bias; either of the last two may be left out. Results: y, and the mean and `1 / √(variance + ε)`
/// of each stretch. ONNX `InstanceNormalization`, `GroupNormalization`, `LayerNormalization`, and most of
/// `MeanVarianceNormalization`.
package struct Standardization: Operator {
  package enum Stretch: Sendable, Hashable {
    /// The places of one channel of one example; a scale for each channel.
    case channel
    /// So many groups of neighbouring channels of one example; a scale for each channel, or for each group.
    case groups(Int)
    /// All axes from this one on; a scale for each of their elements.
    case axes(from: Int)
  }

  package let kind: String
  package let stretch: Stretch
  package let epsilon: Float

  package init(_ stretch: Stretch, epsilon: Float, kind: String) {
    self.stretch = stretch
    self.epsilon = epsilon
    self.kind = kind
  }

  package var resultCount: Int { 3 }
  package var spansRows = false

  package var operandCounts: ClosedRange<Int> { 1...3 }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let source = try inputs.operand(0)
    let parameters = inputs.dropFirst().compactMap { $0 }
    guard parameters.allSatisfy({ $0 == parameters.first }) || stretch.isAxes else {
      throw ShapeMismatch("scale and bias are of shapes \(parameters[0]) and \(parameters[1])")
    }
    for parameter in parameters { _ = try rows(of: source, scaledBy: parameter) }
    let rows = try rows(of: source, scaledBy: nil)
    guard case .axes(let first) = stretch else { return [source, [rows.count], [rows.count]] }
    let split = first < 0 ? first + source.rank : first
    let statistics = Shape(source.dimensions.enumerated().map { $0 < split ? $1 : 1 })
    return [source, statistics, statistics]
  }

  package func field(_ inputs: [ReceptiveField?], inputShapes: [Shape?], outputShape: Shape) -> ReceptiveField
  {
    var field = ReceptiveField.merged([inputs[0]], [inputShapes[0]], into: outputShape)
    var first = 1
    if case .axes(let from) = stretch { first = from < 0 ? from + outputShape.rank : from }
    for axis in field.axes.indices where axis >= first { field.axes[axis] = nil }
    return field
  }

  /// How a tensor of this shape falls into stretches, and which scale belongs to which element.
  func rows(of shape: Shape, scaledBy parameter: Shape?) throws(ShapeMismatch) -> Rows {
    switch stretch {
    case .channel, .groups:
      guard shape.rank >= 2 else { throw ShapeMismatch("\(shape) has no channels") }
      var groups = shape[1]
      if case .groups(let count) = stretch { groups = count }
      guard groups > 0, shape[1] % groups == 0 else {
        throw ShapeMismatch("\(shape[1]) channels do not fall into \(groups) groups")
      }
      let places = shape.dimensions.dropFirst(2).reduce(1, *)
      let width = shape[1] / groups * places
      let parameters = parameter?.count ?? shape[1]
      guard parameter?.rank ?? 1 == 1, parameters == shape[1] || parameters == groups else {
        throw ShapeMismatch("\(parameters) scales for an input of shape \(shape)")
      }
      return Rows(
        count: shape[0] * groups, width: width, span: parameters == shape[1] ? places : width,
        parameters: parameters)
    case .axes(let first):
      let split = first < 0 ? first + shape.rank : first
      guard split >= 0, split < shape.rank else { throw ShapeMismatch("axis \(first) of \(shape)") }
      let width = shape.dimensions[split...].reduce(1, *)
      let own = Array((parameter?.dimensions ?? []).drop { $0 == 1 })
      guard shape.dimensions.suffix(own.count) == own[...], own.count <= shape.rank - split else {
        throw ShapeMismatch("scales of shape \(own) for axes \(split)... of an input of shape \(shape)")
      }
      return Rows(
        count: shape.count / max(1, width), width: width, span: 1,
        parameters: parameter == nil ? width : own.reduce(1, *))
    }
  }

  /// A tensor as `count` stretches of `width` elements. Element `i` is scaled by parameter `i / span % parameters`.
  struct Rows: Sendable {
    var count: Int
    var width: Int
    var span: Int
    var parameters: Int
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0] else {
      // Nobody differentiates through the statistics that a node tells beside its result.
      guard given.allSatisfy({ $0 == nil }) else { throw .notDifferentiable(node: node.name, kind: kind) }
      return []
    }
    let source = node.inputs[0]
    let statistics = [builder.result(1, of: node), builder.result(2, of: node)]
    var contributions: [TensorName?] = [nil, nil, nil]
    if builder.wants(source) {
      let operands = [gradient, source] + statistics + (node.operand(1).map { [$0] } ?? [])
      contributions[0] = builder.add(StandardizationGradient(forward: self), operands)
    }
    for place in 1...2 {
      guard let parameter = node.operand(place), builder.wants(parameter) else { continue }
      contributions[place] = builder.add(
        StandardizationParameterGradient(forward: self, ofScale: place == 1),
        [gradient, source] + statistics + [parameter])
    }
    return contributions
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let shape = try lowering.shape(node.inputs[0])
    let (scale, bias) = (node.operand(1), node.operand(2))
    let plan = try rows(of: shape, scaledBy: try scale.map { try lowering.shape($0) })
    let shifts = try rows(of: shape, scaledBy: try bias.map { try lowering.shape($0) })
    let names = [node.inputs[0]] + [scale, bias].compactMap(\.self)
    let operands = try names.map { try lowering.use($0, as: .plain(try lowering.shape($0).dimensions)) }
    let layouts = [operands[0].layout] + (try [Layout](repeating: .plain([plan.count]), count: 2))
    let results = try layouts.enumerated().map { place, layout in
      guard let name = node.result(place) else { return lowering.scratch(layout) }
      return lowering.define(name, try .plain(try lowering.shape(name).dimensions))
    }
    let (epsilon, hasScale, hasBias) = (epsilon, scale != nil, bias != nil)
    let kernel = NativeKernel(work: shape.count * 3) { inputs, outputs, lanes in
      let (scales, biases) = (hasScale ? inputs[1] : nil, hasBias ? inputs[hasScale ? 2 : 1] : nil)
      lanes.share(plan.count) { range in
        for row in range {
          let (source, result) = (inputs[0] + row * plan.width, outputs[0] + row * plan.width)
          let mean = Float(vectorSum(source, plan.width) / Double(plan.width))
          let variance = vectorSum(
            plan.width,
            { place in
              let difference = source.vector(at: place) - mean
              return difference * difference
            }, { (source[$0] - mean) * (source[$0] - mean) })
          let inverse = Float(1 / (variance / Double(plan.width) + Double(epsilon)).squareRoot())
          (outputs[1][row], outputs[2][row]) = (mean, inverse)
          guard plan.span == 1 else {
            for segment in 0..<plan.width / plan.span {
              let parameter = (row * plan.width / plan.span + segment) % plan.parameters
              let factor = inverse * (scales?[parameter] ?? 1)
              let shift = biases?[parameter] ?? 0
              let (from, to) = (source + segment * plan.span, result + segment * plan.span)
              // The mean is taken away first: it may be far larger than the deviation.
              to.fill(
                plan.span, { (from.vector(at: $0) - mean) * factor + shift },
                { (from[$0] - mean) * factor + shift })
            }
            continue
          }
          result.fill(
            plan.width, { (source.vector(at: $0) - mean) * inverse }, { (source[$0] - mean) * inverse })
          if let scales { plan.applying(scales, to: result, row) { $0 *= $1 } }
          if let biases { shifts.applying(biases, to: result, row) { $0 += $1 } }
        }
      }
    }
    lowering.emit(kernel, inputs: operands, outputs: results)
  }
}

extension Standardization.Stretch {
  fileprivate var isAxes: Bool { if case .axes = self { true } else { false } }
}

extension Standardization.Rows {
  /// Calls `body` with each element of stretch `row` and the parameter that belongs to it.
  @inline(__always)
  func applying(
    _ values: UnsafePointer<Float>, to elements: UnsafeMutablePointer<Float>, _ row: Int,
    _ body: (inout Float, Float) -> Void
  ) {
    guard span == 1 else {
      for segment in 0..<width / span {
        let value = values[(row * width / span + segment) % parameters]
        for place in segment * span..<(segment + 1) * span { body(&elements[place], value) }
      }
      return
    }
    // Stretches are whole repetitions of the parameters, or whole parts of them.
    var place = 0
    while place < width {
      let first = (row * width + place) % parameters
      let count = min(width - place, parameters - first)
      for index in 0..<count { body(&elements[place + index], values[first + index]) }
      place += count
    }
  }
}
