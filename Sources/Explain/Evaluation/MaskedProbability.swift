public import Tensors

/// The probability of an input, and of what a map leaves of it.
public struct MaskedProbability: Sendable, Hashable {
  /// Y.
  public let whole: Double
  /// O.
  public let masked: Double

  public init(whole: Double, masked: Double) { (self.whole, self.masked) = (whole, masked) }

  /// `100 max(0, Y − O) / Y`: what average drop averages. Chattopadhay et al., WACV 2018.
  public var drop: Double { whole > 0 ? 100 * max(0, whole - masked) / whole : 0 }
  /// `100 [O > Y]`: what increase in confidence averages.
  public var increase: Double { masked > whole ? 100 : 0 }
  /// `100 max(0, O − Y) / (1 − Y)`: what average gain averages. Zhang et al., Opti-CAM, 2024.
  public var gain: Double { whole < 1 ? 100 * max(0, masked - whole) / (1 - whole) : 0 }
}

extension Trial {
  /// The probability of `x` and of `b + m (x − b)`, with `m` the magnitude of the map shifted and stretched to 0...1
  /// and `b` what counts as nothing. A constant map keeps nothing.
  public func masked(by map: Tensor) throws -> MaskedProbability {
    let magnitudes = Tensor(x.shape, try values(of: map)).magnitudes.rowsScaledToOne
    let answers = try nothing.withUnsafeValues { nothing in
      try magnitudes.withUnsafeValues { mask in
        try asking(probabilities, 2) { index, row in
          guard index == 1 else { return }
          for place in row.indices {
            row[place] = nothing[place] + mask[place] * (row[place] - nothing[place])
          }
        }
      }
    }
    return MaskedProbability(whole: answers[0], masked: answers[1])
  }
}
