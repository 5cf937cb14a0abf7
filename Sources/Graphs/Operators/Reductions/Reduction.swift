import Glibc
import OneDNN
package import Tensors

/// What is left of the elements along some axes: their sum, mean, extreme, product, norm. ONNX `ReduceSum` and its
/// kin.
///
/// Works in the order of memory in which the operand lies, so that a mean over the places of a map costs one pass.
package struct Reduction: Operator {
  package enum Function: String, Sendable, CaseIterable {
    case sum = "Sum"
    case mean = "Mean"
    case maximum = "Max"
    case minimum = "Min"
    case product = "Prod"
    /// `Σ |x|`
    case absoluteSum = "L1"
    /// `√Σ x²`
    case norm = "L2"
    /// `log Σ x`
    case logSum = "LogSum"
    /// `log Σ exp x`
    case logSumExp = "LogSumExp"
    /// `Σ x²`
    case squareSum = "SumSquare"

    /// What is left of no elements at all.
    var ofNothing: Float {
      switch self {
      case .sum, .absoluteSum, .norm, .squareSum: 0
      case .product: 1
      case .mean: .nan
      case .maximum, .logSum, .logSumExp: -.infinity
      case .minimum: .infinity
      }
    }
  }

  package let function: Function
  /// nil: all.
  package let axes: [Int]?
  /// Whether the axes stay, with extent 1.
  package let keepsAxes: Bool

  package init(_ function: Function, axes: [Int]?, keepsAxes: Bool) {
    (self.function, self.axes, self.keepsAxes) = (function, axes, keepsAxes)
  }

  package var kind: String { "Reduce" + function.rawValue }
  package func isLinear(inOperand index: Int) -> Bool { function == .sum || function == .mean }
  package var acceptsEmptyOperands: Bool { true }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let source = try inputs.operand(0)
    let places = try source.places(ofAxes: axes)
    return [
      Shape(
        source.dimensions.indices.compactMap { axis in
          places.contains(axis) ? (keepsAxes ? 1 : nil) : source[axis]
        })
    ]
  }

  package func field(_ inputs: [ReceptiveField?], inputShapes: [Shape?], outputShape: Shape) -> ReceptiveField
  {
    guard let field = inputs[0], let shape = inputShapes[0], let places = try? shape.places(ofAxes: axes)
    else { return ReceptiveField(axes: outputShape.dimensions.map { _ in nil }) }
    return ReceptiveField(
      axes: shape.dimensions.indices.compactMap { index in
        guard places.contains(index) else { return .some(field.axes[index]) }
        guard keepsAxes else { return nil }
        var axis = field.axes[index]
        // The one place that is left sees what all of them saw.
        if let all = axis { axis?.size += Double(shape[index] - 1) * all.jump }
        return .some(axis)
      })
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0] else { return [] }
    let whole = builder.add(
      ReductionGradient(forward: self), [gradient, node.inputs[0], node.outputs[0]])
    if keepsAxes, function == .sum || function == .mean {
      builder.stretches(whole, MeanShare(isSum: function == .sum), [gradient, node.inputs[0]])
    }
    return [whole]
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let shape = try lowering.shape(node.inputs[0])
    let places = try shape.places(ofAxes: axes)
    try lowering.reduce(node.inputs[0], function, along: places, as: node.outputs[0])
  }
}

/// Where the elements of a reduction lie: those of the operand, and the one of the result that each goes into.
struct ReductionGeometry {
  let plan: ReductionPlan
  let source: Layout
  let result: Layout
}

extension Lowering {
  /// How `name` is reduced along `axes`, in the order of memory in which it lies where that can be.
  /// The result is given the shape `left`: that of the operand, with or without axes of 1 in place of those reduced.
  func reductionGeometry(_ name: TensorName, along axes: [Int], into left: Shape) throws
    -> ReductionGeometry
  {
    let extents = try shape(name).dimensions
    let isReduced = extents.indices.map { axes.contains($0) }
    let order = Self.order(try order(of: name), reducing: isReduced, of: extents, into: left)
    let plan = ReductionPlan(
      order.extents(extents),
      isReduced: order.arranged(isReduced, blocks: { reduced, _ in reduced }, within: { _ in false }))
    let isRowMajor = order.isRowMajor(zip(extents, isReduced).map { $1 ? 1 : $0 })
    return ReductionGeometry(
      plan: plan, source: try .ordered(order, extents),
      result: try isRowMajor ? .plain(left.dimensions) : .ordered(order, left.dimensions))
  }

  /// The order in which a tensor lying in `order` is reduced, such that the result of shape `left` lies in it as well,
  /// or plainly.
  private static func order(
    _ order: MemoryOrder, reducing isReduced: [Bool], of extents: [Int], into left: Shape
  ) -> MemoryOrder {
    if case .blockedChannels = order, isReduced[1] {
      return Self.order(.channelsLast, reducing: isReduced, of: extents, into: left)
    }
    let kept = zip(extents, isReduced).map { $1 ? 1 : $0 }
    if order.isRowMajor(kept) || kept == left.dimensions { return order }
    // What is left of [batch, channels, places…] is that again, with fewer places.
    let rest = zip(extents, isReduced).filter { !$1 }.map(\.0)
    if !isReduced[0], !isReduced[1], rest.count >= 3, rest == left.dimensions { return order }
    return order == .channelsLast || order == .plain
      ? .plain : Self.order(.channelsLast, reducing: isReduced, of: extents, into: left)
  }

  /// Emits the reduction of `name` along `axes`. `result` may have its own shape of as many elements.
  func reduce(_ name: TensorName, _ function: Reduction.Function, along axes: [Int], as result: TensorName)
    throws
  {
    guard try shape(name).count > 0 else { return try fill(result, with: function.ofNothing) }
    let geometry = try reductionGeometry(name, along: axes, into: try shape(result))
    let plan = geometry.plan
    let source = try use(name, as: geometry.source)
    emit(
      NativeKernel(work: plan.work) { inputs, outputs, lanes in
        plan.run(function, inputs[0], outputs[0], lanes)
      }, inputs: [source], outputs: [define(result, geometry.result)])
  }
}
