public import Tensors

/// What a map foretold of disturbances, and what came.
public struct Prophecy: Sendable, Hashable {
  /// `a · I` for each disturbance `I`.
  public let foretold: [Double]
  /// `f(x) − f(x − I)`.
  public let happened: [Double]

  public init(foretold: [Double], happened: [Double]) {
    (self.foretold, self.happened) = (foretold, happened)
  }

  /// ``Trial/infidelity(_:disturbances:isScaled:isRelative:)``
  public func infidelity(isScaled: Bool = true, isRelative: Bool = false) -> Double {
    let power = foretold.reduce(0) { $0 + $1 * $1 }
    let shared = zip(foretold, happened).reduce(0) { $0 + $1.0 * $1.1 }
    let scale = !isScaled ? 1 : power > 0 ? shared / power : 0
    let squares = zip(foretold, happened).reduce(0) {
      $0 + (scale * $1.0 - $1.1) * (scale * $1.0 - $1.1)
    }
    let whole = isRelative ? happened.reduce(0) { $0 + $1 * $1 } : Double(happened.count)
    return whole > 0 ? squares / whole : 0
  }
}

extension Trial {
  /// How badly a map foretells what disturbances do to the score: `mean (β a · I − (f(x) − f(x − I)))²` over the
  /// disturbances `I`.
  ///
  /// Yeh et al., NeurIPS 2019; Captum's `infidelity`, whose `normalize` is the `β` that makes it least,
  /// `Σ (a · I) Δ / Σ (a · I)²` with `Δ` the difference of scores: without it, only maps in units of the score can be
  /// held against one another.
  ///
  /// - Parameters:
  ///   - disturbances: `[samples]` and the shape of a row.
  ///   - isScaled: whether with `β`; 1 otherwise.
  ///   - isRelative: whether divided by the mean of `Δ²`: 0 for a map that foretells all, 1 for one that knows nothing.
  public func infidelity(
    _ map: Tensor, disturbances: Tensor, isScaled: Bool = true, isRelative: Bool = false
  ) throws -> Double {
    try foretell(map, disturbances: disturbances).infidelity(isScaled: isScaled, isRelative: isRelative)
  }

  /// What ``infidelity(_:disturbances:isScaled:isRelative:)`` compares.
  public func foretell(_ map: Tensor, disturbances: Tensor) throws -> Prophecy {
    let attribution = try values(of: map)
    let size = x.count
    guard disturbances.shape.rank > 0, disturbances.shape[0] > 0,
      disturbances.count == disturbances.shape[0] * size
    else { throw ExplainError.map(expected: "disturbances of \(x.shape)", got: disturbances.shape) }
    let samples = disturbances.shape[0]
    return try disturbances.withUnsafeValues { disturbances in
      // The last row is the input as it is.
      let scores = try asking(scores, samples + 1) { index, row in
        guard index < samples else { return }
        for place in row.indices { row[place] -= disturbances[index * size + place] }
      }
      let foretold = (0..<samples).map { sample in
        attribution.indices.reduce(0.0) {
          $0 + Double(attribution[$1]) * Double(disturbances[sample * size + $1])
        }
      }
      return Prophecy(foretold: foretold, happened: scores.dropLast().map { scores[samples] - $0 })
    }
  }

  /// Normal noise for ``infidelity``: `[samples, …]`, of a standard deviation that is a share of the input's.
  public static func disturbances(of x: Tensor, samples: Int = 10, share: Float = 0.1, seed: UInt64) -> Tensor
  {
    var generator = GaussianGenerator(seed: seed)
    let deviation = max(x.moments.deviation, .leastNormalMagnitude) * share
    return Tensor(unsafeUninitialized: Shape([samples] + x.shape.dimensions.dropFirst())) { values in
      for place in values.indices { values[place] = deviation * generator.normal() }
    }
  }
}
