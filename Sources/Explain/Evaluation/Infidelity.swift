public import Tensors

/// How badly a map predicts what disturbances `I` of an input do to its score: what it says of each, `a · I`, and what
/// comes, `f(x) − f(x − I)`.
///
/// Yeh et al., NeurIPS 2019; Captum's `infidelity`.
public struct Infidelity: Sendable, Hashable {
  /// `a · I` for each disturbance.
  public let predicted: [Double]
  /// `f(x) − f(x − I)` for each disturbance.
  public let observed: [Double]

  public init(predicted: [Double], observed: [Double]) {
    (self.predicted, self.observed) = (predicted, observed)
  }

  /// - Parameter map: one value for each place of a row.
  /// - Throws: `ExplainError.map` for another number of values.
  public init(_ map: Tensor, of disturbances: Disturbances) throws(ExplainError) {
    let rows = disturbances.rows
    let size = rows.count / rows.shape[0]
    guard map.count == size else {
      throw .map(expected: "one value for each of \(size) places", got: map.shape)
    }
    predicted = map.withUnsafeValues { map in
      rows.withUnsafeValues { rows in
        disturbances.effects.indices.map { sample in
          map.indices.reduce(0.0) { $0 + Double(map[$1]) * Double(rows[sample * size + $1]) }
        }
      }
    }
    observed = disturbances.effects
  }

  /// `mean (β predicted − observed)²`.
  ///
  /// - Parameters:
  ///   - isScaled: whether `β` is the one that makes it least, `Σ predicted · observed / Σ predicted²`, as Captum's
  ///     `normalize` does, without which only maps in units of the score can be held against one another; 1 otherwise.
  ///   - isRelative: whether divided by the mean of `observed²`: 0 for a map that predicts all, 1 for one that knows
  ///     nothing.
  public func value(isScaled: Bool = true, isRelative: Bool = false) -> Double {
    let power = predicted.reduce(0) { $0 + $1 * $1 }
    let shared = zip(predicted, observed).reduce(0) { $0 + $1.0 * $1.1 }
    let scale = !isScaled ? 1 : power > 0 ? shared / power : 0
    let squares = zip(predicted, observed).reduce(0) {
      $0 + (scale * $1.0 - $1.1) * (scale * $1.0 - $1.1)
    }
    let whole = isRelative ? observed.reduce(0) { $0 + $1 * $1 } : Double(observed.count)
    return whole > 0 ? squares / whole : 0
  }
}

/// Disturbances of an input, and what they do to its score.
public struct Disturbances: Sendable {
  /// `[samples]` and the shape of a row.
  public let rows: Tensor
  /// `f(x) − f(x − I)` for each row `I`.
  public let effects: [Double]
}

extension Trial {
  /// What these disturbances do.
  ///
  /// - Parameter rows: `[samples]` and the shape of a row.
  /// - Throws: `ExplainError.map` for another shape, and what the trial's questions throw.
  public func disturbed(by rows: Tensor) throws -> Disturbances {
    let size = x.count
    guard rows.shape.rank > 0, rows.shape[0] > 0, rows.count == rows.shape[0] * size
    else { throw ExplainError.map(expected: "disturbances of \(x.shape)", got: rows.shape) }
    let samples = rows.shape[0]
    return try rows.withUnsafeValues { values in
      // The last row is the input as it is.
      let scores = try asking(scores, samples + 1) { index, row in
        guard index < samples else { return }
        for place in row.indices { row[place] -= values[index * size + place] }
      }
      return Disturbances(rows: rows, effects: scores.dropLast().map { scores[samples] - $0 })
    }
  }

  /// Normal noise to disturb `x` by: `[samples, …]`, of a standard deviation that is a share of the input's.
  public static func disturbances(of x: Tensor, samples: Int = 10, share: Float = 0.1, seed: UInt64) -> Tensor
  {
    var generator = GaussianGenerator(seed: seed)
    let deviation = max(x.moments.deviation, .leastNormalMagnitude) * share
    return Tensor(unsafeUninitialized: Shape([samples] + x.shape.dimensions.dropFirst())) { values in
      for place in values.indices { values[place] = deviation * generator.normal() }
    }
  }
}
