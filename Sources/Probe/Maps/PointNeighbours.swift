import Tensors

/// The nearest neighbours of each of some points among the others, exactly: blocks of all distances, the nearest few of
/// each row kept, and those measured again in double precision.
///
/// Time `O(N² D)` in matrix products, memory a block a thread.
package struct PointNeighbours: Sendable {
  /// For each point.
  package let count: Int
  /// `[N, count]`, nearest first; of equally near ones the lower number first.
  package let indices: [Int32]
  /// Squared Euclidean distances, `[N, count]`.
  package let squaredDistances: [Double]

  /// More are kept by their rounded distances than are asked for, so that rounding loses none.
  private static let spare = 16

  /// - Parameter count: below the number of points.
  package init(_ distances: PairwiseDistances, count: Int) {
    let all = distances.count
    precondition(count < max(1, all), "\(count) neighbours among \(all) points")
    self.count = count
    let blocks = distances.blocks
    let kept = min(all - 1, count + Self.spare)
    let parts = concurrentResults(blocks.count) { index -> [(Int32, Double)] in
      let rows = blocks[index]
      return withUnsafeTemporaryAllocation(of: Float.self, capacity: rows.count * all) { block in
        guard let start = block.baseAddress else { return [] }
        distances.write(rows, into: start)
        var nearest = NearestOnes(limit: kept)
        var found: [(Int32, Double)] = []
        found.reserveCapacity(rows.count * count)
        for row in rows {
          nearest.removeAll()
          let line = start + (row - rows.lowerBound) * all
          for place in 0..<all where line[place] < nearest.farthest && place != row {
            nearest.insert(line[place], Int32(place))
          }
          let exact = nearest.places.map { ($0, distances.exact(row, Int($0))) }
          found += exact.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.prefix(count)
        }
        return found
      }
    }
    indices = parts.flatMap { $0.map(\.0) }
    squaredDistances = parts.flatMap { $0.map(\.1) }
  }
}

/// The smallest of many values, in a heap whose first is the largest of them.
private struct NearestOnes {
  private(set) var places: [Int32] = []
  private var values: [Float] = []
  let limit: Int

  init(limit: Int) { self.limit = limit }

  /// What a value has to be below to get in.
  var farthest: Float { values.count < limit ? .infinity : values.first ?? -1 }

  mutating func removeAll() {
    places.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
  }

  mutating func insert(_ value: Float, _ place: Int32) {
    if values.count < limit {
      values.append(value)
      places.append(place)
      rise()
    } else {
      (values[0], places[0]) = (value, place)
      sink()
    }
  }

  private mutating func rise() {
    var child = values.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard values[parent] < values[child] else { return }
      swap(parent, child)
      child = parent
    }
  }

  private mutating func sink() {
    var parent = 0
    while true {
      var child = 2 * parent + 1
      guard child < values.count else { return }
      if child + 1 < values.count, values[child + 1] > values[child] { child += 1 }
      guard values[child] > values[parent] else { return }
      swap(parent, child)
      parent = child
    }
  }

  private mutating func swap(_ a: Int, _ b: Int) {
    values.swapAt(a, b)
    places.swapAt(a, b)
  }
}

/// The results of work that cannot fail, in order, on as many threads as there are.
func concurrentResults<Value: Sendable>(_ count: Int, _ work: @Sendable (Int) -> Value) -> [Value] {
  (try? concurrentMap(count) { work($0) }) ?? []
}
