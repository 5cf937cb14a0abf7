import OneDNN
import Tensors

/// Where the bytes of a tensor live.
enum Buffer {
  /// In the program's arena, from kernel `first` to kernel `last` of the fused nodes.
  case arena(bytes: Int, first: Int, last: Int)
  case constant(PackedConstant)
  /// The caller's own memory, set before each run.
  case input(TensorName)
}

/// One kernel of a program, before its buffers have addresses.
struct Step {
  enum Work {
    case primitive(Primitive, [(Argument, Operand)])
    case native(NativeKernel, inputs: [Operand], outputs: [Operand])
  }

  let work: Work
  /// Which node it came from, for listings.
  let origin: String
  /// The node's operation and what is fused behind it, or `reorder`.
  let kind: String

  /// Operands and results; the last one is a result.
  var operands: [Operand] {
    switch work {
    case .primitive(_, let arguments): arguments.filter { $0.0 != .scratchpad }.map(\.1)
    case .native(_, let inputs, let outputs): inputs + outputs
    }
  }
}

/// Turns fused nodes into kernels and buffers. Operators call it from `lower`.
///
/// Layouts follow the producers: a kernel that may choose (convolutions) takes the layout it is fastest in, everything
/// element-wise works in the layout it finds, and a reorder is put in only where a kernel insists on another. So blocked
/// layouts last from the first convolution to the last.
package final class Lowering {
  let engine: Engine
  /// Threads that a kernel of our own may use.
  let threads: Int
  private let shapes: [TensorName: Shape]
  private let constants: [TensorName: Tensor]
  private let packer: ConstantPacker
  private let lastUse: [TensorName: Int]
  /// What reads each tensor.
  private let readers: [TensorName: [FusedNode]]

  private(set) var buffers: [Buffer] = []
  private(set) var steps: [Step] = []
  /// Every form in which a tensor exists: as made, and reordered.
  private var forms: [TensorName: [Operand]] = [:]
  /// Tensors that have no memory of their own: transposed, they are others' memory read in another order. Whoever wants
  /// them in a layout has them copied.
  private var views: [TensorName: Operand] = [:]
  private var current = 0
  private(set) var group: FusedNode?

  init(
    engine: Engine, shapes: [TensorName: Shape], constants: [TensorName: Tensor], packer: ConstantPacker,
    groups: [FusedNode], wanted: [TensorName], threads: Int
  ) {
    self.engine = engine
    self.threads = threads
    self.shapes = shapes
    self.constants = constants
    self.packer = packer
    var lastUse: [TensorName: Int] = [:]
    var readers: [TensorName: [FusedNode]] = [:]
    for (index, group) in groups.enumerated() {
      for name in group.readValues {
        lastUse[name] = index
        readers[name, default: []].append(group)
      }
    }
    // Whoever asked reads last.
    for name in wanted {
      lastUse[name] = groups.count
      readers[name] = nil
    }
    (self.lastUse, self.readers) = (lastUse, readers)
  }

  /// What the current node and the tail behind it make.
  var resultOfGroup: TensorName? { group?.result }

  func lower(_ group: FusedNode, at index: Int) throws {
    current = index
    self.group = group
    let results = (group.node.outputs + [group.result]).filter { !$0.isEmpty }
    guard try results.allSatisfy({ try shape($0).count == 0 }) else {
      return try group.node.operation.lower(group.node, in: self)
    }
    // Nothing is computed for tensors of no elements.
    for name in results { _ = define(name, try .plain(try shape(name).dimensions)) }
  }

  func defineInput(_ name: TensorName) throws {
    buffers.append(.input(name))
    forms[name] = [Operand(buffer: buffers.count - 1, layout: try .plain(try shape(name).dimensions))]
  }

  // MARK: What operators ask

  func shape(_ name: TensorName) throws(GraphError) -> Shape {
    guard let shape = shapes[name] else { throw .unknownTensor(name, nearest: []) }
    return shape
  }

  /// The layout in which `name` was made; plain for constants, and for what was never computed.
  func layout(of name: TensorName) throws -> Layout {
    try settle(name)
    if let form = forms[name]?.first { return form.layout }
    return try .plain(try shape(name).dimensions)
  }

  /// `name` as it lies, or brought into `layout`. A reordered form is kept for the next who asks.
  func use(_ name: TensorName, as layout: Layout? = nil) throws -> Operand {
    if let layout, let view = views[name], view.layout == layout { return view }
    try settle(name)
    guard let made = forms[name]?.first else {
      return try packed(name, as: try layout ?? .plain(try shape(name).dimensions))
    }
    guard let layout, made.layout != layout else { return made }
    if let form = forms[name]?.first(where: { $0.layout == layout }) { return form }
    let primitive = try Primitive.reorder(from: made.layout, to: layout, on: engine)
    let form = newBuffer(layout, lastUse: max(current, lastUse[name] ?? current))
    try emitReorder(primitive, from: made, to: form)
    forms[name]?.append(form)
    return form
  }

  /// `name` in plain layout, looked at in another shape of as many elements, then brought into `layout`.
  func use(_ name: TensorName, viewedAs view: Shape, as layout: Layout) throws -> Operand {
    try settle(name)
    guard forms[name] != nil else { return try packed(name, viewedAs: view, as: layout) }
    let shape = try shape(name)
    if view == shape { return try use(name, as: layout) }
    let plain = try use(name, as: .plain(shape.dimensions))
    let viewed = Operand(buffer: plain.buffer, layout: try .plain(view.dimensions))
    guard viewed.layout != layout else { return viewed }
    let primitive = try Primitive.reorder(from: viewed.layout, to: layout, on: engine)
    let result = scratch(layout)
    try emitReorder(primitive, from: viewed, to: result)
    return result
  }

  /// `name` in plain layout, looked at in another shape of as many elements and with its axes in another order, then
  /// brought into `layout`.
  func use(_ name: TensorName, viewedAs view: Shape, permuted axes: [Int], as layout: Layout) throws
    -> Operand
  {
    let plain = try use(name, as: .plain(try shape(name).dimensions))
    let turned = Operand(buffer: plain.buffer, layout: try .plain(view.dimensions).permuted(axes))
    guard turned.layout != layout else { return turned }
    let primitive = try Primitive.reorder(from: turned.layout, to: layout, on: engine)
    let result = scratch(layout)
    try emitReorder(primitive, from: turned, to: result)
    return result
  }

  // MARK: Transposed tensors

  /// `result` is what `operand` holds, read in another order.
  func view(_ result: TensorName, as operand: Operand) {
    extend(operand.buffer, to: lastUse[result] ?? current)
    views[result] = operand
  }

  /// `name` as it lies, if its axes lie in another order than theirs: as others' memory, or with the channels last.
  func view(of name: TensorName) -> Operand? {
    if let view = views[name] { return view }
    guard let made = forms[name]?.first, let structure = made.layout.structure, structure.block == nil,
      zip(structure.strides, structure.strides.dropFirst()).contains(where: <)
    else { return nil }
    return made
  }

  /// Copies `name` into memory of its own, plain, if it has none.
  private func settle(_ name: TensorName) throws {
    guard let view = views.removeValue(forKey: name) else { return }
    let plain = try Layout.plain(try shape(name).dimensions)
    let copy = newBuffer(plain, lastUse: max(current, lastUse[name] ?? current))
    try emitReorder(try .reorder(from: view.layout, to: plain, on: engine), from: view, to: copy)
    forms[name] = [copy]
  }

  /// How the result of the current node should lie so that its only reader, which transposes it, need not copy it; nil
  /// where somebody else reads it, too.
  func layoutForTransposingReader() throws -> Layout? {
    guard let result = group?.result, let readers = readers[result], readers.count == 1,
      let transposition = readers[0].node.operation as? Transposition, readers[0].node.inputs == [result]
    else { return nil }
    let extents = try shape(result).dimensions
    let order = try transposition.order(rank: extents.count)
    var back = order
    for (to, from) in order.enumerated() { back[from] = to }
    return try .plain(order.map { extents[$0] }).permuted(back)
  }

  /// The value of `name` if it is a constant.
  func constant(_ name: TensorName) -> Tensor? { constants[name] }

  /// What `make` makes of a constant, made once for all programs of the network.
  func derived(from constant: Tensor, _ purpose: String, _ make: () -> Tensor) -> Tensor {
    packer.derived(from: [constant], purpose, make)
  }

  /// A constant that is not in the graph, looked at in another shape of as many elements, in `layout`.
  ///
  /// - Parameter isTransposed: whether the last two axes of the view change places.
  func use(_ constant: Tensor, viewedAs view: Shape, transposed isTransposed: Bool = false, as layout: Layout)
    throws
    -> Operand
  {
    packed(try packer.pack(constant, viewedAs: view, transposed: isTransposed, as: layout))
  }

  /// `name` as the second operand of an element-wise kernel on tensors of shape `full`: in `layout` if it is of that
  /// shape, else plain, with leading axes of 1 put in front.
  func use(_ name: TensorName, broadcastTo full: Shape, as layout: Layout) throws -> Operand {
    let shape = try shape(name)
    guard shape != full else { return try use(name, as: layout) }
    let view = Shape([Int](repeating: 1, count: full.rank - shape.rank) + shape.dimensions)
    return try use(name, viewedAs: view, as: .plain(view.dimensions))
  }

  /// Makes room for a result. With `inPlaceOf`, an operand that nobody reads later gives its place: no later node, and
  /// no step of the current node's tail, which comes after the result is written.
  func define(_ name: TensorName, _ layout: Layout, inPlaceOf operand: (TensorName, Operand)? = nil)
    -> Operand
  {
    let last = lastUse[name] ?? current
    if let (source, form) = operand, lastUse[source] == current, !tailReads(form.buffer),
      bytesOnlyUsedNow(form.buffer) == layout.byteCount
    {
      extend(form.buffer, to: last)
      let result = Operand(buffer: form.buffer, layout: layout)
      forms[name] = [result]
      return result
    }
    let result = newBuffer(layout, lastUse: last)
    forms[name] = [result]
    return result
  }

  /// Room that only the current node needs.
  func scratch(_ layout: Layout) -> Operand { newBuffer(layout, lastUse: current) }

  /// Whether something is fused behind the current node.
  var hasTail: Bool { !(group?.tail.isEmpty ?? true) }

  /// Room for `count` numbers that only the current node's kernels use.
  func scratch(_ count: Int) throws -> Operand { newBuffer(try .plain([max(1, count)]), lastUse: current) }

  /// `name` is another name of what `operand` holds.
  func alias(_ name: TensorName, as operand: Operand) {
    extend(operand.buffer, to: lastUse[name] ?? current)
    forms[name] = [operand]
  }

  /// `name` in the shape of `result`: the same bytes in plain layout.
  func reshape(_ name: TensorName, to result: TensorName) throws {
    let (from, to) = (try shape(name), try shape(result))
    guard from != to else { return alias(result, as: try use(name)) }
    let plain = try use(name, as: .plain(from.dimensions))
    alias(result, as: Operand(buffer: plain.buffer, layout: try .plain(to.dimensions)))
  }

  /// Emits `result`, all its elements being `value`.
  func fill(_ result: TensorName, with value: Float) throws {
    emitFill(define(result, try .plain(try shape(result).dimensions)), with: value)
  }

  func emitFill(_ operand: Operand, with value: Float) {
    let count = operand.layout.byteCount / MemoryLayout<Float>.stride
    emit(
      NativeKernel(work: 0) { _, outputs, _ in outputs[0].update(repeating: value, count: count) },
      inputs: [],
      outputs: [operand])
  }

  func emit(_ primitive: Primitive, _ arguments: [(Argument, Operand)], as kind: String? = nil) throws {
    let scratch = try primitive.layout(.scratchpad)
    var arguments = arguments
    if scratch.byteCount > 0 { arguments.append((.scratchpad, newBuffer(scratch, lastUse: current))) }
    steps.append(
      Step(
        work: .primitive(primitive, arguments), origin: group?.node.name ?? "", kind: kind ?? groupKind))
  }

  private func emitReorder(_ primitive: Primitive, from source: Operand, to result: Operand) throws {
    try emit(primitive, [(.source, source), (.destination, result)], as: KernelProfile.reorderKind)
  }

  private var groupKind: String {
    guard let group else { return "" }
    return ([group.node.operation.kind] + group.tail.map(\.name)).joined(separator: " + ")
  }

  /// Emits a kernel of our own; the operands are what the caller asked for with `use` and `define`.
  func emit(_ kernel: NativeKernel, inputs: [Operand], outputs: [Operand]) {
    steps.append(
      Step(
        work: .native(kernel, inputs: inputs, outputs: outputs), origin: group?.node.name ?? "",
        kind: groupKind))
  }

  /// Emits a kernel of our own that computes all results of `node` from its operands `reads` (all, if nil), everything
  /// in plain layout. Operands left out (empty names) are not among the kernel's inputs.
  ///
  /// - Parameter work: about how many elementary operations a run takes; see `NativeKernel`.
  func emitNative(
    _ node: Node, reading reads: [Int]? = nil, work: Int,
    _ body:
      @escaping @Sendable (_ inputs: [UnsafePointer<Float>], _ outputs: [UnsafeMutablePointer<Float>], Lanes)
      -> Void
  ) throws {
    let inputs = try (reads ?? Array(node.inputs.indices)).map { node.inputs[$0] }.filter { !$0.isEmpty }.map
    {
      try use($0, as: .plain(try shape($0).dimensions))
    }
    let outputs = try node.outputs.map { name in
      define(name, try .plain(name.isEmpty ? [1] : try shape(name).dimensions))
    }
    emit(NativeKernel(work: work, body), inputs: inputs, outputs: outputs)
  }

  // MARK: Buffers

  private func packed(_ name: TensorName, viewedAs view: Shape? = nil, as layout: Layout) throws -> Operand {
    guard let tensor = constants[name] else { throw GraphError.unknownTensor(name, nearest: []) }
    return packed(try packer.pack(tensor, viewedAs: view ?? tensor.shape, as: layout))
  }

  private func packed(_ constant: PackedConstant) -> Operand {
    buffers.append(.constant(constant))
    return Operand(buffer: buffers.count - 1, layout: constant.layout)
  }

  private func newBuffer(_ layout: Layout, lastUse: Int) -> Operand {
    buffers.append(.arena(bytes: layout.byteCount, first: current, last: lastUse))
    return Operand(buffer: buffers.count - 1, layout: layout)
  }

  /// The size of a buffer that nobody reads after the current node; nil for all others.
  private func bytesOnlyUsedNow(_ buffer: Int) -> Int? {
    guard case .arena(let bytes, _, let last) = buffers[buffer], last <= current else { return nil }
    return bytes
  }

  /// Whether the tail fused behind the current node reads a tensor that lies in `buffer`.
  private func tailReads(_ buffer: Int) -> Bool {
    (group?.tailInputs ?? []).contains { name in
      views[name]?.buffer == buffer || forms[name]?.contains { $0.buffer == buffer } ?? false
    }
  }

  private func extend(_ buffer: Int, to last: Int) {
    guard case .arena(let bytes, let first, let old) = buffers[buffer] else { return }
    buffers[buffer] = .arena(bytes: bytes, first: first, last: max(last, old))
  }
}
