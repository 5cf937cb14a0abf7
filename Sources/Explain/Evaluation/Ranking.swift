/// Methods in the order of what was measured, with how sure that is.
///
/// For each criterion methods are ranked by their mean (or median) over the sounds, the best 1, equal ones sharing the
/// mean of their ranks; a method's overall rank is the weighted mean of its ranks, each group of criteria weighing what
/// ``Criterion/Group/weight`` says, shared evenly among its criteria. Intervals are 95 % percentile intervals of the
/// bootstrap (Efron, 1979): sounds drawn with replacement, all methods and criteria on the same draw, so that methods are
/// compared in pairs.
public struct Ranking: Sendable {
  /// Best first.
  public let entries: [Entry]
  public let criteria: [Criterion]
  /// Of each of `criteria`, of a whole of 1.
  public let weights: [Double]
  public let resamples: Int

  /// A number with its 95 % interval.
  public struct Estimate: Sendable, Hashable {
    public let value: Double
    public let low: Double
    public let high: Double
  }

  public struct Entry: Sendable {
    public let method: AttributionMethod
    public let meanRank: Estimate
    /// In what share of the draws it is the best.
    public let bestShare: Double
    /// For each criterion; nil where nothing was measured.
    public let values: [Estimate?]
    public let ranks: [Double?]
  }

  private let measured: Measurements
  private let draws: [[Int]]
  /// For each draw, the mean rank of each of the measured methods.
  private let overalls: [[Double]]

  public init(_ measured: Measurements, resamples: Int = 1000, seed: UInt64 = 0) {
    let criteria = measured.criteria
    let methods = measured.methods
    let table = methods.map { method in criteria.map { measured.values(method, $0) } }
    let shares = Self.weights(of: criteria)
    let every = Array(measured.sounds.indices)
    let whole = Self.standing(table, criteria, shares, draw: every)

    var generator = GaussianGenerator(seed: seed)
    let draws = (0..<max(1, resamples)).map { _ in
      every.map { _ in min(every.count - 1, Int(Double(generator.uniform()) * Double(every.count))) }
    }
    let standings = draws.map { Self.standing(table, criteria, shares, draw: $0) }
    let order = methods.indices.sorted { (whole.overall[$0], $0) < (whole.overall[$1], $1) }

    entries = order.map { method in
      Entry(
        method: methods[method],
        meanRank: Self.estimate(whole.overall[method], standings.map { $0.overall[method] }),
        bestShare: Self.share(standings) { $0.overall[method] == $0.overall.min() },
        values: criteria.indices.map { criterion in
          whole.values[method][criterion].map { value in
            Self.estimate(value, standings.compactMap { $0.values[method][criterion] })
          }
        },
        ranks: whole.ranks[method])
    }
    self.criteria = criteria
    weights = shares
    self.resamples = draws.count
    (self.measured, self.draws, overalls) = (measured, draws, standings.map(\.overall))
  }

  /// In what share of the draws `method` has the better mean rank.
  public func wins(of method: AttributionMethod, over other: AttributionMethod) -> Double {
    guard let a = measured.methods.firstIndex(of: method), let b = measured.methods.firstIndex(of: other)
    else { return 0 }
    return Double(overalls.count { $0[a] < $0[b] }) / Double(max(1, overalls.count))
  }

  /// How much worse `method` is than `other`, sound by sound, on those that both were measured on; nil where there are
  /// none.
  public func difference(
    of method: AttributionMethod, from other: AttributionMethod, _ criterion: Criterion
  ) -> Estimate? {
    let (a, b) = (measured.values(method, criterion), measured.values(other, criterion))
    let sign: Double = criterion.isBetterHigh ? -1 : 1
    let known = Dictionary(
      uniqueKeysWithValues: a.compactMap { sound, value in b[sound].map { (sound, sign * (value - $0)) } })
    guard let value = criterion.statistic.of(Array(known.values)) else { return nil }
    let drawn = draws.compactMap { draw in criterion.statistic.of(draw.compactMap { known[$0] }) }
    return Self.estimate(value, drawn)
  }

  /// What one draw of sounds says.
  private struct Standing {
    /// For each method and criterion.
    var values: [[Double?]]
    var ranks: [[Double?]]
    /// The weighted mean rank of each method.
    var overall: [Double]
  }

  private static func standing(
    _ table: [[[Int: Double]]], _ criteria: [Criterion], _ weights: [Double], draw: [Int]
  ) -> Standing {
    let values = table.map { row in
      zip(row, criteria).map { known, criterion in
        criterion.statistic.of(draw.compactMap { known[$0] })
      }
    }
    var ranked = values.map { $0.map { _ in Double?.none } }
    for (place, criterion) in criteria.enumerated() {
      let present = values.indices.filter { values[$0][place] != nil }
      let worst = present.map { (values[$0][place] ?? 0) * (criterion.isBetterHigh ? -1 : 1) }
      for (method, rank) in zip(present, Explain.ranks(worst)) { ranked[method][place] = rank }
    }
    let overall = ranked.map { row in
      var (sum, weight) = (0.0, 0.0)
      for (rank, share) in zip(row, weights) {
        guard let rank else { continue }
        sum += share * rank
        weight += share
      }
      return weight > 0 ? sum / weight : .infinity
    }
    return Standing(values: values, ranks: ranked, overall: overall)
  }

  private static func weights(of criteria: [Criterion]) -> [Double] {
    let groups = Set(criteria.map(\.group))
    let whole = groups.reduce(0) { $0 + $1.weight }
    return criteria.map { criterion in
      criterion.group.weight / whole / Double(criteria.count { $0.group == criterion.group })
    }
  }

  private static func share(_ standings: [Standing], _ holds: (Standing) -> Bool) -> Double {
    Double(standings.count(where: holds)) / Double(max(1, standings.count))
  }

  /// The mean of curves of equal length, point by point, over draws of whole curves.
  public static func meanCurve(_ curves: [[Double]], resamples: Int = 1000, seed: UInt64 = 0) -> [Estimate] {
    guard let first = curves.first else { return [] }
    var generator = GaussianGenerator(seed: seed)
    let draws = (0..<resamples).map { _ in
      curves.map { _ in min(curves.count - 1, Int(Double(generator.uniform()) * Double(curves.count))) }
    }
    return first.indices.map { place in
      let values = curves.map { $0[place] }
      let means = draws.map { draw in draw.reduce(0) { $0 + values[$1] } / Double(draw.count) }
      return estimate(values.reduce(0, +) / Double(values.count), means)
    }
  }

  static func estimate(_ value: Double, _ draws: [Double]) -> Estimate {
    let sorted = draws.sorted()
    guard !sorted.isEmpty else { return Estimate(value: value, low: value, high: value) }
    func quantile(_ share: Double) -> Double {
      let place = share * Double(sorted.count - 1)
      let below = Int(place)
      let above = min(below + 1, sorted.count - 1)
      // Equal ends first: two infinities have no difference.
      return sorted[below] == sorted[above]
        ? sorted[below] : sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
    }
    return Estimate(value: value, low: quantile(0.025), high: quantile(0.975))
  }
}
