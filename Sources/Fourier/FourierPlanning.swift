import CFFTW
import Synchronization

/// What both kinds of plan have in common: FFTW's planner serves one thread at a time, and plans are made once.
///
/// Plans are estimated: measuring takes longer than a clip, and other machines' choices would round otherwise. All is in
/// double precision: a band 100 dB below the loudest of its frame would otherwise be the transform's rounding, and
/// FFTW's estimated plans take no longer than in single precision.
enum FourierPlanning {
  private static let planner = Mutex(())

  static func plan(_ make: () -> OpaquePointer?) -> OpaquePointer? {
    planner.withLock { _ in Handle(pointer: make()) }.pointer
  }

  static func destroy(_ plan: OpaquePointer?) {
    guard let plan else { return }
    let handle = Handle(pointer: plan)
    planner.withLock { _ in fftw_destroy_plan(handle.pointer) }
  }

  /// A plan on its way through the lock.
  private struct Handle: @unchecked Sendable { let pointer: OpaquePointer? }

  /// Memory for FFTW's vectors, zero at first.
  static func aligned(_ count: Int) -> UnsafeMutablePointer<Double> {
    let start = UnsafeMutableRawPointer.allocate(
      byteCount: count * MemoryLayout<Double>.stride, alignment: 64
    )
    .bindMemory(to: Double.self, capacity: count)
    start.initialize(repeating: 0, count: count)
    return start
  }

  /// `2π · a · b / size`, reduced before it is rounded.
  static func angle(_ a: Int, _ b: Int, of size: Int) -> Double {
    2 * Double.pi * Double(a * b % size) / Double(size)
  }
}
