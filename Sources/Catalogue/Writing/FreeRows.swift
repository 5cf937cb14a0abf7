/// The rows of vector files that no file of a catalogue has.
struct FreeRows {
  private var free: [Int]
  private var end: Int

  init(used: [Int]) {
    let used = Set(used)
    end = (used.max() ?? -1) + 1
    free = (0..<end).filter { !used.contains($0) }.reversed()
  }

  /// The lowest.
  var next: Int { free.last ?? end }

  /// `row` is what ``next`` gave.
  mutating func take(_ row: Int) {
    if row == end { end += 1 } else { free.removeAll { $0 == row } }
  }

  mutating func free(_ row: Int) {
    let place = free.firstIndex { $0 < row } ?? free.count
    free.insert(row, at: place)
  }
}
