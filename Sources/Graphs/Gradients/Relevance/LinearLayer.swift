import Tensors

/// A node seen as `z = w x + b` with constant w and b, which a rule may change: a convolution, or a matrix product with
/// a constant.
struct LinearLayer {
  /// x.
  let source: TensorName
  let isConvolution: Bool
  private let node: Node
  /// Without factors of its own: they are in the constants.
  private let operation: any Operator
  private let weights: Tensor
  private let bias: Tensor?
  /// Whether w is the first operand.
  private let isReversed: Bool
  /// Whether w are not the node's own constants.
  private let isScaled: Bool

  /// nil where the node is none.
  init?(_ node: Node, _ constants: [TensorName: Tensor]) {
    guard node.inputs.count > 1 else { return nil }
    var bias = node.operand(2).flatMap { constants[$0] }
    guard node.operand(2) == nil || bias != nil else { return nil }
    let isReversed = constants[node.inputs[0]] != nil
    guard var weights = constants[node.inputs[isReversed ? 0 : 1]],
      constants[node.inputs[isReversed ? 1 : 0]] == nil
    else { return nil }
    switch node.operation {
    case is Convolution, is TransposedConvolution:
      guard !isReversed else { return nil }
      (operation, isConvolution, isScaled) = (node.operation, true, false)
    case var product as MatrixProduct:
      weights = weights.scaled(by: product.alpha)
      bias = bias?.scaled(by: product.beta)
      isScaled = product.alpha != 1
      (product.alpha, product.beta) = (1, 1)
      (operation, isConvolution) = (product, false)
    default: return nil
    }
    (self.node, self.weights, self.bias, self.isReversed) = (node, weights, bias, isReversed)
    source = node.inputs[isReversed ? 1 : 0]
  }

  var hasBias: Bool { bias != nil }

  /// The operand of the node that x is.
  var place: Int { isReversed ? 1 : 0 }

  /// The weights, changed, as a constant.
  func weights(_ change: Change, in builder: inout GradientBuilder) -> TensorName {
    change == .unchanged && !isScaled
      ? node.inputs[1 - place] : builder.add(constant: weights.mapped(change))
  }

  /// `w x + b` with these weights; without b if there is no change for it.
  func result(
    of x: TensorName, _ weights: TensorName, bias change: Change?, in builder: inout GradientBuilder
  )
    -> TensorName
  {
    var inputs = isReversed ? [weights, x] : [x, weights]
    if let change, let bias { inputs.append(builder.add(constant: bias.mapped(change))) }
    return builder.add(operation, inputs)
  }

  /// `wᵀ s`, shaped as x.
  func back(_ share: TensorName, _ weights: TensorName, in builder: inout GradientBuilder) throws(GraphError)
    -> TensorName?
  {
    let inputs = isReversed ? [weights, source] : [source, weights]
    let plain = Node(name: node.name, operation: operation, inputs: inputs, outputs: node.outputs)
    return try operation.gradients(of: plain, given: [share], in: &builder)[place]
  }
}

extension Tensor {
  fileprivate func mapped(_ change: Change) -> Tensor {
    change == .unchanged ? self : Tensor(shape, values.map { change($0) })
  }

  fileprivate func scaled(by factor: Float) -> Tensor {
    factor == 1 ? self : Tensor(shape, values.map { $0 * factor })
  }
}
