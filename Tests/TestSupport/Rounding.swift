/// How far float32 results may lie from exact ones whatever the order of their sums: bounds for tolerances that hold on
/// every machine.
///
/// Kernels for other vector instructions add the same terms in another order, and fuse other pairs of operations. So a
/// tolerance taken from what one machine computes fails on the next. These follow from the number of terms instead.
/// Higham, Accuracy and Stability of Numerical Algorithms (2nd ed., 2002), sections 3.1 and 4.2.
public enum Rounding {
  /// `u = 2⁻²⁴`: the most that one operation on float32 numbers loses, relative to its result.
  public static let unit = 0x1p-24

  /// `γ(n) = n·u / (1 − n·u)`: the most that a sum of `n` products loses in any order, relative to the sum of the
  /// products' absolute values. A chain of `n` operations that add no opposite numbers loses no more either.
  public static func sum(of terms: Int) -> Double {
    let lost = Double(terms) * unit
    return lost / (1 - lost)
  }

  /// What a result may differ by from `exact` values in double precision, where a `peer` in float32 is as far from them
  /// as it is: `factor` times the peer's distance, and no less than the rounding of the results themselves.
  ///
  /// The peer's distance says how badly the problem is conditioned. Two correct programs lie apart from each other by
  /// their orders of summation; `factor` is what those make of it.
  public static func allowed(peer: Double, factor: Double = 8) -> Double { max(factor * peer, 4 * unit) }
}
