package import Explain
import Tensors

/// Every unit against every descriptor, over clips.
///
/// Pearson's `r` with Fisher's interval, Spearman's `rho`, the distance of the two curves scaled to 0...1
/// (`√(mean (a − b)²)`), Student's probability and, over all pairs, Benjamini and Hochberg's `q`; and how rarely shuffled clips
/// give as large an `|r|` in **any** pair (``familyProbability``): the maximum over all pairs in each of many
/// permutations (Westfall and Young, 1993), which holds however the units hang together.
///
/// A clip without a value of a descriptor (silence has no pitch) is left out for that descriptor alone. Where the unit or the
/// descriptor is constant, or fewer than four clips are left, there is no pair.
package struct CorrelationTable: Sendable {
  /// One unit and one descriptor.
  package struct Pair: Sendable, Hashable {
    package let unit: Int
    package let descriptor: Int
    /// Clips that have both.
    package let clips: Int
    package let r: Double
    package let rho: Double
    /// 0 where the two curves, each scaled to 0...1, are one.
    package let distance: Double
    /// Of `r`, with 95 % confidence.
    package let interval: ClosedRange<Double>
    package let probability: Double
    package fileprivate(set) var q = 1.0
    package fileprivate(set) var familyProbability = 1.0
  }

  /// Those there are, by unit and descriptor.
  package private(set) var pairs: [Pair]
  package var permutations: Int { largest.count }
  /// The largest `|r|` of all pairs in each permutation.
  private var largest: [Double]
  /// Under which the largest `|r|` of all pairs stays in 95 % of the permutations: chance.
  package private(set) var chance: Double?

  /// Fewer clips say nothing.
  package static let fewestClips = 4

  /// - Parameters:
  ///   - units: for each unit, a value a clip; NaN or infinite where there is none.
  ///   - descriptors: for each descriptor, a value a clip, in the same order.
  ///   - permutations: of clips; 0 for no permutation test.
  /// - Throws: `Cancelled`.
  package init(
    units: [[Float]], descriptors: [[Float]], permutations: Int = 1000, seed: UInt64 = 0,
    control: RunControl = RunControl()
  ) throws(Cancelled) {
    let clips = (units.first ?? descriptors.first ?? []).count
    precondition((units + descriptors).allSatisfy { $0.count == clips }, "columns of unequal length")
    // A clip that the network has no numbers of is no clip.
    let heard = (0..<clips).filter { clip in units.allSatisfy { $0[clip].isFinite } }
    let groups = Dictionary(grouping: descriptors.indices) { descriptor in
      heard.filter { descriptors[descriptor][$0].isFinite }
    }.map { (clips: $0.key, descriptors: $0.value) }.sorted { $0.descriptors[0] < $1.descriptors[0] }
    var pairs: [Pair] = []
    var largest = [Double](repeating: 0, count: max(0, permutations))
    for (index, group) in groups.enumerated() where group.clips.count >= Self.fewestClips {
      let part = control.part(index, of: groups.count, "correlations")
      let (found, shuffled) = try Self.pairs(
        group.clips, units, group.descriptors, descriptors, permutations: permutations, seed: seed, part)
      pairs += found
      for index in largest.indices { largest[index] = max(largest[index], shuffled[index]) }
    }
    self.pairs = pairs.sorted { ($0.unit, $0.descriptor) < ($1.unit, $1.descriptor) }
    self.largest = largest
    self = Self.joined([self])[0]
  }

  /// Tables of different units over the same clips as one family: `q` and ``familyProbability`` then are over all of their
  /// pairs, which were shuffled in the same ways.
  package static func joined(_ tables: [CorrelationTable]) -> [CorrelationTable] {
    let permutations = tables.map(\.permutations).min() ?? 0
    let sorted = (0..<permutations).map { index in tables.map { $0.largest[index] }.max() ?? 0 }.sorted()
    let rates = CorrelationTests.falseDiscoveryRates(tables.flatMap { $0.pairs.map(\.probability) })
    let hasPairs = tables.contains { !$0.pairs.isEmpty }
    var next = 0
    return tables.map { table in
      var table = table
      for index in table.pairs.indices {
        table.pairs[index].q = rates[next] ?? 1
        next += 1
        guard !sorted.isEmpty else { continue }
        // As large as it to rounding: the order of the clips itself may be among the permutations.
        let below = sorted.partitionPoint { $0 >= abs(table.pairs[index].r) - 1e-6 }
        table.pairs[index].familyProbability = Double(sorted.count - below + 1) / Double(sorted.count + 1)
      }
      table.chance =
        !hasPairs || sorted.isEmpty ? nil : sorted[min(sorted.count - 1, sorted.count * 95 / 100)]
      return table
    }
  }

  /// The pairs of descriptors that the same clips have, and the largest `|r|` among them in each permutation.
  private static func pairs(
    _ clips: [Int], _ units: [[Float]], _ which: [Int], _ descriptors: [[Float]], permutations: Int,
    seed: UInt64, _ control: RunControl
  ) throws(Cancelled) -> (pairs: [Pair], largest: [Double]) {
    let unitColumns = units.map { column in clips.map { column[$0] } }
    let descriptorColumns = which.map { index in clips.map { descriptors[index][$0] } }
    let (a, b) = (
      StandardColumns(unitColumns, clips: clips.count), StandardColumns(descriptorColumns, clips: clips.count)
    )
    let r = a.products(with: b)
    let rho = StandardColumns(ranksOf: unitColumns, clips: clips.count).products(
      with: StandardColumns(ranksOf: descriptorColumns, clips: clips.count))
    let (unitScales, descriptorScales) = (
      unitColumns.map(UnitScale.init), descriptorColumns.map(UnitScale.init)
    )
    let found = concurrentResults(units.count) { unit -> [Pair] in
      guard a.varies[unit] else { return [] }
      return which.indices.compactMap { index -> Pair? in
        guard b.varies[index] else { return nil }
        let place = unit * which.count + index
        let correlation = min(1, max(-1, Double(r[place])))
        guard let interval = CorrelationTests.interval(of: correlation, count: clips.count) else {
          return nil
        }
        return Pair(
          unit: unit, descriptor: which[index], clips: clips.count, r: correlation,
          rho: min(1, max(-1, Double(rho[place]))),
          distance: unitScales[unit].distance(to: descriptorScales[index]), interval: interval,
          probability: CorrelationTests.probability(of: correlation, count: clips.count))
      }
    }.flatMap { $0 }
    var largest: [Double] = []
    for index in 0..<max(0, permutations) {
      try control.report(index, of: permutations)
      var generator = SplitMix64(seed: SplitMix64.mixed(seed) &+ UInt64(index))
      let shuffled = a.products(with: b.permuted(clips.indices.shuffled(using: &generator)))
      largest.append(Double(shuffled.reduce(0) { max($0, abs($1)) }))
    }
    return (found, largest)
  }
}

/// A column scaled to 0...1.
private struct UnitScale: Sendable {
  let values: [Float]

  init(_ column: [Float]) {
    guard let low = column.min(), let high = column.max(), high > low else {
      values = column.map { _ in 0 }
      return
    }
    values = column.map { ($0 - low) / (high - low) }
  }

  /// The root of the mean squared difference.
  func distance(to other: UnitScale) -> Double {
    var sum = 0.0
    for (a, b) in zip(values, other.values) { sum += Double((a - b) * (a - b)) }
    return (sum / Double(max(1, values.count))).squareRoot()
  }
}

extension [Double] {
  /// The first place of a rising sequence from which on `condition` holds.
  fileprivate func partitionPoint(_ condition: (Double) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if condition(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
