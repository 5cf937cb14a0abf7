import OneDNN
import Tensors

/// `Σ a · b` over the axes along which `like` (only its shape is read) was broadcast to `a`: the gradient of a product with
/// respect to a factor that was, without the products in between. Operands: a, of the products' shape, b, like.
struct ProductSum: Operator {
  var kind: String { "MulSum" }
  var hostsTail: Bool { true }
  var acceptsEmptyOperands: Bool { true }

  var operandCounts: ClosedRange<Int> { 3...3 }

  func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    try SumLike().outputShapes([try inputs.operand(0), try inputs.operand(2)])
  }

  func readsValue(ofInput index: Int) -> Bool { index < 2 }

  /// Behind a tensor of the result's shape it is a product.
  func tail(of node: Node, behind running: TensorName) -> [TailStep]? {
    Binary(.multiply).tail(of: node, behind: running)
  }

  func lower(_ node: Node, in lowering: Lowering) throws {
    let (full, own) = (try lowering.shape(node.inputs[0]), try lowering.shape(node.inputs[2]))
    let product = Node(
      name: node.name, operation: node.operation, inputs: Array(node.inputs.prefix(2)), outputs: node.outputs)
    guard full != own else { return try lowering.emitBinary(.multiply, product) }
    try lowering.emitProductSum(product, along: SumLike.axes(from: full, to: own))
  }
}

extension Lowering {
  /// Emits `Σ a · b` along axes of `a`, then the node's tail.
  fileprivate func emitProductSum(_ node: Node, along axes: [Int]) throws {
    let (full, left) = (try shape(node.inputs[0]), try shape(node.outputs[0]))
    let isWhole = try shape(node.inputs[1]) == full
    let geometry = try reductionGeometry(node.inputs[isWhole ? 1 : 0], along: axes, into: left)
    let plan = geometry.plan
    let a = try use(node.inputs[0], as: geometry.source)
    let result: Operand
    if isWhole {
      let b = try use(node.inputs[1], as: geometry.source)
      result = define(resultOfGroup ?? node.outputs[0], geometry.result)
      emit(
        NativeKernel(work: 2 * plan.work) { inputs, outputs, lanes in
          plan.sumProducts(inputs[0], inputs[1], outputs[0], lanes)
        }, inputs: [a, b], outputs: [result])
    } else {
      let products = scratch(geometry.source)
      let step = TailStep.binary(.multiply, node.inputs[1])
      if try !emitChain([step], from: a, to: products, full) {
        let copy = try Primitive.elementwise(.linear(scale: 1, shift: 0), source: a.layout, on: engine)
        try emit(copy, [(.source, a), (.destination, products)])
        try emitAlone([step], on: products, full)
      }
      result = define(resultOfGroup ?? node.outputs[0], geometry.result)
      emit(
        NativeKernel(work: plan.work) { inputs, outputs, lanes in
          plan.run(.sum, inputs[0], outputs[0], lanes)
        }, inputs: [products], outputs: [result])
    }
    try emitTailAlone(on: result, left)
  }
}
