import Dispatch
import Synchronization

/// The results of `work` for each of `0..<count`, on `lanes` threads, each of which takes the next one when it is done.
///
/// - Throws: the error of the first that failed; the others are computed all the same.
func concurrentMap<Value: Sendable>(
  _ count: Int, lanes: Int, _ work: @Sendable (Int) throws -> Value
) throws -> [Value] {
  let parts = Mutex([Int: Result<Value, any Error>]())
  let next = Atomic(0)
  DispatchQueue.concurrentPerform(iterations: min(lanes, count)) { _ in
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard index < count else { return }
      let part = Result { try work(index) }
      parts.withLock { $0[index] = part }
    }
  }
  return try parts.withLock { parts in try (0..<count).compactMap { try parts[$0]?.get() } }
}
