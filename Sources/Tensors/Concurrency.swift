import Dispatch
import Glibc
import Synchronization

/// How many threads this process computes with, outside of networks, which have a number of their own.
public enum ComputeThreads {
  private static let limit = Atomic(0)

  /// All cores unless `use` set a bound.
  public static var count: Int {
    let bound = limit.load(ordering: .relaxed)
    return bound > 0 ? bound : max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
  }

  /// Bounds the threads of all further work.
  public static func use(_ count: Int) { limit.store(max(1, count), ordering: .relaxed) }
}

/// Calls `work` for each of `0..<count`, on `lanes` threads, each of which takes the next one when it is done.
package func concurrently(
  _ count: Int, lanes: Int = ComputeThreads.count, _ work: @Sendable (Int) -> Void
) {
  let next = Atomic(0)
  DispatchQueue.concurrentPerform(iterations: min(lanes, count)) { _ in
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard index < count else { return }
      work(index)
    }
  }
}

/// The results of `work` for each of `0..<count`, on `lanes` threads.
///
/// - Throws: the error of the first that failed; the others are computed all the same.
package func concurrentMap<Value: Sendable>(
  _ count: Int, lanes: Int = ComputeThreads.count, _ work: @Sendable (Int) throws -> Value
) throws -> [Value] {
  let parts = Mutex([Int: Result<Value, any Error>]())
  concurrently(count, lanes: lanes) { index in
    let part = Result { try work(index) }
    parts.withLock { $0[index] = part }
  }
  return try parts.withLock { parts in try (0..<count).compactMap { try parts[$0]?.get() } }
}
