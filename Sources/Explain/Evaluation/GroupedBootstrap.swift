import Tensors

/// Clips drawn with replacement, all clips of one recording together, again and again: how far a number hangs on which
/// recordings there happened to be.
///
/// Clips of one recording are alike, and a draw of single clips would pretend to know more than it does (the cluster
/// bootstrap; Field and Welsh, JRSS B, 2007). A draw takes as many groups as there are; a clip without a group is one of its
/// own. Intervals are 95 % percentile intervals, as ``Bootstrap``'s. Draws depend on the seed and their number alone, so that
/// threads can make them in any order, and what is measured on draws of one seed is compared in pairs.
public struct GroupedBootstrap: Sendable {
  public let draws: Int
  /// The clips of each group.
  private let groups: [[Int]]
  private let count: Int
  private let seed: UInt64

  /// - Parameter names: the group of each clip; nil for one of its own.
  public init(groups names: [String?], draws: Int = 1000, seed: UInt64 = 0) {
    (count, self.draws, self.seed) = (names.count, draws, seed)
    var places: [String: Int] = [:]
    var groups: [[Int]] = []
    for (clip, name) in names.enumerated() {
      if let name, let known = places[name] {
        groups[known].append(clip)
      } else {
        if let name { places[name] = groups.count }
        groups.append([clip])
      }
    }
    self.groups = groups
  }

  public var groupCount: Int { groups.count }

  /// How often each clip occurs in draw `index`.
  public func weights(ofDraw index: Int) -> [Double] {
    var weights = [Double](repeating: 0, count: count)
    var generator = SplitMix64(seed: seed).advanced(by: index * groups.count)
    for _ in groups {
      let place = generator.next().multipliedFullWidth(by: UInt64(groups.count)).high
      for clip in groups[Int(place)] { weights[clip] += 1 }
    }
    return weights
  }

  /// A number with its 95 % interval. The number is nil where it says nothing of the clips, the interval where there are
  /// fewer than two groups, or where the number says nothing of more than half of the draws.
  public struct Measured: Sendable, Hashable {
    public let value: Double?
    public let low: Double?
    public let high: Double?

    public init(_ value: Double?, low: Double? = nil, high: Double? = nil) {
      (self.value, self.low, self.high) = (value, low, high)
    }
  }

  /// Numbers with their intervals.
  ///
  /// - Parameter measure: the same number of numbers for any weights of the clips; nil for what says nothing.
  public func measured(_ measure: @Sendable ([Double]) -> [Double?]) -> [Measured] {
    let values = measure([Double](repeating: 1, count: count))
    guard groupCount > 1, draws > 0 else { return values.map { Measured($0) } }
    let drawn = (try? concurrentMap(draws) { measure(weights(ofDraw: $0)) }) ?? []
    return values.enumerated().map { place, value in
      let known = drawn.compactMap { $0[place] }
      guard let value, 2 * known.count >= draws else { return Measured(value) }
      let estimate = Bootstrap.Estimate(value, drawn: known)
      return Measured(value, low: estimate.low, high: estimate.high)
    }
  }
}
