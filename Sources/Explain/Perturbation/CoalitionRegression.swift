/// The normal equations of a weighted linear regression of scores on which parts are kept.
///
/// With `z` in {0, 1}, `w` the weight and `y` the score: `G = Σ w z zᵀ`, `m = Σ w y z`. The diagonal of `G` is `Σ w z`.
struct CoalitionRegression {
  let parts: Int
  /// `Σ w`.
  private var weight = 0.0
  /// `Σ w y`.
  private var sum = 0.0
  private var moments: [Double]
  private var products: SymmetricMatrix

  init(parts: Int) {
    self.parts = parts
    moments = [Double](repeating: 0, count: parts)
    products = SymmetricMatrix(parts)
  }

  mutating func add(_ coalition: Coalition, score: Double) {
    weight += coalition.weight
    sum += coalition.weight * score
    let kept = coalition.kept.indices.filter { coalition.kept[$0] }
    for (index, row) in kept.enumerated() {
      moments[row] += coalition.weight * score
      for column in kept[...index] { products[row, column] += coalition.weight }
    }
  }

  /// The coefficients that minimise `Σ w (y − b − z · c)² + α |c|²`, with an intercept `b` that is not penalised:
  /// scikit-learn's `Ridge`, by which columns and scores are centred by their weighted means.
  func ridge(alpha: Double) -> [Double] {
    guard weight > 0 else { return moments }
    let means = (0..<parts).map { products[$0, $0] / weight }
    var centred = products
    for row in 0..<parts {
      for column in 0...row { centred[row, column] -= weight * means[row] * means[column] }
      centred[row, row] += alpha
    }
    let right = zip(moments, means).map { $0 - $1 * sum }
    return centred.factorized().solve(right)
  }

  /// The coefficients that minimise `Σ w (y − z · φ)²` under `Σ φ = total`: `G φ = m − λ 1`.
  ///
  /// Coalitions fewer than parts leave directions open; a hair on the diagonal, 10⁻¹⁰ of its largest element, closes
  /// them.
  func constrained(to total: Double) -> [Double] {
    guard parts > 1 else { return [Double](repeating: total, count: parts) }
    var matrix = products
    let hair = 1e-10 * (0..<parts).reduce(0) { max($0, matrix[$1, $1]) }
    for part in 0..<parts { matrix[part, part] += hair }
    let factor = matrix.factorized()
    let free = factor.solve(moments)
    let ones = factor.solve([Double](repeating: 1, count: parts))
    let multiplier = (free.reduce(0, +) - total) / ones.reduce(0, +)
    return zip(free, ones).map { $0 - multiplier * $1 }
  }
}

/// The lower half of a symmetric matrix, row by row.
struct SymmetricMatrix {
  let count: Int
  fileprivate var values: [Double]

  init(_ count: Int) {
    self.count = count
    values = [Double](repeating: 0, count: count * (count + 1) / 2)
  }

  /// - Parameter column: at most `row`.
  subscript(row: Int, column: Int) -> Double {
    get { values[row * (row + 1) / 2 + column] }
    set { values[row * (row + 1) / 2 + column] = newValue }
  }

  /// Cholesky's `L Lᵀ`. A pivot that rounding leaves nothing of (10⁻¹² of the largest element) marks an unknown that
  /// the equations say nothing about.
  func factorized() -> CholeskyFactor {
    let smallest = 1e-12 * (0..<count).reduce(0) { max($0, self[$1, $1]) }
    var lower = self
    lower.values.withUnsafeMutableBufferPointer { values in
      for row in 0..<count {
        let start = row * (row + 1) / 2
        for column in 0...row {
          let other = column * (column + 1) / 2
          var rest = values[start + column]
          for place in 0..<column { rest -= values[start + place] * values[other + place] }
          if column < row {
            let pivot = values[other + column]
            values[start + column] = pivot > 0 ? rest / pivot : 0
          } else {
            values[start + row] = rest > smallest ? rest.squareRoot() : 0
          }
        }
      }
    }
    return CholeskyFactor(lower: lower)
  }
}

/// A factorized positive definite matrix.
struct CholeskyFactor {
  fileprivate let lower: SymmetricMatrix

  /// `x` of `L Lᵀ x = right`; 0 for unknowns without a pivot.
  func solve(_ right: [Double]) -> [Double] {
    var x = right
    for row in 0..<lower.count {
      for column in 0..<row { x[row] -= lower[row, column] * x[column] }
      x[row] = lower[row, row] > 0 ? x[row] / lower[row, row] : 0
    }
    for row in (0..<lower.count).reversed() {
      x[row] = lower[row, row] > 0 ? x[row] / lower[row, row] : 0
      for column in 0..<row { x[column] -= lower[row, column] * x[row] }
    }
    return x
  }
}
