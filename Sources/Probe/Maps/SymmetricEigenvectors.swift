/// Eigenvalues and eigenvectors of a symmetric matrix by cyclic Jacobi rotations, largest eigenvalue first.
///
/// Golub and Van Loan, *Matrix Computations*, 8.5: each rotation makes one pair of off-diagonal elements zero, and
/// sweeps over all pairs converge quadratically, to the rounding of double precision. Time `O(n³)` a sweep, some eight
/// sweeps: for matrices of up to a few hundred rows.
struct SymmetricEigenvectors {
  let values: [Double]
  /// Row `k` is the unit eigenvector of `values[k]`, `[n, n]`.
  let vectors: [Double]

  private static let mostSweeps = 60

  /// - Parameter matrix: `[n, n]`, symmetric.
  init(of matrix: [Double], size n: Int) {
    precondition(matrix.count == n * n, "\(matrix.count) values for \(n) x \(n)")
    var a = matrix
    var v = [Double](repeating: 0, count: n * n)
    for index in 0..<n { v[index * n + index] = 1 }
    let scale = matrix.reduce(0) { $0 + $1 * $1 }
    for _ in 0..<Self.mostSweeps {
      var off = 0.0
      for p in 0..<n { for q in p + 1..<max(p + 1, n) { off += a[p * n + q] * a[p * n + q] } }
      guard off > 1e-32 * scale else { break }
      for p in 0..<n {
        for q in p + 1..<max(p + 1, n) { Self.rotate(&a, &v, p, q, n) }
      }
    }
    let order = (0..<n).sorted { (a[$0 * n + $0], -$0) > (a[$1 * n + $1], -$1) }
    values = order.map { a[$0 * n + $0] }
    vectors = order.flatMap { v[$0 * n..<($0 + 1) * n] }
  }

  /// Makes `a[p, q]` zero; rows of `v` turn with it.
  private static func rotate(_ a: inout [Double], _ v: inout [Double], _ p: Int, _ q: Int, _ n: Int) {
    let across = a[p * n + q]
    guard across != 0 else { return }
    let theta = (a[q * n + q] - a[p * n + p]) / (2 * across)
    let t = (theta >= 0 ? 1.0 : -1) / (abs(theta) + (theta * theta + 1).squareRoot())
    let c = 1 / (t * t + 1).squareRoot()
    let s = t * c
    a.withUnsafeMutableBufferPointer { a in
      for k in 0..<n {
        let (x, y) = (a[k * n + p], a[k * n + q])
        a[k * n + p] = c * x - s * y
        a[k * n + q] = s * x + c * y
      }
      for k in 0..<n {
        let (x, y) = (a[p * n + k], a[q * n + k])
        a[p * n + k] = c * x - s * y
        a[q * n + k] = s * x + c * y
      }
      (a[p * n + q], a[q * n + p]) = (0, 0)
    }
    v.withUnsafeMutableBufferPointer { v in
      for k in 0..<n {
        let (x, y) = (v[p * n + k], v[q * n + k])
        v[p * n + k] = c * x - s * y
        v[q * n + k] = s * x + c * y
      }
    }
  }
}
