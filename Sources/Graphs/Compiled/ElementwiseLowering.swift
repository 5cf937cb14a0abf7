import OneDNN
import Tensors

/// How element-wise operations become kernels: oneDNN's where it has a fast one, else loops of our own. oneDNN's reference
/// kernels, which take over for many pairs of layouts and broadcasts, are hundreds of times slower and never used.
extension Lowering {
  /// The extents of an operand of an element-wise kernel on tensors of shape `full`: leading axes of 1 put in front.
  func view(_ shape: Shape, in full: Shape) -> Shape {
    full.rank == 0 ? [1] : Shape([Int](repeating: 1, count: full.rank - shape.rank) + shape.dimensions)
  }

  /// The layout in which an operand of `shape` is fast as the second one of oneDNN's kernel beside a first one of shape
  /// `full` in `layout`; nil if none is.
  private func fastLayout(_ function: BinaryFunction, of shape: Shape, beside layout: Layout, _ full: Shape)
    throws -> Layout?
  {
    let view = view(shape, in: full)
    let candidates = [try layout.sibling(view.dimensions), try .plain(view.dimensions)].compactMap(\.self)
    return candidates.first { candidate in
      let kernel = try? Primitive.binary(
        function, source: layout, source1: candidate, destination: layout, on: engine)
      return kernel.map { !$0.implementation.hasPrefix("ref") } ?? false
    }
  }

  /// `x ∘ c` as a function of `x`, where `name` is a constant of one element and the result is the same to the last bit.
  func function(_ function: BinaryFunction, ofConstant name: TensorName) -> Function? {
    guard let constant = constant(name), constant.count == 1, let value = constant.values.first,
      value.isFinite
    else { return nil }
    switch function {
    case .add: return .linear(scale: 1, shift: value)
    case .subtract: return .linear(scale: 1, shift: -value)
    case .multiply: return .linear(scale: value, shift: 0)
    // The reciprocal of a power of two is exact.
    case .divide: return value.isNormal && value.significand == 1 ? .linear(scale: 1 / value, shift: 0) : nil
    case .maximum: return .clip(lowest: value, highest: .infinity)
    case .minimum: return .clip(lowest: -.infinity, highest: value)
    }
  }

  /// Emits `function(x)`, then the node's tail.
  func emitFunction(_ function: Function, _ node: Node) throws {
    let source = try use(node.inputs[0])
    if let flat = try flatLayout(for: function, source.layout) {
      let result = define(resultOfGroup ?? node.outputs[0], source.layout)
      try emitFlat(function, as: flat, from: source, to: result)
      return try emitTailAlone(on: result, try shape(node.outputs[0]))
    }
    try emitHost(node) { fused in
      try .elementwise(function, source: source.layout, fusing: fused, on: engine)
    } arguments: { _ in
      [(.source, source)]
    }
  }

  /// Emits `running = function(running)`.
  func emitInPlace(_ function: Function, on running: Operand) throws {
    if let flat = try flatLayout(for: function, running.layout) {
      return try emitFlat(function, as: flat, from: running, to: running)
    }
    let primitive = try Primitive.elementwise(function, source: running.layout, on: engine)
    try emit(primitive, [(.source, running), (.destination, running)])
  }

  /// All of a buffer in `layout` as one row, where oneDNN is slow otherwise: it has no fast kernel for a last block of
  /// channels that is not full if the function makes something of its zeros.
  private func flatLayout(for function: Function, _ layout: Layout) throws -> Layout? {
    guard let structure = layout.structure, structure.block != nil,
      try Primitive.elementwise(function, source: layout, on: engine).implementation.hasPrefix("ref")
    else { return nil }
    return try .plain([structure.paddedDimensions.reduce(1, *)])
  }

  private func emitFlat(_ function: Function, as flat: Layout, from source: Operand, to result: Operand)
    throws
  {
    try emit(
      try .elementwise(function, source: flat, on: engine),
      [
        (.source, Operand(buffer: source.buffer, layout: flat)),
        (.destination, Operand(buffer: result.buffer, layout: flat)),
      ])
    guard let padding = result.layout.structure.flatMap({ Padding(of: $0) }) else { return }
    emit(NativeKernel(work: 1) { _, results, _ in padding.clear(results[0]) }, inputs: [], outputs: [result])
  }

  /// Emits `first ∘ second`, then the node's tail.
  func emitBinary(_ function: BinaryFunction, _ node: Node) throws {
    let full = try shape(node.outputs[0])
    var (first, second) = (node.inputs[0], node.inputs[1])
    // oneDNN stretches the second operand only: a − b = −(b − a).
    let swaps = try function != .divide && shape(first) != full && shape(second) == full
    if swaps { swap(&first, &second) }
    let own: [TailStep] = swaps && function == .subtract ? [.function(.linear(scale: -1, shift: 0))] : []
    let isWhole = try shape(first) == full
    let layout = try layout(of: first)
    let tail = group?.tail ?? []
    if isWhole, full.count > 0, tail.contains(where: \.isSlope) {
      // Derivatives are loops of our own: all of it in one.
      let source = try use(first)
      let result = define(resultOfGroup ?? node.outputs[0], layout, inPlaceOf: (first, source))
      let steps = [.binary(function, second)] + own + tail
      if try emitChain(steps, from: source, to: result, full) { return }
    }
    if isWhole, let simple = self.function(function, ofConstant: second) {
      return try emitHost(node, firstFusing: own) { fused in
        try .elementwise(simple, source: layout, fusing: fused, on: engine)
      } arguments: { _ in
        [(.source, try use(first))]
      }
    }
    guard isWhole, full.count > 0,
      let other = try fastLayout(function, of: try shape(second), beside: layout, full)
    else { return try emitElementwise(node, work: 1, function.elementFunction) }
    let operand = try use(second, viewedAs: view(try shape(second), in: full), as: other)
    try emitHost(node, firstFusing: own) { fused in
      try .binary(
        function, source: layout, source1: other, destination: layout, fusing: fused, on: engine)
    } arguments: { _ in
      [(.source, try use(first)), (.source1, operand)]
    }
  }

  /// Emits `running = running ∘ operand` for an operand of `shape`, which `place` brings into a layout.
  func emitInPlace(
    _ function: BinaryFunction, on running: Operand, _ full: Shape, operandOf shape: Shape,
    _ place: (_ view: Shape, Layout) throws -> Operand
  ) throws {
    let view = view(shape, in: full)
    if let layout = try fastLayout(function, of: shape, beside: running.layout, full) {
      let primitive = try Primitive.binary(
        function, source: running.layout, source1: layout, destination: running.layout, on: engine)
      let operand = try place(view, layout)
      return try emit(
        primitive, [(.source, running), (.source1, operand), (.destination, running)])
    }
    guard let sibling = try running.layout.sibling(view.dimensions), let whole = running.layout.structure,
      let part = sibling.structure,
      let loop = ElementLoop(result: whole, operands: [whole, part], inPlace: 0)
    else {
      let layout = try Layout.plain(view.dimensions)
      let primitive = try Primitive.binary(
        function, source: running.layout, source1: layout, destination: running.layout, on: engine)
      let operand = try place(view, layout)
      return try emit(
        primitive, [(.source, running), (.source1, operand), (.destination, running)])
    }
    emit(
      kernel(loop, work: full.count, function.elementFunction), inputs: [running, try place(view, sibling)],
      outputs: [running])
  }

  /// Emits a loop of our own over all operands of `node`, broadcast against each other, then the node's tail. The result
  /// lies as the first operand that is as large.
  ///
  /// - Parameter work: about how many elementary operations an element takes.
  func emitElementwise(_ node: Node, work: Int, _ function: @escaping ElementFunction) throws {
    let (full, running) = (try shape(node.outputs[0]), resultOfGroup ?? node.outputs[0])
    let plain = try Layout.plain(full.dimensions)
    guard full.count > 0 else { return _ = define(running, plain) }
    let views = try node.inputs.map { view(try shape($0), in: full) }
    let leader = try node.inputs.first { try constant($0) == nil && shape($0) == full }
    let candidates = [try leader.map { try layout(of: $0) }, plain].compactMap(\.self)
    for layout in candidates {
      let siblings = try views.compactMap { try layout.sibling($0.dimensions) }
      let structures = siblings.compactMap(\.structure)
      guard structures.count == views.count, let whole = layout.structure,
        ElementLoop(result: whole, operands: structures) != nil
      else { continue }
      let operands = try node.inputs.indices.map {
        try use(node.inputs[$0], viewedAs: views[$0], as: siblings[$0])
      }
      // An operand that lies likewise gives its place, unless another one is read from the same memory.
      let giver = operands.indices.first { place in
        node.inputs[place] == leader && operands.count { $0.buffer == operands[place].buffer } == 1
      }
      let result = define(running, layout, inPlaceOf: giver.map { (node.inputs[$0], operands[$0]) })
      let inPlace = operands.firstIndex { $0.buffer == result.buffer }
      guard let loop = ElementLoop(result: whole, operands: structures, inPlace: inPlace) else { continue }
      emit(
        kernel(loop, work: saturatingProduct(full.count, work), function), inputs: operands, outputs: [result]
      )
      return try emitTailAlone(on: result, full)
    }
  }

  private func kernel(_ loop: ElementLoop, work: Int, _ function: @escaping ElementFunction) -> NativeKernel {
    NativeKernel(work: work) { inputs, outputs, lanes in loop.run(inputs, outputs[0], lanes, function) }
  }
}

extension BinaryFunction {
  var elementFunction: ElementFunction {
    switch self {
    case .add: ofTwo { $0 + $1 }
    case .subtract: ofTwo { $0 - $1 }
    case .multiply: ofTwo { $0 * $1 }
    case .divide: ofTwo { $0 / $1 }
    case .maximum: ofTwo { $0 > $1 ? $0 : $1 }
    case .minimum: ofTwo { $0 < $1 ? $0 : $1 }
    }
  }
}

// The loops are inlined around the functions, so that the compiler sees and vectorises both.

@inline(__always)
func ofOne(_ function: @escaping @Sendable (Float) -> Float) -> ElementFunction {
  { count, operands, result in
    let a = operands[0]
    for index in 0..<count { result[index] = function(a[index]) }
  }
}

@inline(__always)
func ofTwo(_ function: @escaping @Sendable (Float, Float) -> Float) -> ElementFunction {
  { count, operands, result in
    let (a, b) = (operands[0], operands[1])
    for index in 0..<count { result[index] = function(a[index], b[index]) }
  }
}

@inline(__always)
func ofThree(_ function: @escaping @Sendable (Float, Float, Float) -> Float) -> ElementFunction {
  { count, operands, result in
    let (a, b, c) = (operands[0], operands[1], operands[2])
    for index in 0..<count { result[index] = function(a[index], b[index], c[index]) }
  }
}

@inline(__always)
func ofFour(_ function: @escaping @Sendable (Float, Float, Float, Float) -> Float) -> ElementFunction {
  { count, operands, result in
    let (a, b, c, d) = (operands[0], operands[1], operands[2], operands[3])
    for index in 0..<count { result[index] = function(a[index], b[index], c[index], d[index]) }
  }
}
