import Foundation
import Probe
import Tensors
import Testing

/// Principal components against scikit-learn, and against what they have to be.
struct PrincipalComponentsTests {
  private func points(_ rows: Int, _ width: Int, seed: UInt64 = 1) -> Tensor {
    var generator = SplitMix64(seed: seed)
    return Tensor(
      [rows, width],
      (0..<rows * width).map { Float.random(in: -1...1, using: &generator) * Float(1 + $0 % width) })
  }

  @Test(
    "Variances, shares and directions are scikit-learn's",
    arguments: [("points", "variances", "axes"), ("wide", "wide_variances", "wide_axes")])
  func scikitLearn(_ names: (points: String, variances: String, axes: String)) throws {
    let golden = try NumPy.readArchive(StatisticsTests.golden)
    let components = PrincipalComponents(of: try #require(golden[names.points]), count: 5)
    let variances = try #require(golden[names.variances]).values
    let axes = try #require(golden[names.axes])
    #expect(components.variances.count == 5)
    for (value, wanted) in zip(components.variances, variances) {
      #expect(abs(value - Double(wanted)) < 1e-5 * Double(wanted))
    }
    for row in 0..<5 {
      // Up to the sign, which scikit-learn chooses otherwise.
      let product = zip(components.axes.rows(row..<row + 1).values, axes.rows(row..<row + 1).values).reduce(0)
      { $0 + $1.0 * $1.1 }
      #expect(abs(abs(product) - 1) < 1e-4)
    }
    if names.points == "points" {
      let shares = try #require(golden["ratios"]).values
      for (value, wanted) in zip(components.explained, shares) { #expect(abs(value - Double(wanted)) < 1e-5) }
    }
  }

  // 150 dimensions are beyond what is solved whole, in both orientations.
  @Test("Subspace iteration finds what Jacobi's rotations find", arguments: [(200, 150), (150, 200)])
  func large(rows: Int, width: Int) {
    let points = points(rows, width)
    let few = PrincipalComponents(of: points, count: 3)
    #expect(few.variances.count == 3)
    // The definition: C v = λ v.
    let values = points.values.map(Double.init)
    let mean = (0..<width).map { column in
      (0..<rows).reduce(0) { $0 + values[$1 * width + column] } / Double(rows)
    }
    for axis in 0..<3 {
      let direction = few.axes.rows(axis..<axis + 1).values.map(Double.init)
      let along = (0..<rows).map { row in
        (0..<width).reduce(0) { $0 + (values[row * width + $1] - mean[$1]) * direction[$1] }
      }
      var rest = 0.0
      for column in 0..<width {
        let image =
          (0..<rows).reduce(0) { $0 + (values[$1 * width + column] - mean[column]) * along[$1] }
          / Double(rows - 1)
        rest +=
          (image - few.variances[axis] * direction[column])
          * (image - few.variances[axis] * direction[column])
      }
      #expect(rest.squareRoot() < 1e-4 * few.variances[0])
    }
  }

  @Test("No points, one point, equal points and constant columns have components without NaN")
  func degenerate() {
    #expect(PrincipalComponents(of: Tensor([0, 3]), count: 2).variances.isEmpty)
    #expect(PrincipalComponents(of: points(1, 3), count: 2).variances.isEmpty)
    let equal = PrincipalComponents(of: Tensor([5, 3], repeating: 0.1), count: 2)
    #expect(equal.variances.isEmpty && equal.explained.isEmpty)
    #expect(equal.coordinates(of: Tensor([5, 3], repeating: 0.1)).shape == [5, 0])
    let line = PrincipalComponents(of: Tensor([3, 2], [0, 7, 1, 7, 2, 7]), count: 2)
    #expect(line.variances.count == 1 && abs(line.explained[0] - 1) < 1e-12)
    #expect(line.coordinates(of: Tensor([3, 2], [0, 7, 1, 7, 2, 7])).values == [-1, 0, 1])
  }

  @Test("Colours span each component, and a component without variance is even")
  func colours() {
    let line = Tensor([3, 4], [0, 0, 5, 1, 1, 0, 5, 1, 2, 0, 5, 1])
    let colours = ComponentColours(of: line).values
    #expect(colours.values == [0, 0.5, 0.5, 0.5, 0.5, 0.5, 1, 0.5, 0.5])
    #expect(
      ComponentColours(of: Tensor([2, 3], repeating: 1)).values.values == [Float](repeating: 0.5, count: 6))
  }
}
