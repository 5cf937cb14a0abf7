import Glibc
import OneDNN
import Tensors

/// The gradient of a reduction. Operands: gradient of y, x, y; of the last two often only the shape.
///
/// | | `∂y/∂x` |
/// |---|---|
/// | sum, mean | 1, 1/n |
/// | maximum, minimum | 1/(how many share the extreme) where it is reached, as PyTorch's `amax`, else 0 |
/// | product | the product of the others |
/// | L1, L2, sum of squares | sign x, x/y (0 where y is 0), 2x |
/// | log-sum, log-sum-exp | exp(−y), exp(x − y) |
struct ReductionGradient: Operator {
  let forward: Reduction

  var kind: String { "\(forward.kind)Gradient" }

  var operandCounts: ClosedRange<Int> { 3...3 }

  func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] { [try inputs.operand(1)] }

  func readsValue(ofInput index: Int) -> Bool {
    switch (index, forward.function) {
    case (0, _): true
    case (_, .sum), (_, .mean): false
    case (1, .logSum): false
    case (2, .absoluteSum), (2, .squareSum), (2, .product): false
    default: true
    }
  }

  func lower(_ node: Node, in lowering: Lowering) throws {
    let shape = try lowering.shape(node.inputs[1])
    let geometry = try lowering.reductionGeometry(
      node.inputs[1], along: try shape.places(ofAxes: forward.axes), into: try lowering.shape(node.inputs[0]))
    let layouts = [geometry.result, geometry.source, geometry.result]
    let reads = (0..<3).filter(readsValue)
    let operands = try reads.map { try lowering.use(node.inputs[$0], as: layouts[$0]) }
    let (plan, function) = (geometry.plan, forward.function)
    let kernel = NativeKernel(work: plan.work) { inputs, outputs, lanes in
      func operand(_ index: Int) -> UnsafePointer<Float>? {
        reads.firstIndex(of: index).map { inputs[$0] }
      }
      // What is not read may point anywhere: to something of the same shape.
      plan.runBack(
        function, gradient: inputs[0], x: operand(1) ?? UnsafePointer(outputs[0]), y: operand(2) ?? inputs[0],
        into: outputs[0], lanes)
    }
    lowering.emit(
      kernel, inputs: operands, outputs: [lowering.define(node.outputs[0], geometry.source)])
  }
}

/// The gradient of a mean or a sum as it is for each of its terms alike, in the result's shape: `gradient / n`, or `gradient`.
/// Operands: gradient of y, x (only its shape).
struct MeanShare: Operator {
  let isSum: Bool

  var kind: String { "MeanShare" }

  var operandCounts: ClosedRange<Int> { 2...2 }

  func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] { [try inputs.operand(0)] }
  func readsValue(ofInput index: Int) -> Bool { index == 0 }

  func lower(_ node: Node, in lowering: Lowering) throws {
    guard !isSum else { return lowering.alias(node.outputs[0], as: try lowering.use(node.inputs[0])) }
    let terms = try lowering.shape(node.inputs[1]).count / max(1, lowering.shape(node.inputs[0]).count)
    try lowering.emitFunction(.linear(scale: 1 / Float(max(1, terms)), shift: 0), node)
  }
}

/// The derivative of a reduction as a function of one element, once what all elements of a result share is known.
private protocol Derivative {
  /// Whether something is counted over the elements that go into one result; else `count` is how many they are.
  static var counts: Bool { get }
  static func counted(_ x: Float, _ y: Float) -> Bool
  /// What the elements of one result share.
  static func shared(_ gradient: Float, _ y: Float, count: Float) -> Float
  static func element(_ shared: Float, _ x: Float, _ y: Float) -> Float
}

extension Derivative {
  static var counts: Bool { false }
  static func counted(_ x: Float, _ y: Float) -> Bool { false }
  @inline(__always) static func shared(_ gradient: Float, _ y: Float, count: Float) -> Float { gradient }
  @inline(__always) static func element(_ shared: Float, _ x: Float, _ y: Float) -> Float { shared }
}

private enum SumDerivative: Derivative {}

private enum MeanDerivative: Derivative {
  static func shared(_ gradient: Float, _ y: Float, count: Float) -> Float { gradient / count }
}

private enum ExtremeDerivative: Derivative {
  static var counts: Bool { true }
  @inline(__always) static func counted(_ x: Float, _ y: Float) -> Bool { x == y }
  static func shared(_ gradient: Float, _ y: Float, count: Float) -> Float { gradient / max(1, count) }
  @inline(__always) static func element(_ shared: Float, _ x: Float, _ y: Float) -> Float {
    x == y ? shared : 0
  }
}

private enum AbsoluteSumDerivative: Derivative {
  @inline(__always) static func element(_ shared: Float, _ x: Float, _ y: Float) -> Float {
    x > 0 ? shared : x < 0 ? -shared : 0
  }
}

private enum NormDerivative: Derivative {
  static func shared(_ gradient: Float, _ y: Float, count: Float) -> Float { y == 0 ? 0 : gradient / y }
  @inline(__always) static func element(_ shared: Float, _ x: Float, _ y: Float) -> Float { shared * x }
}

private enum SquareSumDerivative: Derivative {
  @inline(__always) static func element(_ shared: Float, _ x: Float, _ y: Float) -> Float { 2 * shared * x }
}

private enum LogSumDerivative: Derivative {
  static func shared(_ gradient: Float, _ y: Float, count: Float) -> Float { gradient * exp(-y) }
}

private enum LogSumExpDerivative: Derivative {
  @inline(__always) static func element(_ shared: Float, _ x: Float, _ y: Float) -> Float {
    shared * exp(x - y)
  }
}

extension ReductionPlan {
  /// Writes the gradient of the operand, everything lying as in the reduction itself.
  fileprivate func runBack(
    _ function: Reduction.Function, gradient: UnsafePointer<Float>, x: UnsafePointer<Float>,
    y: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>, _ lanes: Lanes
  ) {
    switch function {
    case .sum: run(SumDerivative.self, gradient, x, y, result, lanes)
    case .mean: run(MeanDerivative.self, gradient, x, y, result, lanes)
    case .maximum, .minimum: run(ExtremeDerivative.self, gradient, x, y, result, lanes)
    case .absoluteSum: run(AbsoluteSumDerivative.self, gradient, x, y, result, lanes)
    case .norm: run(NormDerivative.self, gradient, x, y, result, lanes)
    case .squareSum: run(SquareSumDerivative.self, gradient, x, y, result, lanes)
    case .logSum: run(LogSumDerivative.self, gradient, x, y, result, lanes)
    case .logSumExp: run(LogSumExpDerivative.self, gradient, x, y, result, lanes)
    case .product: runProduct(gradient, x, result, lanes)
    }
  }

  private func run<D: Derivative>(
    _ derivative: D.Type, _ gradient: UnsafePointer<Float>, _ x: UnsafePointer<Float>,
    _ y: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>, _ lanes: Lanes
  ) {
    guard !reducesRuns else {
      return lanes.share(kept.count) { range in
        for index in range {
          let y = y[index]
          var count = Float(terms)
          if D.counts {
            count = 0
            for offset in reduced {
              let run = x + kept[index] + offset
              for place in 0..<width where D.counted(run[place], y) { count += 1 }
            }
          }
          let shared = D.shared(gradient[index], y, count: count)
          for offset in reduced {
            let (from, to) = (x + kept[index] + offset, result + kept[index] + offset)
            for place in 0..<width { to[place] = D.element(shared, from[place], y) }
          }
        }
      }
    }
    shareBlocks(lanes) { row, columns in
      let first = row * width + columns.lowerBound
      let (y, gradient) = (y + first, gradient + first)
      withUnsafeTemporaryAllocation(of: Float.self, capacity: columns.count) { shared in
        shared.initialize(repeating: D.counts ? 0 : Float(terms))
        if D.counts {
          for offset in reduced {
            let from = x + kept[row] + columns.lowerBound + offset
            for column in 0..<columns.count { shared[column] += D.counted(from[column], y[column]) ? 1 : 0 }
          }
        }
        for column in 0..<columns.count {
          shared[column] = D.shared(gradient[column], y[column], count: shared[column])
        }
        for offset in reduced {
          let start = kept[row] + columns.lowerBound + offset
          let (from, to) = (x + start, result + start)
          for column in 0..<columns.count { to[column] = D.element(shared[column], from[column], y[column]) }
        }
      }
    }
  }

  /// The product of the others: with one zero among them only that one has a gradient, with two none has.
  private func runProduct(
    _ gradient: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>,
    _ lanes: Lanes
  ) {
    let (columns, run) = reducesRuns ? (1, width) : (width, 1)
    lanes.share(kept.count * columns) { range in
      for index in range {
        let start = kept[index / columns] + index % columns
        var (zeros, product) = (0, Float(1))
        for offset in reduced {
          for place in 0..<run {
            let value = x[start + offset + place]
            if value == 0 { zeros += 1 } else { product *= value }
          }
        }
        for offset in reduced {
          for place in start + offset..<start + offset + run {
            switch (zeros, x[place]) {
            case (0, let value): result[place] = gradient[index] * product / value
            case (1, 0): result[place] = gradient[index] * product
            default: result[place] = 0
            }
          }
        }
      }
    }
  }
}
