public import Tensors

/// A probability while more and more bins are taken away, or put in, the most relevant ones first.
public struct PerturbationCurve: Sendable, Hashable {
  /// The probability after each of the steps, the first with nothing done.
  public let values: [Double]

  /// By the trapezoid rule over [0, 1].
  public var area: Double {
    guard let first = values.first, let last = values.last, values.count > 1 else { return values.first ?? 0 }
    let sum = values.reduce(0, +) - (first + last) / 2
    return sum / Double(values.count - 1)
  }
}

extension Trial {
  /// The probability while bins are removed, the most relevant first: `⌊n k / steps⌋` of `n` bins replaced by nothing
  /// in step `k`.
  ///
  /// Petsiuk et al., BMVC 2018; Xplique's `Deletion` (steps: 10). One step a bin is Quantus' `PixelFlipping`. Bins of
  /// equal relevance go in an order drawn at random, the same for every map: by their places, a map of many zeros would
  /// be judged by where the clip begins.
  public func deletion(_ map: Tensor, steps: Int = 10) throws -> PerturbationCurve {
    try curve(map, steps: steps) { row, x, nothing, order, count in
      for place in order[..<count] { row[place] = nothing[place] }
    }
  }

  /// The probability while bins are put into nothing, the most relevant first; otherwise as ``deletion(_:steps:)``.
  /// Xplique's `Insertion`.
  public func insertion(_ map: Tensor, steps: Int = 10) throws -> PerturbationCurve {
    try curve(map, steps: steps) { row, x, nothing, order, count in
      for place in order[count...] { row[place] = nothing[place] }
    }
  }

  private func curve(
    _ map: Tensor, steps: Int,
    _ change: (
      _ row: UnsafeMutableBufferPointer<Float>, _ x: UnsafeBufferPointer<Float>,
      _ nothing: UnsafeBufferPointer<Float>, _ order: [Int], _ count: Int
    ) -> Void
  ) throws -> PerturbationCurve {
    let order = Self.order(of: try values(of: map))
    let steps = max(1, steps)
    return try x.withUnsafeValues { x in
      try nothing.withUnsafeValues { nothing in
        PerturbationCurve(
          values: try asking(probabilities, steps + 1) { index, row in
            change(row, x, nothing, order, order.count * index / steps)
          })
      }
    }
  }

  /// The places by falling relevance.
  static func order(of relevance: [Float]) -> [Int] {
    var generator = GaussianGenerator(seed: 0)
    let lots = relevance.map { _ in generator.uniform() }
    return relevance.indices.sorted { (relevance[$0], lots[$0], $0) > (relevance[$1], lots[$1], $1) }
  }
}
