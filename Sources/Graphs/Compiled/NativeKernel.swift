import OneDNN

/// A kernel of our own, for what oneDNN does not have. It reads and writes float32 buffers, and nothing else: it holds
/// no state between runs and allocates nothing that lasts.
struct NativeKernel: Sendable {
  /// The operands and results in the order in which they were given to `Lowering.emit`. A result may have been given
  /// the place of an operand only if the operation said so (`inPlaceOf`).
  typealias Body =
    @Sendable (
      _ inputs: [UnsafePointer<Float>], _ outputs: [UnsafeMutablePointer<Float>], Lanes
    ) -> Void

  /// About how many elementary operations a run takes: little work is not worth several threads.
  let work: Int
  let body: Body

  init(work: Int, _ body: @escaping Body) {
    self.work = work
    self.body = body
  }

  func run(_ inputs: [UnsafePointer<Float>], _ outputs: [UnsafeMutablePointer<Float>], threads: Int) {
    body(inputs, outputs, Lanes(count: work < Self.leastSharedWork ? 1 : threads))
  }

  /// Waking another thread costs some microseconds.
  private static let leastSharedWork = 1 << 16
}

/// The threads a kernel may use.
struct Lanes: Sendable {
  let count: Int

  /// Calls `body` with ranges that together make up `0..<items`, on all lanes at once. No two overlap, so each may write
  /// its own part of a result.
  func share(_ items: Int, _ body: (Range<Int>) -> Void) {
    let lanes = min(count, items)
    guard lanes > 1 else { return items > 0 ? body(0..<items) : () }
    Engine.share(lanes) { lane in body(lane * items / lanes..<(lane + 1) * items / lanes) }
  }
}
