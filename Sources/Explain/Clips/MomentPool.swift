import Glibc

extension TimeSpan.Pooling {
  /// One score of those of several moments.
  func pooled(_ scores: [Double]) -> Double {
    guard let highest = scores.max() else { return 0 }
    switch self {
    case .mean: return scores.reduce(0, +) / Double(scores.count)
    case .maximum: return highest
    case .logSumExp:
      guard highest.isFinite else { return highest }
      return highest + log(scores.reduce(0) { $0 + exp($1 - highest) })
    }
  }

  /// The derivative of ``pooled(_:)`` with respect to each score. The first of several that are highest has it all.
  func slopes(_ scores: [Double]) -> [Double] {
    guard let highest = scores.max() else { return [] }
    switch self {
    case .mean: return scores.map { _ in 1 / Double(scores.count) }
    case .maximum:
      let first = scores.firstIndex(of: highest)
      return scores.indices.map { $0 == first ? 1 : 0 }
    case .logSumExp:
      let powers = scores.map { exp($0 - highest) }
      let sum = powers.reduce(0, +)
      return powers.map { $0 / sum }
    }
  }
}
