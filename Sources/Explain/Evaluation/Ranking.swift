/// Methods in the order of what was measured, with how sure that is.
///
/// For each criterion methods are ranked by their mean (or median) over the sounds, the best 1, equal ones sharing the
/// mean of their ranks; a method's overall rank is the weighted mean of its ranks, each group of criteria weighing what
/// ``Criterion/Group/weight`` says, shared evenly among its criteria. Intervals are those of a ``Bootstrap`` over the
/// sounds, all methods and criteria on the same draws.
public struct Ranking: Sendable {
  /// Best first.
  public let entries: [Entry]
  public let criteria: [Criterion]
  /// Of each of `criteria`, of a whole of 1.
  public let weights: [Double]

  public struct Entry: Sendable {
    public let method: AttributionMethod
    public let meanRank: Bootstrap.Estimate
    /// In what share of the draws it is the best.
    public let bestShare: Double
    /// For each criterion; nil where nothing was measured.
    public let values: [Bootstrap.Estimate?]
    public let ranks: [Double?]
  }

  private let table: Table
  private let bootstrap: Bootstrap
  /// For each draw, the mean rank of each of the table's methods.
  private let overalls: [[Double]]

  public init(_ measured: Measurements, resamples: Int = 1000, seed: UInt64 = 0) {
    let table = Table(measured)
    let bootstrap = Bootstrap(of: measured.sounds.count, draws: resamples, seed: seed)
    let whole = table.standing(of: Array(measured.sounds.indices))
    let overalls = bootstrap.draws.map { table.standing(of: $0).overall }
    let best = overalls.map { $0.min() }
    let methods = table.methods
    entries = methods.indices.sorted { (whole.overall[$0], $0) < (whole.overall[$1], $1) }.map { method in
      let drawn = overalls.map { $0[method] }
      return Entry(
        method: methods[method], meanRank: Bootstrap.Estimate(whole.overall[method], drawn: drawn),
        bestShare: Double(zip(drawn, best).count { $0 == $1 }) / Double(drawn.count),
        values: table.criteria.indices.map {
          bootstrap.estimate(table.values[method][$0], table.criteria[$0].statistic)
        },
        ranks: whole.ranks[method])
    }
    (criteria, weights) = (table.criteria, table.weights)
    (self.table, self.bootstrap, self.overalls) = (table, bootstrap, overalls)
  }

  /// How often sounds were drawn.
  public var resamples: Int { bootstrap.draws.count }

  /// In what share of the draws `method` has the better mean rank.
  public func wins(of method: AttributionMethod, over other: AttributionMethod) -> Double {
    guard let a = table.methods.firstIndex(of: method), let b = table.methods.firstIndex(of: other)
    else { return 0 }
    return Double(overalls.count { $0[a] < $0[b] }) / Double(overalls.count)
  }

  /// How much worse `method` is than `other`, sound by sound, on those that both were measured on; nil where there are
  /// none.
  public func difference(
    of method: AttributionMethod, from other: AttributionMethod, _ criterion: Criterion
  ) -> Bootstrap.Estimate? {
    guard let a = table.methods.firstIndex(of: method), let b = table.methods.firstIndex(of: other),
      let place = criteria.firstIndex(of: criterion)
    else { return nil }
    let sign: Double = criterion.isBetterHigh ? -1 : 1
    let differences = zip(table.values[a][place], table.values[b][place]).map { value, rival in
      value.flatMap { value in rival.map { sign * (value - $0) } }
    }
    return bootstrap.estimate(differences, criterion.statistic)
  }
}

/// What was measured, in rows and columns.
private struct Table: Sendable {
  let methods: [AttributionMethod]
  let criteria: [Criterion]
  let weights: [Double]
  /// For each method and criterion, a number for each sound, where there is one.
  let values: [[[Double?]]]

  init(_ measured: Measurements) {
    let criteria = measured.criteria
    methods = measured.methods
    values = measured.methods.map { method in
      criteria.map { criterion in
        let known = measured.values(method, criterion)
        return measured.sounds.indices.map { known[$0] }
      }
    }
    let whole = Set(criteria.map(\.group)).reduce(0) { $0 + $1.weight }
    weights = criteria.map { criterion in
      criterion.group.weight / whole / Double(criteria.count { $0.group == criterion.group })
    }
    self.criteria = criteria
  }

  /// What one draw of sounds says.
  struct Standing {
    /// For each method and criterion.
    var ranks: [[Double?]]
    /// The weighted mean rank of each method.
    var overall: [Double]
  }

  func standing(of draw: [Int]) -> Standing {
    var ranks = methods.map { _ in criteria.map { _ in Double?.none } }
    for (place, criterion) in criteria.enumerated() {
      let found = methods.indices.compactMap { method in
        let drawn = values[method][place]
        return criterion.statistic.of(draw.compactMap { drawn[$0] }).map { (method: method, value: $0) }
      }
      let worse = Explain.ranks(found.map { criterion.isBetterHigh ? -$0.value : $0.value })
      for (found, rank) in zip(found, worse) { ranks[found.method][place] = rank }
    }
    let overall = ranks.map { row in
      var (sum, weight) = (0.0, 0.0)
      for (rank, share) in zip(row, weights) {
        guard let rank else { continue }
        sum += share * rank
        weight += share
      }
      return weight > 0 ? sum / weight : .infinity
    }
    return Standing(ranks: ranks, overall: overall)
  }
}
