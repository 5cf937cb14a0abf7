import CFFTW
import Synchronization

/// FFTW's two plans of one size, forwards and back: what transforms of real and of complex numbers have in common. FFTW's
/// planner serves one thread at a time.
///
/// Plans are estimated: measuring takes longer than a clip, and other machines' choices would round otherwise. All is in
/// double precision: a band 100 dB below the loudest of its frame would otherwise be the transform's rounding, and
/// FFTW's estimated plans take no longer than in single precision.
final class FourierPlans: Sendable {
  /// FFTW's own, which any number of threads may execute at once.
  private struct Pair: @unchecked Sendable {
    var forward: OpaquePointer?
    var inverse: OpaquePointer?
  }

  private static let planner = Mutex(())

  private let pair: Pair

  /// nil where FFTW makes no plan, for want of memory.
  var forward: OpaquePointer? { pair.forward }
  var inverse: OpaquePointer? { pair.inverse }

  /// No plans.
  init() { pair = Pair() }

  /// What `make` makes for that many points.
  init(_ size: Int, _ make: (_ points: Int32, _ isInverse: Bool) -> OpaquePointer?) {
    precondition(size > 0, "a transform of \(size) points")
    guard let points = Int32(exactly: size) else {
      pair = Pair()
      return
    }
    pair = Self.planner.withLock { _ in Pair(forward: make(points, false), inverse: make(points, true)) }
  }

  deinit {
    Self.planner.withLock { _ in
      for plan in [pair.forward, pair.inverse] { if let plan { fftw_destroy_plan(plan) } }
    }
  }

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
