import OneDNN
import Synchronization
import Tensors

/// A constant in the layout a kernel wants.
///
/// Sendable because nothing writes to it once it is made: kernels only read constants.
final class PackedConstant: @unchecked Sendable {
  let layout: Layout
  /// The packed bytes, or the tensor itself where it already lies right.
  let address: UnsafeMutableRawPointer
  private let owned: Bool
  private let original: Tensor

  /// - Parameter isTransposed: whether the last two axes of the view change places.
  init(
    _ tensor: Tensor, viewedAs view: Shape, transposed isTransposed: Bool, as layout: Layout,
    on engine: Engine
  )
    throws
  {
    self.layout = layout
    original = tensor
    var plain = try Layout.plain(view.dimensions)
    if isTransposed {
      var axes = Array(view.dimensions.indices)
      axes.swapAt(axes.count - 2, axes.count - 1)
      plain = try plain.permuted(axes)
    }
    let source = tensor.withUnsafeValues { UnsafeMutableRawPointer(mutating: $0.baseAddress) }
    if plain == layout, let source {
      address = source
      owned = false
      return
    }
    owned = true
    address = .allocate(byteCount: max(64, layout.byteCount), alignment: 64)
    let (from, to) = (try Memory(plain, on: engine), try Memory(layout, on: engine))
    if let source { try from.point(at: source) }
    try to.point(at: address)
    let reorder = try Primitive.reorder(from: plain, to: layout, on: engine)
    let scratch = try reorder.layout(.scratchpad)
    let room = UnsafeMutableRawPointer.allocate(byteCount: max(64, scratch.byteCount), alignment: 64)
    defer { room.deallocate() }
    var arguments = [(Argument.source, from), (.destination, to)]
    if scratch.byteCount > 0 {
      let memory = try Memory(scratch, on: engine)
      try memory.point(at: room)
      arguments.append((.scratchpad, memory))
    }
    try reorder.execute(BoundArguments(arguments), on: Stream(on: engine))
  }

  deinit { if owned { address.deallocate() } }
}

/// Makes each constant that others are made into once, and packs each once for each layout; graphs and programs of one
/// network share it.
final class ConstantPacker: Sendable {
  private struct Key: Hashable {
    let address: UInt
    let count: Int
    let view: Shape
    let isTransposed: Bool
  }

  private struct Purpose: Hashable {
    let addresses: [UInt]
    let purpose: String
  }

  private let packed = Mutex<[Key: [PackedConstant]]>([:])
  /// Each with the constants it was made from, whose addresses must stay taken.
  private let derivatives = Mutex<[Purpose: (made: Tensor, from: [Tensor])]>([:])

  /// What `make` makes of `tensors` for `purpose`; made once.
  func derived(from tensors: [Tensor], _ purpose: String, _ make: () -> Tensor) -> Tensor {
    let addresses = tensors.map(Self.address)
    let key = Purpose(addresses: addresses, purpose: purpose)
    if let known = derivatives.withLock({ $0[key] }) { return known.made }
    let made = make()
    return derivatives.withLock { derivatives in
      // Of two who made it at once, the first is kept.
      if let known = derivatives[key] { return known.made }
      derivatives[key] = (made, tensors)
      return made
    }
  }

  /// Forgets what was made or packed of constants other than `alive`, and than those made of them. Programs keep what
  /// they use themselves.
  func forget(allBut alive: [Tensor]) {
    var known = Set(alive.map(Self.address))
    derivatives.withLock { derivatives in
      // What is made of something made is found in the next round.
      var rest = derivatives
      while case let next = rest.filter({ $0.key.addresses.allSatisfy(known.contains) }), !next.isEmpty {
        for (purpose, entry) in next {
          known.insert(Self.address(entry.made))
          rest[purpose] = nil
        }
      }
      for purpose in rest.keys { derivatives[purpose] = nil }
    }
    packed.withLock { [known] packed in packed = packed.filter { known.contains($0.key.address) } }
  }

  private static func address(_ tensor: Tensor) -> UInt {
    tensor.withUnsafeValues { UInt(bitPattern: $0.baseAddress) }
  }

  func pack(_ tensor: Tensor, viewedAs view: Shape, transposed isTransposed: Bool = false, as layout: Layout)
    throws
    -> PackedConstant
  {
    let key = Key(address: Self.address(tensor), count: tensor.count, view: view, isTransposed: isTransposed)
    if let known = packed.withLock({ $0[key]?.first { $0.layout == layout } }) { return known }
    let constant = try PackedConstant(
      tensor, viewedAs: view, transposed: isTransposed, as: layout, on: try Engine.shared())
    return packed.withLock { packed in
      // Of two who packed it at once, the first is kept.
      if let known = packed[key]?.first(where: { $0.layout == layout }) { return known }
      packed[key, default: []].append(constant)
      return constant
    }
  }
}
