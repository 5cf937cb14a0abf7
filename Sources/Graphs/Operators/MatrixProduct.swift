import OneDNN
package import Tensors

/// `y = alpha · a · b + beta · c`, either factor transposed first. ONNX `Gemm` (matrices) and `MatMul` (leading axes
/// are batches, broadcast where `b` is a matrix).
package struct MatrixProduct: Operator {
  package var kind: String
  package var alpha: Float = 1
  package var beta: Float = 1
  package var transposesA = false
  package var transposesB = false

  package var hostsTail: Bool { true }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let (a, b) = (oriented(try inputs.operand(0), transposesA), oriented(try inputs.operand(1), transposesB))
    guard a.rank >= 2, b.rank >= 2, b.rank == 2 || b.dimensions.dropLast(2) == a.dimensions.dropLast(2),
      a[a.rank - 1] == b[b.rank - 2]
    else {
      throw ShapeMismatch(
        "a product of \(try inputs.operand(0)) and \(try inputs.operand(1)) is not defined here")
    }
    let output = Shape(a.dimensions.dropLast() + [b[b.rank - 1]])
    if inputs.count > 2, let c = inputs[2] {
      guard c.rank <= output.rank,
        zip(c.dimensions.reversed(), output.dimensions.reversed()).allSatisfy({ $0 == 1 || $0 == $1 })
      else { throw ShapeMismatch("a term of shape \(c) for a result of shape \(output)") }
    }
    return [output]
  }

  /// The shape with its last two axes exchanged, if `transposes`.
  private func oriented(_ shape: Shape, _ transposes: Bool) -> Shape {
    guard transposes, shape.rank >= 2 else { return shape }
    return Shape(shape.dimensions.dropLast(2) + shape.dimensions.suffix(2).reversed())
  }

  package func multiplyAccumulates(inputs: [Shape?], outputs: [Shape]) -> Int {
    guard let a = inputs[0], let output = outputs.first, a.rank >= 2 else { return 0 }
    return saturatingProduct(output.count, transposesA ? a[a.rank - 2] : a[a.rank - 1])
  }

  package func field(_ inputs: [ReceptiveField?], inputShapes: [Shape?], outputShape: Shape) -> ReceptiveField
  {
    // The last axis is mixed; the others stay.
    var axes = [ReceptiveField.Axis?](repeating: nil, count: outputShape.rank)
    if let field = inputs[0], !transposesA, field.axes.count == outputShape.rank {
      for axis in 0..<(outputShape.rank - 1) { axes[axis] = field.axes[axis] }
    }
    return ReceptiveField(axes: axes)
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0] else { return [] }
    let (a, b) = (node.inputs[0], node.inputs[1])
    var contributions: [TensorName?] = [nil, nil, nil]
    if builder.wants(a) {
      // gradient · bᵀ, transposed again if a was.
      contributions[0] =
        transposesA
        ? builder.add(product(transposesB, true), [b, gradient])
        : builder.add(product(false, !transposesB), [gradient, b])
    }
    if builder.wants(b) {
      // aᵀ · gradient, transposed again if b was; summed over the batches that shared b.
      let whole =
        transposesB
        ? builder.add(product(true, transposesA), [gradient, a])
        : builder.add(product(!transposesA, false), [a, gradient])
      contributions[1] = builder.summed(whole, like: b)
    }
    if node.inputs.count > 2, builder.wants(node.inputs[2]) {
      let scaled =
        beta == 1
        ? gradient : builder.add(Activation(.linear(scale: beta, shift: 0), kind: "Scale"), [gradient])
      contributions[2] = builder.summed(scaled, like: node.inputs[2])
    }
    return Array(contributions.prefix(node.inputs.count))
  }

  /// A product of the same scale, for gradients.
  private func product(_ transposesA: Bool, _ transposesB: Bool) -> MatrixProduct {
    MatrixProduct(kind: kind, alpha: alpha, transposesA: transposesA, transposesB: transposesB)
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let output = try lowering.shape(node.outputs[0])
    let (a, viewA) = try factor(node.inputs[0], transposesA, rank: output.rank, in: lowering)
    let (b, viewB) = try factor(node.inputs[1], transposesB, rank: output.rank, in: lowering)
    let own = try scalesAndTerm(node)
    let destination = try Layout.plain(output.dimensions)
    try lowering.emitHost(node, firstFusing: own) { fused in
      try .matrixProduct(
        source: viewA, weights: viewB, bias: nil, destination: destination, fusing: fused, on: lowering.engine
      )
    } arguments: { _ in
      [
        (.source, Operand(buffer: a.buffer, layout: viewA)),
        (.weights, Operand(buffer: b.buffer, layout: viewB)),
      ]
    }
  }

  /// What is left to do behind the bare product: `beta · ((alpha / beta) · product + c)`.
  private func scalesAndTerm(_ node: Node) throws(GraphError) -> [TailStep] {
    func scaling(_ factor: Float) -> [TailStep] {
      factor == 1 ? [] : [.function(.linear(scale: factor, shift: 0))]
    }
    guard node.inputs.count > 2, !node.inputs[2].isEmpty, beta != 0 else { return scaling(alpha) }
    guard (alpha / beta).isFinite else {
      throw .unsupported(node: node.name, kind: kind, reason: "alpha = \(alpha) with beta = \(beta)")
    }
    return scaling(alpha / beta) + [.binary(.add, node.inputs[2])] + scaling(beta)
  }

  /// A factor in plain layout, and the view of it that the kernel reads: transposed by strides, not by copying.
  private func factor(_ name: TensorName, _ transposes: Bool, rank: Int, in lowering: Lowering) throws
    -> (Operand, view: Layout)
  {
    let shape = try lowering.shape(name)
    let full = Shape([Int](repeating: 1, count: rank - shape.rank) + shape.dimensions)
    let plain = try Layout.plain(full.dimensions)
    let operand = try lowering.use(name, viewedAs: full, as: plain)
    guard transposes else { return (operand, plain) }
    var axes = Array(0..<rank)
    axes.swapAt(rank - 2, rank - 1)
    return (operand, try plain.permuted(axes))
  }
}
