/// A dictionary that keeps no more than `capacity` entries: a new one takes the place of the one that was least recently
/// looked up or set.
///
/// Looking up and setting cost as much as in a dictionary; finding the entry that goes takes time linear in `capacity`.
package struct RecentlyUsed<Key: Hashable, Value> {
  package let capacity: Int
  private var entries: [Key: (value: Value, used: Int)] = [:]
  private var clock = 0

  package init(capacity: Int) { self.capacity = max(1, capacity) }

  package var count: Int { entries.count }
  package var values: some Collection<Value> { entries.values.lazy.map(\.value) }

  package subscript(key: Key) -> Value? {
    mutating get {
      guard let place = entries.index(forKey: key) else { return nil }
      clock += 1
      entries.values[place].used = clock
      return entries.values[place].value
    }
    set {
      guard let newValue else { return _ = entries.removeValue(forKey: key) }
      clock += 1
      entries[key] = (newValue, clock)
      guard entries.count > capacity, let oldest = entries.min(by: { $0.value.used < $1.value.used }) else {
        return
      }
      entries.removeValue(forKey: oldest.key)
    }
  }

  package mutating func removeAll() { entries = [:] }
}
