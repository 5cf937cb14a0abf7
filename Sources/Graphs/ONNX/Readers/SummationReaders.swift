import OneDNN
import Tensors

/// Products of many tensors, summed over the axes that the result does not have.
let summationComposites: [String: CompositeReader] = [
  "Einsum": { node, composer in
    let equation = try SummationEquation(node)
    var summation = try Summation(equation, node, in: &composer)
    let result = summation.result(in: &composer)
    composer.add(Reshaping(.identity), [result], as: node.outputs[0])
  }
]

/// Einstein's sum as transpositions, sums and products, so that its gradient and all else come from those.
///
/// First each operand is made simple: an axis named twice becomes its diagonal, an axis of 1 that is broadcast is left
/// out, an axis that nobody else has is summed. Then they are multiplied from left to right, as ONNX Runtime does, each
/// time as a batch of matrix products: axes that are needed later and are in both are the batch, axes that are not are
/// what is summed.
private struct Summation {
  typealias Axis = SummationEquation.Axis

  /// A tensor and the names of its axes.
  struct Factor {
    var name: TensorName
    var axes: [Axis]
  }

  private var factors: [Factor] = []
  private let wanted: [Axis]
  /// Of every axis: the largest of those that operands have there.
  private var extents: [Axis: Int] = [:]

  init(_ equation: SummationEquation, _ node: ONNXNode, in composer: inout Composer) throws {
    let shapes = try equation.operands.indices.map { try node.knownShape($0) }
    for (index, (term, shape)) in zip(equation.operands, shapes).enumerated() {
      guard let axes = term.axes(rank: shape.rank) else {
        throw node.unsupported("operand \(index) has shape \(shape), not the axes that its equation names")
      }
      factors.append(Factor(name: node.inputs[index], axes: axes))
      let own = Dictionary(zip(axes, shape.dimensions)) { $0 == $1 ? $0 : -1 }
      if let axis = own.first(where: { $0.value < 0 })?.key {
        throw node.unsupported("operand \(index) of shape \(shape) has no diagonal along axis \(axis)")
      }
      for (axis, extent) in own {
        let other = extents[axis] ?? 1
        guard extent == other || extent == 1 || other == 1 else {
          throw node.unsupported("axis \(axis) has \(other) places and \(extent)")
        }
        extents[axis] = extent == 1 ? other : extent
      }
    }
    let hidden = zip(equation.operands, shapes).map { $1.rank - $0.letters.count }.max() ?? 0
    let result = equation.result
    wanted = result.axes(rank: result.letters.count + (result.ellipsis == nil ? 0 : hidden)) ?? []

    for (index, shape) in shapes.enumerated() {
      let isBroadcast = zip(factors[index].axes, shape.dimensions).map { $1 == 1 && extents[$0] != 1 }
      if isBroadcast.contains(true) {
        factors[index].axes = zip(factors[index].axes, isBroadcast).filter { !$1 }.map(\.0)
        factors[index].name = reshaped(
          factors[index].name, to: extents(of: factors[index].axes), in: &composer)
      }
      factors[index] = diagonal(factors[index], in: &composer)
    }
  }

  /// The tensor of the wanted axes.
  mutating func result(in composer: inout Composer) -> TensorName {
    var uses: [Axis: Int] = Dictionary(wanted.map { ($0, 1) }) { first, _ in first }
    for axis in factors.flatMap(\.axes) { uses[axis, default: 0] += 1 }
    factors = factors.map { summed($0, over: $0.axes.filter { uses[$0] == 1 }, in: &composer) }
    var product = factors.removeFirst()
    for factor in factors {
      for axis in product.axes + factor.axes { uses[axis, default: 0] -= 1 }
      product = self.product(product, factor, keeping: { uses[$0, default: 0] > 0 }, in: &composer)
      for axis in product.axes { uses[axis, default: 0] += 1 }
    }
    return arranged(product, as: wanted, in: &composer)
  }

  // MARK: Of one factor

  private func extents(of axes: [Axis]) -> [Int] { axes.map { extents[$0] ?? 1 } }

  private func reshaped(_ name: TensorName, to extents: [Int], in composer: inout Composer) -> TensorName {
    composer.add(Reshaping(.reshape(to: extents, zeroKeeps: false)), [name])
  }

  /// The factor with its axes in the order `axes`, of which each is one of its own.
  private func arranged(_ factor: Factor, as axes: [Axis], in composer: inout Composer) -> TensorName {
    guard factor.axes != axes else { return factor.name }
    let order = axes.compactMap { factor.axes.firstIndex(of: $0) }
    return composer.add(Transposition(axes: order), [factor.name])
  }

  private func summed(_ factor: Factor, over axes: [Axis], in composer: inout Composer) -> Factor {
    guard !axes.isEmpty else { return factor }
    let places = axes.compactMap { factor.axes.firstIndex(of: $0) }
    return Factor(
      name: composer.add(Reduction(.sum, axes: places, keepsAxes: false), [factor.name]),
      axes: factor.axes.filter { !axes.contains($0) })
  }

  /// The factor without any axis twice: of two of extent `n`, seen as one of `n²`, every `n + 1`st place is left.
  private func diagonal(_ factor: Factor, in composer: inout Composer) -> Factor {
    var factor = factor
    while let second = factor.axes.indices.first(where: { factor.axes[..<$0].contains(factor.axes[$0]) }),
      let first = factor.axes.firstIndex(of: factor.axes[second])
    {
      let axis = factor.axes[second]
      let others = factor.axes.indices.filter { $0 != first && $0 != second }
      let last = composer.add(Transposition(axes: others + [first, second]), [factor.name])
      let (rest, extent) = (others.map { factor.axes[$0] }, extents[axis] ?? 1)
      let flat = reshaped(last, to: extents(of: rest) + [extent * extent], in: &composer)
      let step = Slice.Stretch(axis: others.count, start: 0, end: extent * extent, step: extent + 1)
      factor = Factor(name: composer.add(Slice([step]), [flat]), axes: rest + [axis])
    }
    return factor
  }

  // MARK: Of two

  /// `a · b`, summed over the axes that both have and nobody needs later.
  private func product(
    _ a: Factor, _ b: Factor, keeping isKept: (Axis) -> Bool, in composer: inout Composer
  ) -> Factor {
    let shared = a.axes.filter(b.axes.contains)
    let (batch, inner) = (shared.filter(isKept), shared.filter { !isKept($0) })
    let rows = a.axes.filter { !shared.contains($0) }
    let columns = b.axes.filter { !shared.contains($0) }
    guard !inner.isEmpty else {
      // Nothing to sum: axes of 1 let each factor be broadcast along those of the other.
      let axes = a.axes + columns
      var left = a.name
      if !columns.isEmpty {
        left = reshaped(left, to: extents(of: a.axes) + columns.map { _ in 1 }, in: &composer)
      }
      var right = arranged(b, as: axes.filter(b.axes.contains), in: &composer)
      if b.axes.count < axes.count {
        let view = axes.map { b.axes.contains($0) ? extents[$0] ?? 1 : 1 }
        right = reshaped(right, to: view, in: &composer)
      }
      return Factor(name: composer.add(Binary(.multiply), [left, right]), axes: axes)
    }
    var operation = MatrixProduct(kind: "MatMul")
    operation.transposesA = a.axes == batch + inner + rows
    operation.transposesB = b.axes == batch + columns + inner
    let left = matrices(a, batch, operation.transposesA ? (inner, rows) : (rows, inner), in: &composer)
    let right = matrices(b, batch, operation.transposesB ? (columns, inner) : (inner, columns), in: &composer)
    var name = composer.add(operation, [left, right])
    let axes = batch + rows + columns
    if rows.count != 1 || columns.count != 1 { name = reshaped(name, to: extents(of: axes), in: &composer) }
    return Factor(name: name, axes: axes)
  }

  /// The factor as a batch of matrices.
  private func matrices(
    _ factor: Factor, _ batch: [Axis], _ sides: (rows: [Axis], columns: [Axis]), in composer: inout Composer
  ) -> TensorName {
    let name = arranged(factor, as: batch + sides.rows + sides.columns, in: &composer)
    guard sides.rows.count != 1 || sides.columns.count != 1 else { return name }
    let matrix = [sides.rows, sides.columns].map { extents(of: $0).reduce(1, *) }
    return reshaped(name, to: extents(of: batch) + matrix, in: &composer)
  }
}
