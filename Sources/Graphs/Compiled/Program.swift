import Glibc
import OneDNN
public import Tensors

/// A graph compiled for given input shapes and wanted tensors.
///
/// Compiling infers the shapes, fuses element-wise tails, lets oneDNN choose layouts and kernels, packs the weights and
/// lays out one arena by liveness. Running binds the inputs where they lie and executes the kernels one after another;
/// nothing is allocated but the results.
///
/// Belongs to one task at a time.
public final class Program {
  public let wanted: [TensorName]
  public let inputShapes: [TensorName: Shape]
  private let resultShapes: [Shape]
  private let threads: Int
  private let engine: Engine
  private let stream: Stream
  private let kernels: [Kernel]
  private let identities: [KernelProfile.Kernel.Identity]
  private let memory: BoundMemory
  /// Memories that stand for an input, pointed at the caller's tensor before each run.
  private let inputMemories: [(name: TensorName, memory: Memory)]
  /// Operands of native kernels that are an input, likewise.
  private let inputSources: [(name: TensorName, step: NativeStep, place: Int)]
  private let results: [ResultPlace]

  /// Multiplications followed by an addition, for one run.
  public let multiplyAccumulates: Int
  /// Bytes of intermediate results, all together.
  public var arenaBytes: Int { memory.byteCount }

  /// A step whose operands have addresses.
  private class Kernel {
    let origin: String
    var implementation: String { "" }

    init(origin: String) { self.origin = origin }

    func run(on stream: Stream, threads: Int) throws {}
  }

  private final class PrimitiveStep: Kernel {
    let primitive: Primitive
    let arguments: BoundArguments

    init(_ primitive: Primitive, _ arguments: consuming BoundArguments, origin: String) {
      self.primitive = primitive
      self.arguments = arguments
      super.init(origin: origin)
    }

    override var implementation: String { primitive.implementation }
    override func run(on stream: Stream, threads: Int) throws { try primitive.execute(arguments, on: stream) }
  }

  private final class NativeStep: Kernel {
    let kernel: NativeKernel
    var inputs: [UnsafePointer<Float>]
    let outputs: [UnsafeMutablePointer<Float>]

    init(
      _ kernel: NativeKernel, _ inputs: [UnsafePointer<Float>], _ outputs: [UnsafeMutablePointer<Float>],
      origin: String
    ) {
      self.kernel = kernel
      self.inputs = inputs
      self.outputs = outputs
      super.init(origin: origin)
    }

    override var implementation: String { "native" }
    override func run(on stream: Stream, threads: Int) throws {
      kernel.run(inputs, outputs, threads: threads)
      // A kernel that shares its work out may have had this thread call oneDNN alone.
      Engine.useThreads(threads)
    }
  }

  /// Where a wanted tensor is found after a run.
  private enum ResultPlace {
    case arena(UnsafeMutableRawPointer)
    case input(TensorName)
    case constant(Tensor)
  }

  /// Compiles `graph` so that a run gives the tensors `wanted`.
  ///
  /// - Throws: `GraphError` for shapes and operations that do not fit, `OneDNNError` where no kernel exists.
  package convenience init(
    _ graph: Graph, inputShapes: [TensorName: Shape], wanted: [TensorName], threads: Int
  )
    throws
  {
    try self.init(graph, inputShapes: inputShapes, wanted: wanted, threads: threads, packer: ConstantPacker())
  }

  init(
    _ graph: Graph, inputShapes: [TensorName: Shape], wanted: [TensorName], threads: Int,
    packer: ConstantPacker, memory limit: Int? = nil
  ) throws {
    self.wanted = wanted
    self.inputShapes = inputShapes
    self.threads = threads
    Engine.useThreads(threads)
    engine = try Engine.shared()
    stream = try Stream(on: engine)
    for name in wanted where graph.constants[name] == nil { try graph.tensor(named: name) }
    let shapes = try graph.shapes(for: inputShapes)
    resultShapes = wanted.map { shapes[$0] ?? [] }
    multiplyAccumulates = graph.nodes.reduce(0) { $0 &+ $1.multiplyAccumulates(shapes) }

    let groups = fused(graph, wanted: wanted, shapes: shapes)
    let lowering = Lowering(
      engine: engine, shapes: shapes, constants: graph.constants, packer: packer, groups: groups,
      wanted: wanted, threads: threads)
    for input in graph.inputs { try lowering.defineInput(input.name) }
    // A wanted tensor is brought into plain layout as soon as it is there.
    var places: [TensorName: Operand] = [:]
    for (index, group) in groups.enumerated() {
      try lowering.lower(group, at: index)
      for name in [group.result] + group.node.outputs where wanted.contains(name) && places[name] == nil {
        places[name] = try lowering.use(name, as: .plain(try lowering.shape(name).dimensions))
      }
    }
    for input in graph.inputs where wanted.contains(input.name) {
      places[input.name] = try lowering.use(input.name)
    }

    let memory = try BoundMemory(lowering.buffers, limit: limit)
    self.memory = memory
    var inputMemories: [(TensorName, Memory)] = []
    var inputSources: [(TensorName, NativeStep, Int)] = []
    kernels = try lowering.steps.map { [engine] step in
      switch step.work {
      case .primitive(let primitive, let arguments):
        let arguments = try arguments.map { argument, operand in
          let bound = try Memory(operand.layout, on: engine)
          switch lowering.buffers[operand.buffer] {
          case .input(let name): inputMemories.append((name, bound))
          case .arena, .constant: try bound.point(at: memory.addresses[operand.buffer])
          }
          return (argument, bound)
        }
        return PrimitiveStep(primitive, BoundArguments(arguments), origin: step.origin)
      case .native(let kernel, let inputs, let outputs):
        func address(_ operand: Operand) -> UnsafeMutablePointer<Float> {
          memory.addresses[operand.buffer].assumingMemoryBound(to: Float.self)
        }
        let bound = NativeStep(
          kernel, inputs.map { UnsafePointer(address($0)) }, outputs.map(address), origin: step.origin)
        for (place, operand) in inputs.enumerated() {
          if case .input(let name) = lowering.buffers[operand.buffer] {
            inputSources.append((name, bound, place))
          }
        }
        return bound
      }
    }
    self.inputSources = inputSources
    self.inputMemories = inputMemories
    identities = Self.identities(of: kernels, lowering.steps, groups, shapes)
    results = try wanted.map { name in
      if let constant = graph.constants[name] { return .constant(constant) }
      guard let place = places[name] else { throw GraphError.unknownTensor(name, nearest: []) }
      if case .input(let input) = lowering.buffers[place.buffer] { return .input(input) }
      return .arena(memory.addresses[place.buffer])
    }
  }

  /// What each kernel is, for profiles. A node's arithmetic is that of its first kernel that is no reorder.
  private static func identities(
    of kernels: [Kernel], _ steps: [Step], _ groups: [FusedNode], _ shapes: [TensorName: Shape]
  ) -> [KernelProfile.Kernel.Identity] {
    var work = Dictionary(
      groups.map { ($0.node.name, $0.node.multiplyAccumulates(shapes)) },
      uniquingKeysWith: { first, _ in first })
    var counts: [String: Int] = [:]
    return zip(kernels, steps).map { kernel, step in
      defer { counts[step.origin, default: 0] += 1 }
      let operands = step.operands
      let result = operands.last?.layout
      return KernelProfile.Kernel.Identity(
        node: step.origin, kind: step.kind, implementation: kernel.implementation, layout: result?.name ?? "",
        extents: result?.structure?.dimensions ?? [],
        multiplyAccumulates: step.kind == KernelProfile.reorderKind
          ? 0 : work.removeValue(forKey: step.origin) ?? 0,
        bytes: operands.reduce(0) { $0 + $1.layout.byteCount }, index: counts[step.origin] ?? 0)
    }
  }

  /// The wanted tensors for these inputs, in the order asked for.
  ///
  /// - Parameter profile: told how long each kernel took.
  func run(
    _ inputs: [TensorName: Tensor], profile: ((_ seconds: [Double], [KernelProfile.Kernel.Identity]) -> Void)?
  )
    throws -> [Tensor]
  {
    for (name, shape) in inputShapes {
      guard let tensor = inputs[name] else { throw GraphError.missingInput(name) }
      guard tensor.shape == shape else {
        throw GraphError.input(name, expected: shape.description, got: tensor.shape)
      }
    }
    try withExtendedLifetime(inputs) {
      try compute({ inputs[$0]?.withUnsafeValues { $0.baseAddress } }, profile: profile)
    }
    return try zip(results, resultShapes).map { place, shape in
      switch place {
      case .constant(let tensor): return tensor
      case .input(let name):
        guard let tensor = inputs[name] else { throw GraphError.missingInput(name) }
        return tensor.reshaped(to: shape)
      case .arena(let address):
        let values = UnsafeBufferPointer(
          start: address.assumingMemoryBound(to: Float.self), count: shape.count)
        return Tensor(unsafeUninitialized: shape) { _ = $0.update(fromContentsOf: values) }
      }
    }
  }

  /// Computes the wanted tensors of inputs that lie at these places, and hands `body` where the program keeps each, in the
  /// order asked for: nothing is copied, and nothing is there any more after the next run.
  package func run<Result>(
    at inputs: [TensorName: UnsafeBufferPointer<Float>],
    profile: ((_ seconds: [Double], [KernelProfile.Kernel.Identity]) -> Void)? = nil,
    reading body: ([UnsafeBufferPointer<Float>]) throws -> Result
  ) throws -> Result {
    for (name, shape) in inputShapes {
      guard let input = inputs[name] else { throw GraphError.missingInput(name) }
      guard input.count == shape.count else {
        throw GraphError.input(name, expected: shape.description, got: [input.count])
      }
    }
    try compute({ inputs[$0]?.baseAddress }, profile: profile)
    return try body(
      zip(results, resultShapes).map { place, shape in
        switch place {
        case .constant(let tensor): tensor.withUnsafeValues { $0 }
        case .input(let name): inputs[name] ?? .init(start: nil, count: 0)
        case .arena(let address):
          UnsafeBufferPointer(start: address.assumingMemoryBound(to: Float.self), count: shape.count)
        }
      })
  }

  /// Runs all kernels on inputs that lie at `address`.
  private func compute(
    _ address: (TensorName) -> UnsafePointer<Float>?,
    profile: ((_ seconds: [Double], [KernelProfile.Kernel.Identity]) -> Void)?
  ) throws {
    Engine.useThreads(threads)
    for (name, memory) in inputMemories {
      guard let address = address(name) else { throw GraphError.missingInput(name) }
      // oneDNN only reads through the memories of inputs: nothing is ever lowered in place of one.
      try memory.point(at: UnsafeMutableRawPointer(mutating: address))
    }
    for (name, step, place) in inputSources {
      if let address = address(name) { step.inputs[place] = address }
    }
    guard let profile else {
      for kernel in kernels { try kernel.run(on: stream, threads: threads) }
      return
    }
    let clock = ContinuousClock()
    profile(
      try kernels.map { kernel in
        try clock.measure { try kernel.run(on: stream, threads: threads) } / .seconds(1)
      }, identities)
  }

  /// The wanted tensors for these inputs, in the order asked for.
  public func run(_ inputs: [TensorName: Tensor]) throws -> [Tensor] { try run(inputs, profile: nil) }

  /// One line a kernel: the node it came from and oneDNN's name of the implementation.
  public var listing: [String] { kernels.map { "\($0.origin): \($0.implementation)" } }
}

/// The arena of a program, allocated, and the address of each buffer in it.
private final class BoundMemory {
  private let arena: UnsafeMutableRawPointer
  let byteCount: Int
  let addresses: [UnsafeMutableRawPointer]
  /// Kept alive for their addresses.
  private let constants: [PackedConstant]

  init(_ buffers: [Buffer], limit: Int?) throws(GraphError) {
    let plan = Arena(
      buffers.map { buffer in
        if case .arena(let bytes, let first, let last) = buffer { return (bytes, first...max(first, last)) }
        return (0, 0...0)
      })
    byteCount = plan.byteCount
    if let limit, byteCount > limit { throw .memory(needed: byteCount, allowed: limit) }
    guard let arena = aligned_alloc(64, max(64, plan.byteCount)) else {
      throw .tooLarge("the network's intermediate results (\(plan.byteCount) bytes)")
    }
    self.arena = arena
    addresses = buffers.indices.map { index in
      if case .constant(let constant) = buffers[index] { return constant.address }
      return arena + plan.offsets[index]
    }
    constants = buffers.compactMap { buffer in
      if case .constant(let constant) = buffer { return constant }
      return nil
    }
  }

  deinit { free(arena) }
}
