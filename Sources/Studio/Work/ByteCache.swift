import Synchronization

/// Values by name, the most recently used ones, up to a number of bytes.
final class ByteCache<Value: Sendable>: Sendable {
  private struct Entry {
    let value: Value
    let bytes: Int
    var used: Int
  }

  private struct State {
    var entries: [String: Entry] = [:]
    var bytes = 0
    var clock = 0
  }

  private let state = Mutex(State())
  private let most: Int

  init(bytes: Int) { most = bytes }

  func value(_ name: String) -> Value? {
    state.withLock { state in
      state.clock += 1
      state.entries[name]?.used = state.clock
      return state.entries[name]?.value
    }
  }

  func keep(_ value: Value, bytes: Int, as name: String) {
    guard bytes <= most else { return }
    state.withLock { state in
      state.clock += 1
      if let old = state.entries.removeValue(forKey: name) { state.bytes -= old.bytes }
      state.entries[name] = Entry(value: value, bytes: bytes, used: state.clock)
      state.bytes += bytes
      while state.bytes > most, let oldest = state.entries.min(by: { $0.value.used < $1.value.used }) {
        state.entries.removeValue(forKey: oldest.key)
        state.bytes -= oldest.value.bytes
      }
    }
  }

  /// Forgets all whose names begin so.
  func forget(prefix: String) { forget { $0.hasPrefix(prefix) } }

  /// Forgets all with such names.
  func forget(where isMeant: (String) -> Bool) {
    state.withLock { state in
      for (name, entry) in state.entries where isMeant(name) {
        state.entries.removeValue(forKey: name)
        state.bytes -= entry.bytes
      }
    }
  }
}
