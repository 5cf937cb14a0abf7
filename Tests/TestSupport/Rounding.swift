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

  /// What a sum of `n` terms loses in practice: `√n · u`, where the terms' roundings are independent. Tests that tell
  /// careful sums from careless ones allow a few times that. Higham and Mary, SIAM J. Sci. Comput. 41 (2019).
  public static func typicalSum(of terms: Int) -> Double { Double(terms).squareRoot() * unit }

  /// How far a tensor of length (L2 norm) `size` may lie from its exact value, where a peer's in float32 lies `peer` from
  /// it: `factor` times that, and no less than the rounding of the result itself.
  ///
  /// The peer's distance says how badly the problem is conditioned. Another correct program has another order of sums,
  /// and so another distance of the same kind; `factor` is what luck and blocked sums make of it.
  public static func allowed(peer: Double, size: Double, factor: Double = 8) -> Double {
    max(factor * peer, 8 * unit * size)
  }

  /// The most that oneDNN's logarithm is off by, relative to the larger of 1 and its value. It is a table of 32 values
  /// with a short polynomial, not a correctly rounded function: over 1.5e-8...6.6e7, 6.4e-6 under SSE4.1 and 3.4e-6 with
  /// fused products. Powers and norms of uneven degree are made of it.
  public static let logarithm = 0x1p-16
}
