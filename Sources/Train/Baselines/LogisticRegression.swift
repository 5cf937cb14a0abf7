import Glibc
public import Tensors

/// The baseline that hears averages: logistic regression on standardised features.
///
/// With features `z = (x − mean) / deviation` of the training clips, it minimises
/// `mean loss + ½ / (C · clips) · Σ W²` over weights `W` and biases (which cost nothing), with the loss
/// - of one class a clip: `−log softmax(z W + b)[class]`, one column of weights for each class;
/// - of several: `−Σ_k (y_k log σ_k + (1 − y_k) log(1 − σ_k))`, a regression for each class.
///
/// This is scikit-learn's `LogisticRegression(C)` behind a `StandardScaler`, with `lbfgs` and three classes or more (with two it
/// has one column of weights, which costs half as much), or `OneVsRestClassifier` of it. Minimised by ``LBFGS`` until no
/// derivative is beyond 1e-6.
public struct LogisticRegression: Sendable {
  /// What is taken off each feature, and what it is then divided by.
  public let means: [Double]
  public let deviations: [Double]
  /// `[features, classes]`, row after row.
  public let weights: [Double]
  public let biases: [Double]
  public let isMultiLabel: Bool
  /// The largest derivative at the end; beyond 1e-6 where the steps ran out.
  public let gradient: Double
  public let iterations: Int

  /// - Parameters:
  ///   - features: of each training clip, all equally many.
  ///   - classes: of each training clip, places of its classes.
  ///   - strength: `C`: larger ones fit the training clips more closely.
  public init(
    _ features: [[Double]], classes: [[Int]], classCount: Int, isMultiLabel: Bool = false,
    strength: Double = 1
  ) {
    precondition(
      !features.isEmpty && features.count == classes.count, "\(features.count) clips, \(classes.count) labels"
    )
    let width = features[0].count
    let count = Double(features.count)
    var means = [Double](repeating: 0, count: width)
    for row in features { for place in 0..<width { means[place] += row[place] / count } }
    var deviations = [Double](repeating: 0, count: width)
    for row in features {
      for place in 0..<width {
        deviations[place] += (row[place] - means[place]) * (row[place] - means[place]) / count
      }
    }
    // A feature that is the same in all clips says nothing.
    deviations = deviations.map { $0 > 1e-24 ? $0.squareRoot() : 1 }
    var problem = Problem(
      rows: [], targets: [], width: width, classCount: classCount, isMultiLabel: isMultiLabel,
      penalty: 1 / (strength * count))
    problem.rows = features.map { row in
      (0..<width).map { (row[$0] - means[$0]) / deviations[$0] }
    }
    problem.targets = classes.map { own in (0..<classCount).map { own.contains($0) ? 1 : 0 } }
    let found = LBFGS(tolerance: 1e-6, iterations: 1000).minimum(
      from: [Double](repeating: 0, count: (width + 1) * classCount)
    ) { problem.value($0) }
    (self.means, self.deviations, self.isMultiLabel) = (means, deviations, isMultiLabel)
    weights = Array(found.place[..<(width * classCount)])
    biases = Array(found.place[(width * classCount)...])
    (gradient, iterations) = (found.gradient, found.iterations)
  }

  /// For each row of features, `[rows, classes]`: they sum to 1 unless a clip may be of several classes.
  public func probabilities(_ features: [[Double]]) -> Tensor {
    let classCount = biases.count
    var result: [Float] = []
    for row in features {
      var scores = biases
      for (place, value) in row.enumerated() {
        let z = (value - means[place]) / deviations[place]
        for k in 0..<classCount { scores[k] += z * weights[place * classCount + k] }
      }
      _ = Problem.probabilities(&scores, isMultiLabel: isMultiLabel)
      result += scores.map { Float($0) }
    }
    return Tensor([features.count, classCount], result)
  }

  /// The function that is minimised.
  private struct Problem {
    /// Standardised features, and 1 for each class that a row is of.
    var rows: [[Double]]
    var targets: [[Double]]
    let width: Int
    let classCount: Int
    let isMultiLabel: Bool
    let penalty: Double

    /// The value and its derivatives at weights and biases.
    func value(_ place: [Double]) -> (value: Double, gradient: [Double]) {
      let count = Double(rows.count)
      var gradient = [Double](repeating: 0, count: place.count)
      var total = 0.0
      let bias = width * classCount
      var scores = [Double](repeating: 0, count: classCount)
      place.withUnsafeBufferPointer { place in
        gradient.withUnsafeMutableBufferPointer { gradient in
          for (row, target) in zip(rows, targets) {
            for k in 0..<classCount { scores[k] = place[bias + k] }
            scores.withUnsafeMutableBufferPointer { scores in
              for (feature, value) in row.enumerated() {
                let start = feature * classCount
                for k in 0..<classCount { scores[k] += value * place[start + k] }
              }
            }
            // What the loss of a class that is there, or not there, would be without the probabilities' rounding.
            let logits = scores
            let normaliser = Self.probabilities(&scores, isMultiLabel: isMultiLabel)
            for k in 0..<classCount {
              total +=
                isMultiLabel
                ? max(logits[k], 0) - logits[k] * target[k] + log1p(exp(-abs(logits[k])))
                : target[k] * (normaliser - logits[k])
              scores[k] -= target[k]
              gradient[bias + k] += scores[k] / count
            }
            for (feature, value) in row.enumerated() {
              let (start, share) = (feature * classCount, value / count)
              for k in 0..<classCount { gradient[start + k] += share * scores[k] }
            }
          }
          for index in 0..<bias {
            total += 0.5 * penalty * count * place[index] * place[index]
            gradient[index] += penalty * place[index]
          }
        }
      }
      return (total / count, gradient)
    }

    /// Scores become probabilities; the logarithm of the softmax' sum.
    static func probabilities(_ scores: inout [Double], isMultiLabel: Bool) -> Double {
      guard !isMultiLabel else {
        for k in scores.indices {
          let small = exp(-abs(scores[k]))
          scores[k] = scores[k] >= 0 ? 1 / (1 + small) : small / (1 + small)
        }
        return 0
      }
      let highest = scores.max() ?? 0
      var sum = 0.0
      for k in scores.indices {
        scores[k] = exp(scores[k] - highest)
        sum += scores[k]
      }
      for k in scores.indices { scores[k] /= sum }
      return highest + log(sum)
    }
  }
}
