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

/// Batches of matrices in memory.
struct Factor {
  var operand: Operand
  /// In which the product reads them.
  var view: Layout
  private let rank: Int
  /// A constant that can be packed for a kernel.
  private(set) var constant: Constant?

  struct Constant {
    let value: Tensor
    /// As it lies.
    let extents: [Int]
    var isTransposed: Bool
  }

  /// Matrices lying plainly in `operand`, which holds `constant`, if any.
  init(_ operand: Operand, _ extents: [Int], constant: Tensor? = nil) throws {
    (self.operand, view, rank) = (operand, try .plain(extents), extents.count)
    self.constant = constant.map { Constant(value: $0, extents: extents, isTransposed: false) }
  }

  /// Matrices lying as the operand says, whose layout has `rank` axes.
  init(viewing operand: Operand, rank: Int) {
    (self.operand, view, self.rank) = (operand, operand.layout, rank)
  }

  /// The same matrices transposed: by strides, not by copying.
  func transposed() throws -> Factor {
    var axes = Array(0..<rank)
    axes.swapAt(rank - 2, rank - 1)
    var result = self
    result.view = try view.permuted(axes)
    result.constant?.isTransposed.toggle()
    return result
  }
}

extension Lowering {
  /// `name` as batches of matrices of these extents; if `transposed`, it holds each of them transposed.
  func factor(_ name: TensorName, _ extents: [Int], transposed: Bool) throws -> Factor {
    var extents = extents
    if transposed { extents.swapAt(extents.count - 2, extents.count - 1) }
    let plain = try Layout.plain(extents)
    let factor = try Factor(
      use(name, viewedAs: Shape(extents), as: plain), extents, constant: constant(name))
    return transposed ? try factor.transposed() : factor
  }

  /// A tensor as batches of matrices of these extents; if `transposed`, it holds each of them transposed.
  struct FactorForm {
    let name: TensorName
    let extents: [Int]
    let transposed: Bool

    init(_ name: TensorName, _ extents: [Int], transposed: Bool) {
      (self.name, self.extents, self.transposed) = (name, extents, transposed)
    }

    /// The extents of the tensor as it lies.
    var lying: [Int] { transposed ? turned.extents : extents }

    /// The transposed matrices.
    var turned: FactorForm {
      var extents = extents
      extents.swapAt(extents.count - 2, extents.count - 1)
      return FactorForm(name, extents, transposed: !transposed)
    }
  }

  /// Both factors of a product of these extents. Transposed tensors, such as the heads of attention, are read where they
  /// lie if oneDNN's kernel for plain ones takes that.
  func factors(_ a: FactorForm, _ b: FactorForm, _ product: [Int]) throws -> (Factor, Factor) {
    func plain(_ form: FactorForm) throws -> Factor {
      try factor(form.name, form.extents, transposed: form.transposed)
    }
    let (left, right) = (try viewed(a), try viewed(b))
    guard left != nil || right != nil else { return (try plain(a), try plain(b)) }
    func kernel(_ a: Layout, _ b: Layout) -> String? {
      try? Primitive.matrixProduct(
        source: a, weights: b, bias: nil, destination: .plain(product), on: engine
      ).implementation
    }
    let (first, second) = (try plainLayout(a), try plainLayout(b))
    let usual = kernel(first, second)
    for (x, y) in [(left, right), (left, nil), (nil, right)] where x != nil || y != nil {
      guard let found = kernel(x?.view ?? first, y?.view ?? second), found == usual else { continue }
      return (try x ?? plain(a), try y ?? plain(b))
    }
    return (try plain(a), try plain(b))
  }

  /// A factor that is another tensor's memory; nil if it has its own.
  private func viewed(_ form: FactorForm) throws -> Factor? {
    guard let view = view(of: form.name), try shape(form.name).dimensions == form.lying else { return nil }
    let factor = Factor(viewing: view, rank: form.extents.count)
    return form.transposed ? try factor.transposed() : factor
  }

  private func plainLayout(_ form: FactorForm) throws -> Layout {
    var axes = Array(form.extents.indices)
    if form.transposed { axes.swapAt(axes.count - 2, axes.count - 1) }
    return try .plain(form.lying).permuted(axes)
  }

  /// Emits `a · b`, of these extents, as the result of `node`, whose shape may be another of as many elements, or have
  /// fewer batches: it is then the sum over those it does not have. The node's tail follows.
  func emitProduct(_ node: Node, _ a: Factor, _ b: Factor, _ extents: [Int], firstFusing own: [TailStep])
    throws
  {
    let shape = try shape(node.outputs[0])
    let product = try destination(a, b, extents, shape)
    let packed = b.constant.flatMap { constant in
      extents.dropLast().reduce(1, *) <= Self.mostPackedRows && constant.value.count <= Self.mostPackedWeights
        ? constant : nil
    }
    let weights = try packed.map { constant in
      try Layout.any(
        Array(constant.extents.dropLast(2))
          + (constant.isTransposed ? constant.extents.suffix(2).reversed() : constant.extents.suffix(2)))
    }
    func make(_ fused: [FusedOperation]) throws -> Primitive {
      try .matrixProduct(
        source: a.view, weights: weights ?? b.view, bias: nil, destination: product, fusing: fused, on: engine
      )
    }
    func factors(_ primitive: Primitive) throws -> [(Argument, Operand)] {
      let right =
        try packed.map { constant in
          try use(
            constant.value, viewedAs: Shape(constant.extents), transposed: constant.isTransposed,
            as: primitive.layout(.weights))
        } ?? Operand(buffer: b.operand.buffer, layout: b.view)
      return [(.source, Operand(buffer: a.operand.buffer, layout: a.view)), (.weights, right)]
    }
    if shape.dimensions == extents { return try emitHost(node, firstFusing: own, make, arguments: factors) }
    // The product under another shape, or its sum; a tail then works on a copy of its own.
    let plain = try Layout.plain(shape.dimensions)
    let isSummed = extents.reduce(1, *) != shape.count
    let isLast = own.isEmpty && !hasTail
    func result() -> Operand { isLast ? define(node.outputs[0], plain) : scratch(plain) }
    var bare = isSummed ? scratch(product) : result()
    let primitive = try make([])
    try emit(primitive, factors(primitive) + [(.destination, Operand(buffer: bare.buffer, layout: product))])
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

  /// With so few rows the time goes into reading the weights: in the kernel's own layout they are read once (measured:
  /// 1280 x 6522 in 0.4 ms instead of 1.3).
  private static var mostPackedRows: Int { 16 }
  /// Packed, weights take their place in memory twice.
  private static var mostPackedWeights: Int { 12 << 20 }

  /// What transform a constant matrix is, if any.
  func fourierMatrix(_ name: TensorName, transposed: Bool) -> FourierMatrix? {
    guard let weights = constant(name) else { return nil }
    return FourierMatrix(weights, transposed: transposed) { purpose, make in
      derived(from: weights, purpose, make)
    }
  }

  /// Emits rows of `name` times `matrix`, or times its transpose, as the result of `node`. The node's tail follows.
  func emit(
    _ matrix: FourierMatrix, _ node: Node, of name: TensorName, backwards: Bool = false,
    firstFusing own: [TailStep]
  ) throws {
    let shape = try shape(node.outputs[0])
    let plain = try Layout.plain(shape.dimensions)
    let rows = shape.count / (backwards ? matrix.samples : matrix.bins)
    let inputs = [
      try use(name, as: .plain(try self.shape(name).dimensions)),
      try use(matrix.window, viewedAs: matrix.window.shape, as: .plain(matrix.window.shape.dimensions)),
    ]
    let isLast = own.isEmpty && !hasTail
    let result = isLast ? define(node.outputs[0], plain) : scratch(plain)
    emit(
      NativeKernel(work: saturatingProduct(rows, matrix.workOfRow)) { inputs, outputs, lanes in
        lanes.share(rows) { rows in
          if backwards {
            matrix.multiplyTransposed(inputs[0], inputs[1], into: outputs[0], rows: rows)
          } else {
            matrix.multiply(inputs[0], inputs[1], into: outputs[0], rows: rows)
          }
        }
      }, inputs: inputs, outputs: [result])
    guard !isLast else { return }
    try emitCopy(node, of: result, firstFusing: own)
  }

  /// Where a reader transposes the product, it is written transposed if oneDNN's kernel for a plain one does that.
  private func destination(_ a: Factor, _ b: Factor, _ extents: [Int], _ shape: Shape) throws -> Layout {
    let plain = try Layout.plain(extents)
    guard shape.dimensions == extents, let wanted = try layoutForTransposingReader() else { return plain }
    let kernels = [plain, wanted].map { destination in
      try? Primitive.matrixProduct(
        source: a.view, weights: b.view, bias: nil, destination: destination, on: engine
      ).implementation
    }
    return kernels[0] == kernels[1] ? wanted : plain
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
