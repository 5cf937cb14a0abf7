import Glibc

/// Draws that are the same on every machine and with every version of the standard library.
extension SplitMix64 {
  /// From 0 to 1, without 1: a multiple of 2⁻⁵³.
  package mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Evenly from a range.
  package mutating func uniform(_ range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
  }

  /// One of `0..<count`, each as likely as the others to `count / 2⁶⁴`.
  package mutating func index(below count: Int) -> Int {
    precondition(count > 0, "one of \(count)")
    return Int(next().multipliedFullWidth(by: UInt64(count)).high)
  }

  /// From the normal distribution, mean 0 and deviation 1: the polar method of Marsaglia and Bray, SIAM Review 6(3), 1964.
  package mutating func normal() -> Double {
    while true {
      let (x, y) = (2 * uniform() - 1, 2 * uniform() - 1)
      let square = x * x + y * y
      if square > 0, square < 1 { return x * (-2 * log(square) / square).squareRoot() }
    }
  }

  /// The logarithm of a draw from the gamma distribution of that shape and scale 1; draws for small shapes are smaller than any
  /// number there is.
  ///
  /// Marsaglia and Tsang, ACM Trans. Mathematical Software 26(3), 2000; for shapes below 1, a draw for `shape + 1` times
  /// `u^(1 / shape)`.
  package mutating func logGamma(shape: Double) -> Double {
    precondition(shape > 0 && shape.isFinite, "a gamma distribution of shape \(shape)")
    guard shape >= 1 else {
      return logGamma(shape: shape + 1) + log(1 - uniform()) / shape
    }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = normal()
      let root = 1 + c * x
      guard root > 0 else { continue }
      let v = root * root * root
      if log(1 - uniform()) < 0.5 * x * x + d - d * v + d * log(v) { return log(d) + log(v) }
    }
  }

  /// From the beta distribution with both parameters `alpha`, 0 to 1.
  package mutating func beta(_ alpha: Double) -> Double {
    let (a, b) = (logGamma(shape: alpha), logGamma(shape: alpha))
    return 1 / (1 + exp(b - a))
  }
}
