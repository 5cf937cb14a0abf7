import Tensors

/// Shares clips out so that each side has its share of every class, and clips of one group stay together.
///
/// Units are groups; a clip without one goes with those of its file. Classes are taken from the one of the fewest units on,
/// as in Sechidis, Tsoumakas and Vlahavas (ECML 2011), and of each class the largest units first; equals in an order drawn
/// from the seed. A unit goes to the side on which it lowers `Σ_class (clips there − clips due)² / clips due` the most
/// (Webster's rule where units are single clips). The last units of a class go to sides that have none of it, training
/// first and then testing: so each side sees each class that has as many units; not, where training would have less of the
/// class, and a unit of several classes only where the side has room for it. A source of all classes is not spent on a
/// rare one.
///
/// Of units of one class, a side ends with at most its due and one largest unit, and at least its due less two of them.
struct Stratification {
  private let clips: [LabelledClip]

  init(_ clips: [LabelledClip]) { self.clips = clips }

  private struct Unit {
    var places: [Int] = []
    /// Clips of each class, by class.
    var counts: [Int: Int] = [:]
  }

  /// - Parameters:
  ///   - places: of the clips to share out, ascending.
  ///   - shares: of the sides, of which the most important comes first; their sum is 1.
  /// - Returns: for each side its clips, ascending. The same seed gives the same sides.
  func shares(of places: [Int], shares: [Double], seed: UInt64) -> [[Int]] {
    let units = units(of: places)
    var assignment = Assignment(units.map(\.counts), sizes: units.map(\.places.count), shares: shares)
    let ranks = units.indices.map { SplitMix64.mixed(SplitMix64.mixed(seed) &+ UInt64($0)) }
    var members: [Int: [Int]] = [:]
    for (number, unit) in units.enumerated() {
      for label in unit.counts.keys { members[label, default: []].append(number) }
    }
    let order = members.keys.sorted { left, right in
      let (few, many) = (members[left]?.count ?? 0, members[right]?.count ?? 0)
      return few != many ? few < many : left < right
    }
    for label in order {
      let open = (members[label] ?? []).filter { assignment.side[$0] == nil }.sorted { left, right in
        let (one, other) = (units[left].counts[label] ?? 0, units[right].counts[label] ?? 0)
        return one != other ? one > other : ranks[left] < ranks[right]
      }
      for (number, unit) in open.enumerated() {
        let lacking = assignment.sides(without: label)
        let side =
          open.count - number <= lacking.count
          ? lacking.first { assignment.takes(unit, for: label, $0) } : nil
        assignment.assign(unit, to: side ?? assignment.cheapest(for: unit))
      }
    }
    // Clips of no class.
    for unit in units.indices.sorted(by: { ranks[$0] < ranks[$1] }) where assignment.side[unit] == nil {
      assignment.assign(unit, to: assignment.emptiest)
    }
    var sides = [[Int]](repeating: [], count: shares.count)
    for (number, unit) in units.enumerated() { sides[assignment.side[number] ?? 0] += unit.places }
    return sides.map { $0.sorted() }
  }

  private func units(of places: [Int]) -> [Unit] {
    var numbers: [String: Int] = [:]
    var units: [Unit] = []
    for place in places {
      let clip = clips[place]
      // A group may be called as a file is.
      let key = clip.group.map { "group " + $0 } ?? "file " + clip.path
      let number = numbers[key] ?? units.count
      if number == units.count {
        numbers[key] = number
        units.append(Unit())
      }
      units[number].places.append(place)
      for label in clip.classes { units[number].counts[label, default: 0] += 1 }
    }
    return units
  }
}

/// Which unit is on which side, and what the sides hold and are due.
private struct Assignment {
  private let counts: [[Int: Int]]
  private let sizes: [Int]
  private let shares: [Double]
  private let total: Int
  private var totals: [Int: Int] = [:]
  /// By side and class.
  private var held: [[Int: Int]]
  private var filled: [Int]
  private(set) var side: [Int?]

  init(_ counts: [[Int: Int]], sizes: [Int], shares: [Double]) {
    (self.counts, self.sizes, self.shares, total) = (counts, sizes, shares, sizes.reduce(0, +))
    held = [[Int: Int]](repeating: [:], count: shares.count)
    filled = [Int](repeating: 0, count: shares.count)
    side = [Int?](repeating: nil, count: counts.count)
    for unit in counts { totals.merge(unit) { $0 + $1 } }
  }

  /// Sides of any share.
  private var open: [Int] { shares.indices.filter { shares[$0] > 0 } }

  func sides(without label: Int) -> [Int] { open.filter { held[$0][label] == nil } }

  /// Whether a unit may go to a side for the sake of one class, whatever it and its other classes are due.
  func takes(_ unit: Int, for label: Int, _ side: Int) -> Bool {
    guard side > 0 else { return true }
    let hasRoom = Double(filled[side] + sizes[unit]) <= shares[side] * Double(total)
    return (counts[unit].count == 1 || hasRoom) && (held[0][label] ?? 0) >= (counts[unit][label] ?? 0)
  }

  /// The side with the least clips for its share.
  var emptiest: Int {
    open.min { Double(filled[$0]) / shares[$0] < Double(filled[$1]) / shares[$1] } ?? 0
  }

  func cheapest(for unit: Int) -> Int {
    let classes = counts[unit].sorted { $0.key < $1.key }
    func cost(_ side: Int) -> Double {
      classes.reduce(0) { sum, entry in
        let due = shares[side] * Double(totals[entry.key] ?? 0)
        let excess = Double(held[side][entry.key] ?? 0) - due
        let size = Double(entry.value)
        return sum + size * (2 * excess + size) / due
      }
    }
    func fill(_ side: Int) -> Double { Double(filled[side]) / shares[side] }
    return open.min { (cost($0), fill($0)) < (cost($1), fill($1)) } ?? 0
  }

  mutating func assign(_ unit: Int, to side: Int) {
    self.side[unit] = side
    held[side].merge(counts[unit]) { $0 + $1 }
    filled[side] += sizes[unit]
  }
}
