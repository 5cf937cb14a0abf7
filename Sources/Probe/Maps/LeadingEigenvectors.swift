import Tensors

/// The largest eigenvalues of a covariance and their eigenvectors.
///
/// Small matrices are solved whole (`SymmetricEigenvectors`). Of large ones, a subspace of a few more vectors than are
/// wanted is multiplied by the matrix and made orthonormal again, until the wanted eigenvectors of the matrix within the
/// subspace satisfy `|Cv − λv| ≤ 1e-8 λ₁`, or after 300 rounds: what is not separated by then has the same eigenvalue to
/// a few digits, and every direction among those is as good.
struct LeadingEigenvectors {
  let values: [Double]
  /// `[count, size]`, orthonormal.
  let vectors: [Double]

  private static let solvedWhole = 96
  private static let spare = 10
  private static let mostRounds = 300

  init(of matrix: Covariance, size: Int, count: Int, seed: UInt64) {
    guard size > Self.solvedWhole else {
      let all = SymmetricEigenvectors(of: matrix.writtenOut(), size: size)
      values = Array(all.values.prefix(count))
      vectors = Array(all.vectors.prefix(count * size))
      return
    }
    let block = min(size, count + Self.spare)
    var generator = SplitMix64(seed: seed)
    var basis = (0..<block * size).map { _ in Double(generator.next() >> 11) * 0x1p-52 - 1 }
    Self.orthonormalize(&basis, size: size)
    var result: (values: [Double], vectors: [Double]) = ([], [])
    for _ in 0..<Self.mostRounds {
      let image = matrix.applied(to: basis, size: size)
      // Rayleigh and Ritz: the matrix within the subspace, and its own eigenvectors.
      var small = [Double](repeating: 0, count: block * block)
      for row in 0..<block {
        for column in row..<block {
          var sum = 0.0
          for place in 0..<size { sum += basis[row * size + place] * image[column * size + place] }
          (small[row * block + column], small[column * block + row]) = (sum, sum)
        }
      }
      let inner = SymmetricEigenvectors(of: small, size: block)
      let turned = Self.combined(basis, inner.vectors, size: size)
      let turnedImage = Self.combined(image, inner.vectors, size: size)
      result = (inner.values, turned)
      var worst = 0.0
      for index in 0..<count {
        var sum = 0.0
        for place in index * size..<(index + 1) * size {
          let rest = turnedImage[place] - inner.values[index] * turned[place]
          sum += rest * rest
        }
        worst = max(worst, sum.squareRoot())
      }
      if worst <= 1e-8 * inner.values[0] { break }
      basis = turnedImage
      Self.orthonormalize(&basis, size: size)
    }
    values = Array(result.values.prefix(count))
    vectors = Array(result.vectors.prefix(count * size))
  }

  /// Row `k` of the result is `Σ_j weights[k, j] rows[j]`.
  private static func combined(_ rows: [Double], _ weights: [Double], size: Int) -> [Double] {
    let count = rows.count / size
    var result = [Double](repeating: 0, count: rows.count)
    for target in 0..<count {
      for source in 0..<count {
        let weight = weights[target * count + source]
        for place in 0..<size { result[target * size + place] += weight * rows[source * size + place] }
      }
    }
    return result
  }

  /// Gram and Schmidt, twice, which makes up for rounding. A row that is nothing but rounding becomes zero.
  private static func orthonormalize(_ rows: inout [Double], size: Int) {
    let count = rows.count / size
    for row in 0..<count {
      for _ in 0..<2 {
        for other in 0..<row {
          var product = 0.0
          for place in 0..<size { product += rows[row * size + place] * rows[other * size + place] }
          for place in 0..<size { rows[row * size + place] -= product * rows[other * size + place] }
        }
        var square = 0.0
        for place in 0..<size { square += rows[row * size + place] * rows[row * size + place] }
        let factor = square > .leastNormalMagnitude ? 1 / square.squareRoot() : 0
        for place in 0..<size { rows[row * size + place] *= factor }
      }
    }
  }
}
