import OneDNN
import Tensors

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

  /// As many as the product itself takes.
  func multiplyAccumulates(inputs: [Shape?], outputs: [Shape]) -> Int {
    guard inputs.count == 3, let gradient = inputs[0] else { return 0 }
    return product.multiplyAccumulates(
      inputs: isLeft ? [inputs[2], inputs[1]] : [inputs[1], inputs[2]], outputs: [gradient])
  }

  func lower(_ node: Node, in lowering: Lowering) throws {
    let (other, own) = (try lowering.shape(node.inputs[1]), try lowering.shape(node.inputs[2]))
    guard other.count > 0, try lowering.shape(node.inputs[0]).count > 0 else {
      return try lowering.emitZeros(node, firstFusing: [])
    }
    let extents = isLeft ? try product.extents(own, other) : try product.extents(other, own)
    if isLeft, !product.transposesA, extents.a.dropLast(2) == extents.product.dropLast(2),
      let matrix = lowering.fourierMatrix(node.inputs[1], transposed: product.transposesB)
    {
      return try lowering.emit(
        matrix, node, of: node.inputs[0], backwards: true, firstFusing: scaling(product.alpha))
    }
    let isTransposed = isLeft ? product.transposesA : product.transposesB
    // Rows and columns of this factor, as it lies.
    var matrix = Array((isLeft ? extents.a : extents.b).suffix(2))
    if isTransposed { matrix.reverse() }
    // One matrix shared by all batches: their rows are those of one long matrix.
    let isBare = product.alpha == 1 && !lowering.hasTail
    if isLeft, !isTransposed,
      let long = joinedRows(extents.product, extents.b, extents.product, isBare: isBare),
      extents.a.dropLast(2) == extents.product.dropLast(2)
    {
      let y = try lowering.factor(
        node.inputs[0], [long, extents.product[extents.product.count - 1]], transposed: false)
      let b = try lowering.factor(
        node.inputs[1], Array(extents.b.suffix(2)), transposed: product.transposesB)
      return try lowering.emitProduct(
        node, y, try b.transposed(), [long, matrix[1]], firstFusing: scaling(product.alpha))
    }
    let batches = extents.product.dropLast(2).reduce(1, *)
    let sharesMatrix = !isLeft && batches > 1 && extents.b.dropLast(2).allSatisfy { $0 == 1 }
    if sharesMatrix, !product.transposesA, extents.a.dropLast(2) == extents.product.dropLast(2) {
      let rows = batches * extents.product[extents.product.count - 2]
      let a = try lowering.factor(
        node.inputs[1], [rows, extents.a[extents.a.count - 1]], transposed: false)
      let y = try lowering.factor(
        node.inputs[0], [rows, extents.product[extents.product.count - 1]], transposed: false)
      return try lowering.emitProduct(
        node, isTransposed ? y.transposed() : a.transposed(), isTransposed ? a : y, matrix,
        firstFusing: scaling(product.alpha))
    }
    let gradient = Lowering.FactorForm(node.inputs[0], extents.product, transposed: false)
    let factor = Lowering.FactorForm(
      node.inputs[1], isLeft ? extents.b : extents.a,
      transposed: isLeft ? product.transposesB : product.transposesA)
    // g · bᵀ and aᵀ · g; where the factor lies transposed, the transposes of these: b · gᵀ and gᵀ · a.
    let (left, right) =
      switch (isLeft, isTransposed) {
      case (true, false): (gradient, factor.turned)
      case (true, true): (factor, gradient.turned)
      case (false, false): (factor.turned, gradient)
      case (false, true): (gradient.turned, factor)
      }
    let result = Array(extents.product.dropLast(2) + matrix)
    let factors = try lowering.factors(left, right, result)
    try lowering.emitProduct(node, factors.0, factors.1, result, firstFusing: scaling(product.alpha))
  }
}
