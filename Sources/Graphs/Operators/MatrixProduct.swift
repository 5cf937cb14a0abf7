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
  fileprivate struct Extents {
    var a: [Int]
    var b: [Int]
    /// `[batches…, rows, columns]`
    var product: [Int]
    /// The shape of the result: without the axis that a vector does not have.
    var result: Shape
  }

  fileprivate func extents(_ a: Shape, _ b: Shape) throws(ShapeMismatch) -> Extents {
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
    let isBare = own.isEmpty && !lowering.hasTail
    if !transposesA, let long = joinedRows(extents.a, extents.b, extents.product, isBare: isBare) {
      let matrix = Array(extents.b.suffix(2))
      return try lowering.emitProduct(
        node, try lowering.factor(a, [long, extents.a[extents.a.count - 1]], transposed: false),
        try lowering.factor(b, matrix, transposed: transposesB), [long, matrix[1]], firstFusing: own)
    }
    try lowering.emitProduct(
      node, try lowering.factor(a, extents.a, transposed: transposesA),
      try lowering.factor(b, extents.b, transposed: transposesB), extents.product, firstFusing: own)
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

/// How many rows the batches of `left` have together, if all are multiplied by the same matrix: they are then the rows
/// of one long matrix, and a spectrum of 511 frames is one product instead of 511.
///
/// With something fused behind it, the product is brought into its own shape in a step of its own. That is worth it only
/// where each batch is a single row.
private func joinedRows(_ left: [Int], _ right: [Int], _ product: [Int], isBare: Bool) -> Int? {
  let (batches, rows) = (product.dropLast(2).reduce(1, *), product[product.count - 2])
  guard batches > 1, isBare || rows == 1, right.dropLast(2).allSatisfy({ $0 == 1 }),
    left.dropLast(2) == product.dropLast(2)
  else { return nil }
  return batches * rows
}

/// Multiplication by `factor`, as what is done behind a product.
private func scaling(_ factor: Float) -> [TailStep] {
  factor == 1 ? [] : [.function(.linear(scale: factor, shift: 0))]
}

/// The gradient of a matrix product with respect to one factor: `gradient · bᵀ` or `aᵀ · gradient`, summed over the
/// batches that shared the factor. Operands: gradient of y, the other factor, the factor (only its shape).
struct FactorGradient: Operator {
  let product: MatrixProduct
  /// Whether the factor is the left one.
  let isLeft: Bool

  var kind: String { "\(product.kind)Gradient" }
  var hostsTail: Bool { true }
  var acceptsEmptyOperands: Bool { true }

  var operandCounts: ClosedRange<Int> { 3...3 }

  func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] { [try inputs.operand(2)] }
  func readsValue(ofInput index: Int) -> Bool { index < 2 }

  func lower(_ node: Node, in lowering: Lowering) throws {
    let (other, own) = (try lowering.shape(node.inputs[1]), try lowering.shape(node.inputs[2]))
    guard other.count > 0, try lowering.shape(node.inputs[0]).count > 0 else {
      return try lowering.emitZeros(node, firstFusing: [])
    }
    let extents = isLeft ? try product.extents(own, other) : try product.extents(other, own)
    let gradient = try lowering.factor(node.inputs[0], extents.product, transposed: false)
    let isTransposed = isLeft ? product.transposesA : product.transposesB
    let factor = try lowering.factor(
      node.inputs[1], isLeft ? extents.b : extents.a,
      transposed: isLeft ? product.transposesB : product.transposesA)
    // Rows and columns of this factor, as it lies.
    var matrix = Array((isLeft ? extents.a : extents.b).suffix(2))
    if isTransposed { matrix.reverse() }
    let (left, right) = isLeft ? (gradient, try factor.transposed()) : (try factor.transposed(), gradient)
    // One matrix shared by all batches: their rows are those of one long matrix.
    let isBare = product.alpha == 1 && !lowering.hasTail
    if isLeft, !isTransposed,
      let long = joinedRows(extents.product, extents.b, extents.product, isBare: isBare),
      extents.a.dropLast(2) == extents.product.dropLast(2)
    {
      let y = try Factor(gradient.operand, [long, extents.product[extents.product.count - 1]])
      let b = try lowering.factor(
        node.inputs[1], Array(extents.b.suffix(2)), transposed: product.transposesB)
      return try lowering.emitProduct(
        node, y, try b.transposed(), [long, matrix[1]], firstFusing: scaling(product.alpha))
    }
    let batches = extents.product.dropLast(2).reduce(1, *)
    let sharesMatrix = !isLeft && batches > 1 && extents.b.dropLast(2).allSatisfy { $0 == 1 }
    if sharesMatrix, !product.transposesA, extents.a.dropLast(2) == extents.product.dropLast(2) {
      let rows = batches * extents.product[extents.product.count - 2]
      let a = try Factor(factor.operand, [rows, extents.a[extents.a.count - 1]])
      let y = try Factor(gradient.operand, [rows, extents.product[extents.product.count - 1]])
      return try lowering.emitProduct(
        node, isTransposed ? y.transposed() : a.transposed(), isTransposed ? a : y, matrix,
        firstFusing: scaling(product.alpha))
    }
    try lowering.emitProduct(
      node, isTransposed ? right.transposed() : left, isTransposed ? left.transposed() : right,
      extents.product.dropLast(2) + matrix, firstFusing: scaling(product.alpha))
  }
}

/// Batches of matrices in memory.
struct Factor {
  var operand: Operand
  /// In which the product reads them.
  var view: Layout
  private let rank: Int

  /// Matrices lying plainly in `operand`.
  init(_ operand: Operand, _ extents: [Int]) throws {
    (self.operand, view, rank) = (operand, try .plain(extents), extents.count)
  }

  /// The same matrices transposed: by strides, not by copying.
  func transposed() throws -> Factor {
    var axes = Array(0..<rank)
    axes.swapAt(rank - 2, rank - 1)
    var result = self
    result.view = try view.permuted(axes)
    return result
  }
}

extension Lowering {
  /// `name` as batches of matrices of these extents; if `transposed`, it holds each of them transposed.
  func factor(_ name: TensorName, _ extents: [Int], transposed: Bool) throws -> Factor {
    var extents = extents
    if transposed { extents.swapAt(extents.count - 2, extents.count - 1) }
    let plain = try Layout.plain(extents)
    let factor = try Factor(use(name, viewedAs: Shape(extents), as: plain), extents)
    return transposed ? try factor.transposed() : factor
  }

  /// Emits `a · b`, of these extents, as the result of `node`, whose shape may be another of as many elements, or have
  /// fewer batches: it is then the sum over those it does not have. The node's tail follows.
  func emitProduct(_ node: Node, _ a: Factor, _ b: Factor, _ extents: [Int], firstFusing own: [TailStep])
    throws
  {
    let shape = try shape(node.outputs[0])
    let product = try Layout.plain(extents)
    func make(_ fused: [FusedOperation]) throws -> Primitive {
      try .matrixProduct(
        source: a.view, weights: b.view, bias: nil, destination: product, fusing: fused, on: engine)
    }
    let factors = [
      (Argument.source, Operand(buffer: a.operand.buffer, layout: a.view)),
      (.weights, Operand(buffer: b.operand.buffer, layout: b.view)),
    ]
    if shape.dimensions == extents {
      return try emitHost(node, firstFusing: own, make) { _ in factors }
    }
    // The product under another shape, or its sum; a tail then works on a copy of its own.
    let plain = try Layout.plain(shape.dimensions)
    let isSummed = extents.reduce(1, *) != shape.count
    let isLast = own.isEmpty && !hasTail
    func result() -> Operand { isLast ? define(node.outputs[0], plain) : scratch(plain) }
    var bare = isSummed ? scratch(product) : result()
    try emit(try make([]), factors + [(.destination, Operand(buffer: bare.buffer, layout: product))])
    if isSummed {
      let missing = extents.count - max(2, shape.rank)
      let isReduced = extents.indices.map { axis in
        axis < extents.count - 2 && (axis < missing || shape[axis - missing] != extents[axis])
      }
      let plan = ReductionPlan(extents, isReduced: isReduced)
      let sum = result()
      emit(
        NativeKernel(work: plan.work) { inputs, outputs, lanes in
          plan.run(.sum, inputs[0], outputs[0], lanes)
        }, inputs: [bare], outputs: [sum])
      bare = sum
    }
    guard !isLast else { return }
    try emitCopy(node, of: Operand(buffer: bare.buffer, layout: plain), firstFusing: own)
  }

  /// Emits a product over no terms: zeros, then `own` and the node's tail.
  func emitZeros(_ node: Node, firstFusing own: [TailStep]) throws {
    guard !own.isEmpty || hasTail else { return try fill(node.outputs[0], with: 0) }
    let zeros = scratch(try .plain(try shape(node.outputs[0]).dimensions))
    emitFill(zeros, with: 0)
    try emitCopy(node, of: zeros, firstFusing: own)
  }

  /// Emits the result of `node` as what `own` and the tail make of a plain operand.
  private func emitCopy(_ node: Node, of operand: Operand, firstFusing own: [TailStep]) throws {
    try emitHost(node, firstFusing: own) { fused in
      try .elementwise(.linear(scale: 1, shift: 0), source: operand.layout, fusing: fused, on: engine)
    } arguments: { _ in
      [(.source, operand)]
    }
  }
}
