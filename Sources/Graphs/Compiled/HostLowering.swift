import OneDNN
import Tensors

/// Kernels that carry element-wise steps behind them: hosts and their tails.
extension Lowering {
  /// Emits a kernel together with the tail fused behind its node. Where oneDNN has no fast kernel that does both, the
  /// tail follows in kernels of its own.
  ///
  /// - Parameters:
  ///   - own: element-wise steps that belong to the node itself.
  ///   - make: makes the kernel with the given fused operations.
  ///   - arguments: the kernel's operands, given the kernel and so the layouts it wants.
  func emitHost(
    _ node: Node, firstFusing own: [TailStep] = [], _ make: ([FusedOperation]) throws -> Primitive,
    arguments: (Primitive) throws -> [(Argument, Operand)]
  ) throws {
    let tail = own + (group?.tail ?? [])
    let result = group?.result ?? node.outputs[0]
    let shape = try shape(result)
    guard !tail.isEmpty else {
      let primitive = try make([])
      let destination = define(result, try primitive.layout(.destination))
      return try emit(primitive, try arguments(primitive) + [(.destination, destination)])
    }
    let bare = try make([])
    let layout = try bare.layout(.destination)
    var operations: [FusedOperation] = []
    var operands: [(Argument, Operand)] = []
    // oneDNN fuses no derivatives.
    let fusing = tail.prefix { !$0.isSlope }
    for step in fusing {
      let (operation, operand) = try fusedOperation(step, on: shape, layout)
      if let operand { operands.append((.fusedOperand(operations.count), operand)) }
      operations.append(operation)
    }
    if !operations.isEmpty, let primitive = try? make(operations), primitive.fusesFast,
      try primitive.layout(.destination) == layout
    {
      let destination = define(result, layout)
      try emit(primitive, try arguments(primitive) + operands + [(.destination, destination)])
      return try emitAlone(Array(tail.dropFirst(fusing.count)), on: destination, shape)
    }
    let destination = define(result, layout)
    try emit(bare, try arguments(bare) + [(.destination, destination)])
    try emitAlone(tail, on: destination, shape)
  }

  /// Emits `scale[channel] · x + shift[channel]`, then the node's tail.
  func emitPerChannel(_ node: Node, scale: Tensor, shift: Tensor? = nil) throws {
    let source = try use(node.inputs[0])
    let shape = try shape(node.inputs[0])
    let operand = try perChannel(scale, on: shape)
    let alone = try Primitive.binary(
      .multiply, source: source.layout, source1: operand.layout, destination: source.layout, on: engine)
    // Multiplying carries any tail, but has no fast kernel for channels in blocks; the normalization has.
    guard alone.implementation.hasPrefix("ref"), (3...5).contains(shape.rank) else {
      let rest = shift.map { [TailStep.perChannel(.add, $0)] } ?? []
      return try emitHost(node, firstFusing: rest) { fused in
        try .binary(
          .multiply, source: source.layout, source1: operand.layout, destination: source.layout,
          fusing: fused,
          on: engine)
      } arguments: { _ in
        [(.source, source), (.source1, operand)]
      }
    }
    let zeros = derived(from: scale, "zeros") { Tensor(scale.shape) }
    let ones = derived(from: scale, "ones") { Tensor(scale.shape, repeating: 1) }
    let constants = [
      (Argument.mean, zeros), (.variance, ones), (.scale, scale), (.shift, shift ?? zeros),
    ]
    let plain = try Layout.plain([scale.count])
    try emitHost(node) { fused in
      try .channelNormalization(source: source.layout, fusing: fused, on: engine)
    } arguments: { _ in
      [(.source, source)]
        + (try constants.map { ($0, try use($1, viewedAs: [scale.count], as: plain)) })
    }
  }

  private func fusedOperation(_ step: TailStep, on shape: Shape, _ layout: Layout) throws
    -> (FusedOperation, Operand?)
  {
    switch step {
    case .function(let function): return (.function(function), nil)
    case .binary(let function, let name):
      if let simple = self.function(function, ofConstant: name) { return (.function(simple), nil) }
      let operand = try use(name, broadcastTo: shape, as: layout)
      return (.binary(function, operand: operand.layout), operand)
    case .perChannel(let function, let values):
      let operand = try perChannel(values, on: shape)
      return (.binary(function, operand: operand.layout), operand)
    case .slope: preconditionFailure("a derivative among oneDNN's fused operations")
    }
  }

  /// The fused tail of the current node, in kernels of its own.
  func emitTailAlone(on running: Operand, _ shape: Shape) throws {
    try emitAlone(group?.tail ?? [], on: running, shape)
  }

  /// Emits steps on a result that is there already: in one pass where that can be.
  func emitAlone(_ steps: [TailStep], on running: Operand, _ shape: Shape) throws {
    if steps.count > 1, try emitChain(steps, from: running, to: running, shape) { return }
    for step in steps { try emitAlone(step, on: running, shape) }
  }

  /// Emits `gradient · f′` and the node's tail, in one pass where that can be.
  func emitSlope(
    _ function: Function, _ data: TensorName, from gradient: Operand, to result: Operand, _ node: Node
  ) throws {
    let (tail, shape) = (group?.tail ?? [], try shape(node.outputs[0]))
    if !tail.isEmpty, try emitChain([.slope(function, data)] + tail, from: gradient, to: result, shape) {
      return
    }
    try emitSlope(function, data, from: gradient, to: result)
    try emitAlone(tail, on: result, shape)
  }

  /// By oneDNN.
  private func emitSlope(
    _ function: Function, _ data: TensorName, from gradient: Operand, to result: Operand
  ) throws {
    let isOfResult = function.derivativeIsOfResult
    let data = try use(data, as: result.layout)
    let primitive = try Primitive.elementwiseGradient(
      function, fromResult: isOfResult, data: data.layout, gradient: gradient.layout, on: engine)
    try emit(
      primitive,
      [
        (isOfResult ? .destination : .source, data), (.destinationGradient, gradient),
        (.sourceGradient, result),
      ])
  }

  private func emitAlone(_ step: TailStep, on running: Operand, _ shape: Shape) throws {
    switch step {
    case .function(let function): try emitInPlace(function, on: running)
    case .binary(let function, let name):
      if let simple = self.function(function, ofConstant: name) {
        return try emitInPlace(simple, on: running)
      }
      try emitInPlace(function, on: running, shape, operandOf: try self.shape(name)) { view, layout in
        try use(name, viewedAs: view, as: layout)
      }
    case .perChannel(let function, let values):
      let channels = channelShape(values.count, rank: shape.rank)
      try emitInPlace(function, on: running, shape, operandOf: channels) { view, layout in
        try use(values, viewedAs: view, as: layout)
      }
    case .slope(let function, let name): try emitSlope(function, name, from: running, to: running)
    }
  }

  private func perChannel(_ values: Tensor, on shape: Shape) throws -> Operand {
    let view = channelShape(values.count, rank: shape.rank)
    return try use(values, viewedAs: view, as: .plain(view.dimensions))
  }

  /// `[1, channels, 1, …]`
  func channelShape(_ channels: Int, rank: Int) -> Shape {
    Shape((0..<rank).map { $0 == 1 ? channels : 1 })
  }
}
