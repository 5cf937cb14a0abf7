import OneDNN
package import Tensors

/// `y = alpha · a · b + beta · c`, either factor transposed first. ONNX `Gemm` (matrices) and `MatMul`: leading axes are
/// batches and are broadcast; a vector is a row on the left, a column on the right, and gives no axis to the result.
package struct MatrixProduct: Operator {
  package var kind: String
  package var alpha: Float = 1
  package var beta: Float = 1
  package var transposesA = false
  package var transposesB = false

  package var hostsTail: Bool { true }
  package var acceptsEmptyOperands: Bool { true }

  package var operandCounts: ClosedRange<Int> { 2...3 }
  package func isLinear(inOperand index: Int) -> Bool { true }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let output = try extents(try inputs.operand(0), try inputs.operand(1)).result
    if inputs.count > 2, let c = inputs[2] {
      guard c.rank <= output.rank,
        zip(c.dimensions.reversed(), output.dimensions.reversed()).allSatisfy({ $0 == 1 || $0 == $1 })
      else { throw ShapeMismatch("a term of shape \(c) for a result of shape \(output)") }
    }
    return [output]
  }

  /// What the product is over: every factor as batches of matrices, transposed where that is asked, of one rank.
  struct Extents {
    var a: [Int]
    var b: [Int]
    /// `[batches…, rows, columns]`
    var product: [Int]
    /// The shape of the result: without the axis that a vector does not have.
    var result: Shape
  }

  func extents(_ a: Shape, _ b: Shape) throws(ShapeMismatch) -> Extents {
    let mismatch = ShapeMismatch("a product of \(a) and \(b) is not defined here")
    guard a.rank >= (transposesA ? 2 : 1), b.rank >= (transposesB ? 2 : 1) else { throw mismatch }
    var left = a.rank == 1 ? [1] + a.dimensions : a.dimensions
    var right = b.rank == 1 ? b.dimensions + [1] : b.dimensions
    if transposesA { left.swapAt(left.count - 2, left.count - 1) }
    if transposesB { right.swapAt(right.count - 2, right.count - 1) }
    guard left[left.count - 1] == right[right.count - 2] else { throw mismatch }
    let batches = try Shape.broadcast(
      [Shape(left.dropLast(2)), Shape(right.dropLast(2))], count: 2
    ).dimensions
    let product = batches + [left[left.count - 2], right[right.count - 1]]
    left = [Int](repeating: 1, count: product.count - left.count) + left
    right = [Int](repeating: 1, count: product.count - right.count) + right
    let result =
      batches + (a.rank == 1 ? [] : [product[batches.count]]) + (b.rank == 1 ? [] : product.suffix(1))
    return Extents(a: left, b: right, product: product, result: try Shape(checking: result))
  }

  package func multiplyAccumulates(inputs: [Shape?], outputs: [Shape]) -> Int {
    guard let a = inputs[0], let output = outputs.first, let depth = a.dimensions.last else { return 0 }
    return saturatingProduct(output.count, transposesA ? a[a.rank - 2] : depth)
  }

  package func field(_ inputs: [ReceptiveField?], inputShapes: [Shape?], outputShape: Shape) -> ReceptiveField
  {
    // The last axis is mixed; the others stay.
    var axes = [ReceptiveField.Axis?](repeating: nil, count: outputShape.rank)
    if let field = inputs[0], !transposesA, field.axes.count == outputShape.rank {
      for axis in axes.indices.dropLast() { axes[axis] = field.axes[axis] }
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
      contributions[0] = builder.add(FactorGradient(product: self, isLeft: true), [gradient, b, a])
    }
    if builder.wants(b) {
      contributions[1] = builder.add(FactorGradient(product: self, isLeft: false), [gradient, a, b])
    }
    if node.inputs.count > 2, builder.wants(node.inputs[2]) {
      let scaled =
        beta == 1
        ? gradient : builder.add(Activation(.linear(scale: beta, shift: 0), kind: "Scale"), [gradient])
      contributions[2] = builder.summed(scaled, like: node.inputs[2])
    }
    return Array(contributions.prefix(node.inputs.count))
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let (a, b) = (node.inputs[0], node.inputs[1])
    let extents = try extents(try lowering.shape(a), try lowering.shape(b))
    guard try lowering.shape(a).count > 0 else {
      return try lowering.emitZeros(node, firstFusing: try scalesAndTerm(node))
    }
    let own = try scalesAndTerm(node)
    if !transposesA, let matrix = lowering.fourierMatrix(b, transposed: transposesB) {
      return try lowering.emit(matrix, node, of: a, firstFusing: own)
    }
    let isBare = own.isEmpty && !lowering.hasTail
    if !transposesA, let long = joinedRows(extents.a, extents.b, extents.product, isBare: isBare) {
      let matrix = Array(extents.b.suffix(2))
      return try lowering.emitProduct(
        node, try lowering.factor(a, [long, extents.a[extents.a.count - 1]], transposed: false),
        try lowering.factor(b, matrix, transposed: transposesB), [long, matrix[1]], firstFusing: own)
    }
    let factors = try lowering.factors(
      .init(a, extents.a, transposed: transposesA), .init(b, extents.b, transposed: transposesB),
      extents.product)
    try lowering.emitProduct(node, factors.0, factors.1, extents.product, firstFusing: own)
  }

  /// What is left to do behind the bare product: `beta · ((alpha / beta) · product + c)`.
  private func scalesAndTerm(_ node: Node) throws(GraphError) -> [TailStep] {
    guard node.inputs.count > 2, !node.inputs[2].isEmpty, beta != 0 else { return scaling(alpha) }
    guard (alpha / beta).isFinite else {
      throw .unsupported(node: node.name, kind: kind, reason: "alpha = \(alpha) with beta = \(beta)")
    }
    return scaling(alpha / beta) + [.binary(.add, node.inputs[2])] + scaling(beta)
  }
}
