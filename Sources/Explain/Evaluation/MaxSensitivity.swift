public import Tensors

/// How far an explanation moves when its input is shaken: the most of `‖a(x + δ) − a(x)‖ / ‖a(x)‖` over disturbances
/// `δ` drawn evenly from a cube.
///
/// Yeh et al., NeurIPS 2019; Captum's `sensitivity_max` (10 samples, radius 0.02).
public struct MaxSensitivity: Sendable, Hashable {
  public let samples: Int
  /// Half the edge of the cube, in units of the input.
  public let radius: Float
  public let seed: UInt64

  public init(samples: Int = 10, radius: Float = 0.02, seed: UInt64 = 0) {
    (self.samples, self.radius, self.seed) = (max(1, samples), radius, seed)
  }

  /// `x` shaken, once for each sample.
  public func disturbed(_ x: Tensor) -> [Tensor] {
    var generator = GaussianGenerator(seed: seed)
    return (0..<samples).map { _ in
      var shaken = x
      shaken.withUnsafeMutableValues { values in
        for place in values.indices { values[place] += radius * (2 * generator.uniform() - 1) }
      }
      return shaken
    }
  }

  /// - Returns: nil where the explanation is zero everywhere.
  public static func value(_ explanation: Tensor, disturbed: [Tensor]) -> Double? {
    let values = explanation.values
    let norm = values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    guard norm > 0, norm.isFinite else { return nil }
    return disturbed.map { other in
      zip(values, other.values).reduce(0.0) { sum, pair in
        let difference = Double(pair.1) - Double(pair.0)
        return sum + difference * difference
      }.squareRoot() / norm
    }.max()
  }
}
