import Synchronization

/// What takes long to make, made once for all threads.
///
/// It holds 32 values and then starts anew: those in use stay alive, and ever new ones do not fill the memory.
package final class Cache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private let values = Mutex<[Key: Value]>([:])

  package init() {}

  /// The value of that key. Two threads that ask at once may both make it; one of the two is kept.
  package func value(_ key: Key, _ make: (Key) -> Value) -> Value {
    if let known = values.withLock({ $0[key] }) { return known }
    let made = make(key)
    return values.withLock { values in
      if let known = values[key] { return known }
      if values.count >= 32 { values = [:] }
      values[key] = made
      return made
    }
  }
}
