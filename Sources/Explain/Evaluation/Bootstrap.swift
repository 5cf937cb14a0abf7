import Tensors

/// Sounds drawn with replacement, again and again: how far a number hangs on which sounds there happened to be.
///
/// Intervals are the 95 % percentile intervals of Efron, Annals of Statistics, 1979. Whatever is computed on the same draws
/// is compared in pairs.
public struct Bootstrap: Sendable {
  /// As many sounds as there are, by number, in each draw.
  public let draws: [[Int]]

  /// - Parameter count: of sounds.
  public init(of count: Int, draws: Int = 1000, seed: UInt64 = 0) {
    var generator = GaussianGenerator(seed: seed)
    self.draws = (0..<max(1, draws)).map { _ in
      (0..<count).map { _ in min(count - 1, Int(Double(generator.uniform()) * Double(count))) }
    }
  }

  /// A number with its 95 % interval.
  public struct Estimate: Sendable, Hashable {
    public let value: Double
    public let low: Double
    public let high: Double

    /// - Parameter drawn: the number in each draw.
    package init(_ value: Double, drawn: [Double]) {
      let sorted = drawn.sorted()
      func quantile(_ share: Double) -> Double {
        let place = share * Double(sorted.count - 1)
        let below = Int(place)
        let above = min(below + 1, sorted.count - 1)
        // Equal ends first: two infinities have no difference.
        return sorted[below] == sorted[above]
          ? sorted[below] : sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
      }
      self.value = value
      (low, high) = sorted.isEmpty ? (value, value) : (quantile(0.025), quantile(0.975))
    }
  }

  /// What `statistic` says of the values of all sounds, and of each draw's; nil where it says nothing of all. A sound
  /// without a value is passed over.
  func estimate(_ values: [Double?], _ statistic: Criterion.Statistic) -> Estimate? {
    statistic.of(values.compactMap(\.self)).map { value in
      Estimate(value, drawn: draws.compactMap { draw in statistic.of(draw.compactMap { values[$0] }) })
    }
  }

  /// The mean of curves of equal length, point by point, over draws of whole curves.
  public static func meanCurve(_ curves: [[Double]], seed: UInt64 = 0) -> [Estimate] {
    guard let first = curves.first else { return [] }
    let bootstrap = Bootstrap(of: curves.count, seed: seed)
    return first.indices.compactMap { place in bootstrap.estimate(curves.map { $0[place] }, .mean) }
  }
}
