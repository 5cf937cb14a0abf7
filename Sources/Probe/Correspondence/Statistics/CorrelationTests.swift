import Glibc

/// What a correlation of so many pairs says beyond its own value.
package enum CorrelationTests {
  /// How likely a correlation at least as far from 0 is where there is none: Student's t with `n − 2` degrees of freedom,
  /// two-sided. `scipy.stats.pearsonr` and `spearmanr`. 1 for fewer than three pairs.
  package static func probability(of r: Double, count: Int) -> Double {
    guard count > 2 else { return 1 }
    return incompleteBeta(max(0, 1 - r * r), Double(count - 2) / 2, 0.5)
  }

  /// Fisher's 95 % interval of Pearson's correlation: `tanh(atanh r ± 1.96 / √(n − 3))`. nil for fewer than four pairs.
  package static func interval(of r: Double, count: Int) -> ClosedRange<Double>? {
    guard count > 3 else { return nil }
    guard abs(r) < 1 else { return r...r }
    let reach = 1.959963984540054 / Double(count - 3).squareRoot()
    return tanh(atanh(r) - reach)...tanh(atanh(r) + reach)
  }

  /// For each probability, the share of false discoveries among all as small as it: Benjamini and Hochberg, JRSS B 1995.
  /// `scipy.stats.false_discovery_control`. What is nil was not tested and does not count.
  package static func falseDiscoveryRates(_ probabilities: [Double?]) -> [Double?] {
    let tested = probabilities.indices.filter { probabilities[$0] != nil }
    let order = tested.sorted { (probabilities[$0] ?? 1) < (probabilities[$1] ?? 1) }
    var rates = [Double?](repeating: nil, count: probabilities.count)
    var least = 1.0
    for (rank, index) in order.enumerated().reversed() {
      least = min(least, (probabilities[index] ?? 1) * Double(order.count) / Double(rank + 1))
      rates[index] = least
    }
    return rates
  }
}
