import OneDNN
import Tensors

/// How many rows the batches of `left` have together, if all are multiplied by the same matrix: they are then the rows
/// of one long matrix, and a spectrum of 511 frames is one product instead of 511.
///
/// With something fused behind it, the product is brought into its own shape in a step of its own. That is worth it only
/// where each batch is a single row.
func joinedRows(_ left: [Int], _ right: [Int], _ product: [Int], isBare: Bool) -> Int? {
  let (batches, rows) = (product.dropLast(2).reduce(1, *), product[product.count - 2])
  guard batches > 1, isBare || rows == 1, right.dropLast(2).allSatisfy({ $0 == 1 }),
    left.dropLast(2) == product.dropLast(2)
  else { return nil }
  return batches * rows
}

/// Multiplication by `factor`, as what is done behind a product.
func scaling(_ factor: Float) -> [TailStep] {
  factor == 1 ? [] : [.function(.linear(scale: factor, shift: 0))]
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
          matrix.multiply(inputs[0], inputs[1], into: outputs[0], rows: rows, transposed: backwards)
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
