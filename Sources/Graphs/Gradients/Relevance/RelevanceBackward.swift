import OneDNN

/// Hands relevance from a node's results to its operands, by `rule`.
struct RelevanceBackward: BackwardRule {
  let rule: RelevanceRule

  func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder) throws(GraphError)
    -> [TensorName?]
  {
    if node.handsOnPlaces { return try node.operation.gradients(of: node, given: given, in: &builder) }
    guard node.outputs.count(where: { !$0.isEmpty }) == 1, let relevance = given[0] else {
      throw .unsupported(
        node: node.name, kind: node.kind, reason: "relevance cannot be handed back through it")
    }
    if let layer = LinearLayer(node, builder.graph.constants) {
      return try share(relevance, among: layer, of: node, in: &builder)
    }
    switch node.operation {
    case is ChannelScaling:
      return rule.convolution == .epsilon ? try proportional(relevance, node, in: &builder) : [relevance]
    case is Standardization, is NormScaling, is Dropout:
      return [relevance]
    case let activation as Activation:
      guard case .linear(_, let shift) = activation.function, shift != 0 else { return [relevance] }
      return rule.convolution == .epsilon ? try proportional(relevance, node, in: &builder) : [relevance]
    case is Pointwise where node.inputs.count(where: builder.wants) == 1:
      return node.inputs.map { builder.summed(relevance, like: $0) }
    case let binary as Binary:
      return try share(relevance, binary, node, in: &builder)
    case is Recurrence:
      throw .unsupported(node: node.name, kind: node.kind, reason: "there is no relevance rule for it")
    default:
      return try proportional(relevance, node, in: &builder)
    }
  }

  private func share(
    _ relevance: TensorName, _ binary: Binary, _ node: Node, in builder: inout GradientBuilder
  ) throws(GraphError) -> [TensorName?] {
    let (a, b) = (node.inputs[0], node.inputs[1])
    let hasConstant = !(builder.isComputed(a) && builder.isComputed(b))
    switch binary.function {
    case .add, .subtract:
      // As with normalizations: only `epsilon` lets a constant beside no layer absorb.
      if hasConstant, rule.convolution != .epsilon {
        return [builder.summed(relevance, like: a), builder.summed(relevance, like: b)]
      }
      return try proportional(relevance, node, in: &builder)
    case .multiply:
      if hasConstant { return [builder.summed(relevance, like: a), builder.summed(relevance, like: b)] }
      if a != b, builder.isGate(a) != builder.isGate(b) {
        return builder.isGate(b)
          ? [builder.summed(relevance, like: a), nil] : [nil, builder.summed(relevance, like: b)]
      }
      let half = builder.add(Activation(.linear(scale: 0.5, shift: 0), kind: "Mul"), [relevance])
      return [builder.summed(half, like: a), builder.summed(half, like: b)]
    case .divide:
      return builder.isComputed(a)
        ? [builder.summed(relevance, like: a), nil] : [nil, builder.summed(relevance, like: b)]
    case .maximum, .minimum:
      return try node.operation.gradients(of: node, given: [relevance], in: &builder)
    }
  }

  /// `x` times the operation's own gradient of `R /ₛ z`, for each operand; products of computed matrices are of two
  /// factors, and each gets half.
  private func proportional(_ relevance: TensorName, _ node: Node, in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    let result = node.outputs[0]
    var share = builder.add(.stabilizedQuotient(rule.stabilizer), [relevance, result])
    let homogeneous = builder.withoutConstants(node)
    tally(relevance, [(share, homogeneous ?? result, result)], in: &builder)
    if node.operation is MatrixProduct, node.inputs.prefix(2).allSatisfy(builder.isComputed) {
      share = builder.add(Activation(.linear(scale: 0.5, shift: 0), kind: "Mul"), [share])
    }
    let gradients = try node.operation.gradients(of: node, given: [share], in: &builder)
    return zip(node.inputs, gradients).map { input, gradient in
      gradient.map { builder.add(Binary(.multiply), [input, $0]) }
    }
  }

  private func share(
    _ relevance: TensorName, among layer: LinearLayer, of node: Node, in builder: inout GradientBuilder
  ) throws(GraphError) -> [TensorName?] {
    var choice = layer.isConvolution ? rule.convolution : rule.dense
    if let first = rule.first, !builder.isBehindLayer(layer.source) { choice = first }
    let isNonNegative = builder.isNonNegative(layer.source)
    var total: TensorName?
    var flows: [Flow] = []
    for part in choice.parts {
      var products: [(x: TensorName, weights: TensorName, term: RelevancePart.Term)] = []
      // What has no negative inputs needs no term for them.
      for term in part.terms where !(isNonNegative && term.input == .negative) {
        let x = builder.stand(in: term.input, for: layer.source, isNonNegative: isNonNegative)
        products.append((x, layer.weights(term.weights, in: &builder), term))
      }
      func sum(withBias: Bool, in builder: inout GradientBuilder) -> TensorName {
        var sum: TensorName?
        for (x, weights, term) in products {
          let bias = withBias && !rule.ignoresBiases ? term.bias : nil
          let result = layer.result(of: x, weights, bias: bias, in: &builder)
          sum = sum.map { builder.add(Binary(term.isSubtracted ? .subtract : .add), [$0, result]) } ?? result
        }
        return sum ?? node.outputs[0]
      }
      let isAsItIs = choice == .epsilon && !(rule.ignoresBiases && layer.hasBias)
      let denominator = isAsItIs ? node.outputs[0] : sum(withBias: true, in: &builder)
      let share =
        part.sign == .any
        ? builder.add(.stabilizedQuotient(rule.stabilizer), [relevance, denominator])
        : builder.add(
          .stabilizedQuotient(rule.stabilizer, where: part.sign), [relevance, denominator, node.outputs[0]])
      let scaled =
        part.factor == 1
        ? share : builder.add(Activation(.linear(scale: part.factor, shift: 0), kind: "Mul"), [share])
      if builder.tallies {
        let isBiased = layer.hasBias && !rule.ignoresBiases && products.contains { $0.term.bias != nil }
        flows.append((scaled, isBiased ? sum(withBias: false, in: &builder) : denominator, denominator))
      }
      for (x, weights, term) in products {
        guard let back = try layer.back(scaled, weights, in: &builder) else { continue }
        let flow = builder.add(Binary(.multiply), [x, back])
        total = total.map { builder.add(Binary(term.isSubtracted ? .subtract : .add), [$0, flow]) } ?? flow
      }
    }
    tally(relevance, flows, in: &builder)
    return node.inputs.indices.map { $0 == layer.place ? total : nil }
  }

  /// What a layer shares out: the quotient `s`, the result without its bias, and the denominator.
  private typealias Flow = (share: TensorName, result: TensorName, denominator: TensorName)

  /// Of the relevance R of a result, `Σ s · (z − wx)` goes to the biases and `R − Σ s · z` to the stabilizers.
  private func tally(_ relevance: TensorName, _ flows: [Flow], in builder: inout GradientBuilder) {
    guard builder.tallies else { return }
    var rest = relevance
    for (share, result, denominator) in flows {
      let shared = builder.add(Binary(.multiply), [share, denominator])
      rest = builder.add(Binary(.subtract), [rest, shared])
      guard result != denominator else { continue }
      let bias = builder.add(Binary(.subtract), [denominator, result])
      builder.absorb(builder.add(Binary(.multiply), [share, bias]), by: .biases)
    }
    builder.absorb(rest, by: .stabilizers)
  }
}

extension Pointwise {
  /// `R / (z + ε)` for `z ≥ 0`, `R / (z − ε)` for `z < 0`. Operands: R, z.
  fileprivate static func stabilizedQuotient(_ epsilon: Float) -> Pointwise {
    Pointwise("StabilizedQuotient", arity: 2, ofTwo { $0 / ($1 + ($1 < 0 ? -epsilon : epsilon)) })
  }

  /// The same where a layer's result has the sign, 0 elsewhere. Operands: R, z, the result.
  fileprivate static func stabilizedQuotient(_ epsilon: Float, where sign: RelevancePart.Sign) -> Pointwise {
    let positive: Float = sign == .positive ? 1 : -1
    return Pointwise(
      "StabilizedQuotient", arity: 3,
      ofThree { $2 * positive > 0 ? $0 / ($1 + ($1 < 0 ? -epsilon : epsilon)) : 0 })
  }
}

extension GradientBuilder {
  /// What a rule multiplies in place of `x`.
  fileprivate mutating func stand(in input: RelevancePart.Input, for x: TensorName, isNonNegative: Bool)
    -> TensorName
  {
    switch input {
    case .all: x
    case .positive: isNonNegative ? x : add(Activation(.relu(slope: 0), kind: "Relu"), [x])
    case .negative: add(Pointwise.function("NegativePart") { $0 < 0 ? $0 : 0 }, [x])
    case .least: add(RowExtreme(isLargest: false), [x])
    case .largest: add(RowExtreme(isLargest: true), [x])
    case .ones: add(Pointwise.function("Ones") { _ in 1 }, [x])
    }
  }

  fileprivate mutating func add(_ pointwise: Pointwise, _ inputs: [TensorName]) -> TensorName {
    add(pointwise as any Operator, inputs)
  }
}
