import OneDNN

extension GradientRule {
  /// Multipliers in the place of gradients: `m` with `Σ m · (x − x₀) = score(x) − score(x₀)` for a baseline x₀.
  ///
  /// The rescale rule of DeepLIFT (Shrikumar et al., ICML 2017), as Captum 0.9 has it: a function of one number has
  /// `m = Δy / Δx`, or its derivative where `|Δx| < 1e-10`; a maximum pooling hands what the larger of both results has
  /// above the baseline's to the winner at x, and the rest to the winner at x₀. Beyond Captum, which takes gradients there,
  /// a product of two computed tensors has the mean of the other factor at both inputs, so that nothing is lost.
  /// Everything else has its own gradient, which is exact for linear operations.
  public static let rescale = GradientRule(name: "standard", comparesWithBaseline: true)
    .substituting(RescaleBackward(), as: "rescale") { _ in true }
}

/// The rule for each node of a paired graph.
struct RescaleBackward: BackwardRule {
  func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder) throws(GraphError)
    -> [TensorName?]
  {
    if node.operation is Binary, let contributions = multipliedFactors(node, given, in: &builder) {
      return contributions
    }
    let own = try node.operation.gradients(of: node, given: given, in: &builder)
    guard let multiplier = given[0], let gradient = own[0], let flow = flow(multiplier, node, in: &builder)
    else {
      return own
    }
    return [quotient(flow, node.inputs[0], gradient, in: &builder)] + own.dropFirst()
  }

  /// `m · Δy` at the places of x, where the node's own gradient is not to be taken.
  private func flow(_ multiplier: TensorName, _ node: Node, in builder: inout GradientBuilder) -> TensorName?
  {
    switch node.operation {
    case let activation as Activation:
      if case .linear = activation.function { return nil }
    case is Pointwise where node.inputs.count == 1 || node.kind == "PRelu": break
    case let pooling as Pooling where pooling.reduction == .maximum:
      return pooled(pooling, node, multiplier, in: &builder)
    default: return nil
    }
    return builder.add(Binary(.multiply), [multiplier, builder.change(of: node.outputs[0])])
  }

  private func pooled(
    _ pooling: Pooling, _ node: Node, _ multiplier: TensorName, in builder: inout GradientBuilder
  ) -> TensorName? {
    let result = node.outputs[0]
    guard let twin = builder.producers[builder.baseline(result)] else { return nil }
    let larger = builder.add(Binary(.maximum), [result, twin.outputs[0]])
    func handed(_ upper: TensorName, _ lower: TensorName, backThrough node: Node) -> TensorName {
      let change = builder.add(Binary(.subtract), [upper, lower])
      let flow = builder.add(Binary(.multiply), [multiplier, change])
      let memory = builder.result(Pooling.memory, of: node)
      return builder.add(PoolingGradient(forward: pooling), [flow, node.inputs[0], memory])
    }
    let parts = [
      handed(larger, twin.outputs[0], backThrough: node), handed(result, larger, backThrough: twin),
    ]
    return builder.add(Binary(.add), parts)
  }

  /// A product of two computed tensors: each factor's multiplier has the mean of the other.
  private func multipliedFactors(_ node: Node, _ given: [TensorName?], in builder: inout GradientBuilder)
    -> [TensorName?]?
  {
    guard let multiplier = given[0], (node.operation as? Binary)?.function == .multiply,
      node.inputs.allSatisfy(builder.isComputed)
    else { return nil }
    return zip(node.inputs, node.inputs.reversed()).map { factor, other in
      guard builder.wants(factor) else { return nil }
      let sum = builder.add(Binary(.add), [other, builder.baseline(other)])
      let mean = builder.add(Activation(.linear(scale: 0.5, shift: 0), kind: "Mul"), [sum])
      return builder.summed(builder.add(Binary(.multiply), [multiplier, mean]), like: factor)
    }
  }

  /// `flow / Δx`, or the gradient where x does not change.
  private func quotient(
    _ flow: TensorName, _ x: TensorName, _ gradient: TensorName, in builder: inout GradientBuilder
  ) -> TensorName {
    builder.add(
      Pointwise("Multiplier", arity: 3, ofThree { abs($1) < 1e-10 ? $2 : $0 / $1 }),
      [flow, builder.change(of: x), gradient])
  }
}

extension GradientBuilder {
  /// What `tensor` is at the baseline.
  fileprivate func baseline(_ tensor: TensorName) -> TensorName {
    isComputed(tensor) ? Graph.baselineName(tensor) : tensor
  }

  /// `x − x₀`.
  fileprivate mutating func change(of tensor: TensorName) -> TensorName {
    add(Binary(.subtract), [tensor, baseline(tensor)])
  }
}
