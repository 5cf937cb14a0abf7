import Explain
import Glibc
import Tensors
import TestSupport
import Testing

struct LIMETests {
  /// scikit-learn's Ridge on the samples that the method itself asked for: columns and scores centred by their weighted
  /// means, rows scaled by the roots of their weights, `(XᵀX + α) c = Xᵀy`.
  @Test("The ridge regression of lime on the same samples", arguments: [0.5, 1.0])
  func ridge(alpha: Double) throws {
    let function = Asked { row in
      row.enumerated().reduce(0) { $0 + Float($1.offset % 7 - 3) * $1.element } + row[0] * row[9] - row[4]
        * row[33]
    }
    // 20 segments: too many for scores to be remembered, so that each sample is asked for.
    let x = Tensor([1, 10, 6], repeating: 1)
    let labels = labels(frames: 10, bands: 6, slices: 5, groups: 4)
    let ours = try LIME(grid: SegmentGrid(frames: 5, bands: 4), samples: 300, alpha: alpha, seed: 3)
      .attribute(
        function, at: x)
    // The first question is what the scores are measured from.
    let samples = function.rows.dropFirst().map { row in
      (0..<20).map { segment in Double(row[labels.firstIndex(of: segment) ?? 0]) }
    }
    #expect(samples.count == 300)
    #expect(samples[0].allSatisfy { $0 == 1 })
    let scores = try function.scores(at: Tensor([300, 10, 6], function.rows.dropFirst().flatMap { $0 })).map(
      Double.init)
    let weights = samples.map { sample in
      let distance = 1 - (sample.reduce(0, +) / 20).squareRoot()
      return exp(-distance * distance / 0.0625).squareRoot()
    }
    let total = weights.reduce(0, +)
    func mean(_ values: [Double]) -> Double { zip(values, weights).reduce(0) { $0 + $1.0 * $1.1 } / total }
    let middle = mean(scores)
    let centres = (0..<20).map { segment in mean(samples.map { $0[segment] }) }
    let centred = samples.map { zip($0, centres).map { $0 - $1 } }
    var matrix = [[Double]](repeating: [Double](repeating: 0, count: 20), count: 20)
    var right = [Double](repeating: 0, count: 20)
    for (sample, (score, weight)) in zip(centred, zip(scores, weights)) {
      for i in 0..<20 {
        for j in 0..<20 { matrix[i][j] += weight * sample[i] * sample[j] }
        right[i] += weight * sample[i] * (score - middle)
      }
    }
    for i in 0..<20 { matrix[i][i] += alpha }
    let expected = solve(matrix, right)
    let found = try #require(segmentValues(ours.values, labels))
    // Both in double precision; results are float32 of about 10.
    #expect(zip(found, expected).allSatisfy { abs(Double($0) - $1) < 1e-5 })
  }

  @Test("A linear score's coefficients, and their signs with a ridge", arguments: [(7, 5), (12, 3), (2, 9)])
  func linear(frames: Int, bands: Int) throws {
    let weights = Tensor.random([2 * frames * bands], seed: 5).values
    let function = Asked { row in zip(row, weights).reduce(0) { $0 + $1.0 * $1.1 } }
    let x = Tensor.random([2, 2, frames, bands], seed: 6)
    let grid = SegmentGrid(frames: 3, bands: 2)
    let labels = labels(frames: frames, bands: bands, slices: min(3, frames), groups: 2)
    let exact = try LIME(grid: grid, samples: 400, baseline: .constant(-0.5), alpha: 0).attribute(
      function, at: x)
    let ridged = try LIME(grid: grid, samples: 400, baseline: .constant(-0.5)).attribute(function, at: x)
    for row in 0..<2 {
      let values = x.rows(row..<row + 1).values
      var expected = [Double](repeating: 0, count: (labels.max() ?? 0) + 1)
      for place in values.indices {
        expected[labels[place % labels.count]] += Double(weights[place]) * (Double(values[place]) + 0.5)
      }
      // Each channel is painted alike.
      let found = try #require(segmentValues(exact.rows(row..<row + 1).values, labels + labels))
      let signs = try #require(segmentValues(ridged.rows(row..<row + 1).values, labels + labels))
      // Scores are float32 sums of up to 72 terms.
      #expect(zip(found, expected).allSatisfy { abs(Double($0) - $1) < 1e-4 })
      #expect(zip(signs, expected).allSatisfy { abs($1) < 0.1 || Double($0) * $1 > 0 })
    }
  }

  @Test("The same seed draws the same samples, another one others")
  func seeds() throws {
    let function = Asked { row in row.reduce(1) { $0 * (1 + $1) } }
    let x = Tensor.random([1, 8, 8], seed: 2)
    func map(_ seed: UInt64) throws -> [Float] {
      try LIME(grid: SegmentGrid(frames: 4, bands: 4), samples: 60, seed: seed).attribute(function, at: x)
        .values
    }
    #expect(try map(1) == map(1))
    #expect(try map(1) != map(2))
  }
}
