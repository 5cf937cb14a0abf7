import Explain
import Synchronization
import Tensors
import TestSupport
import Testing

struct KernelSHAPTests {
  /// A score with all kinds of interactions.
  private static func tangled(_ row: [Float]) -> Float {
    let pairs = zip(row, row.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
    return pairs + row[0] * row[row.count / 2] * row[row.count - 1] + max(0, row.reduce(0, +))
  }

  /// The definition: the sum over all coalitions without a segment, `k! (M − k − 1)! / M!` times what it adds.
  private func shapley(_ parts: Int, _ value: (Set<Int>) -> Double) -> [Double] {
    func factorial(_ n: Int) -> Double { (1...max(1, n)).reduce(1) { $0 * Double($1) } }
    return (0..<parts).map { part in
      (0..<1 << parts).filter { $0 >> part & 1 == 0 }.reduce(0) { sum, bits in
        let members = Set((0..<parts).filter { bits >> $0 & 1 == 1 })
        let share = factorial(members.count) * factorial(parts - members.count - 1) / factorial(parts)
        return sum + share * (value(members.union([part])) - value(members))
      }
    }
  }

  @Test(
    "Shapley values by their definition where all coalitions fit",
    arguments: [(1, 1), (2, 1), (1, 3), (2, 2), (1, 5), (3, 2), (7, 1), (2, 4)])
  func exact(slices: Int, groups: Int) throws {
    let (frames, bands) = (7, 5)
    let x = Tensor.random([2, 2, frames, bands], seed: 3)
    let labels = labels(frames: frames, bands: bands, slices: slices, groups: groups)
    let ours = try KernelSHAP(
      grid: SegmentGrid(frames: slices, bands: groups), samples: 256, baseline: .constant(0.25)
    ).attribute(Asked(Self.tangled), at: x)
    for row in 0..<2 {
      let values = x.rows(row..<row + 1).values
      let expected = shapley(slices * groups) { members in
        Double(
          Self.tangled(values.indices.map { members.contains(labels[$0 % labels.count]) ? values[$0] : 0.25 })
        )
      }
      let found = try #require(segmentValues(ours.rows(row..<row + 1).values, labels + labels))
      // Scores are float32 sums of 70 terms.
      #expect(zip(found, expected).allSatisfy { abs(Double($0) - $1) < 1e-4 })
    }
  }

  @Test(
    "The values add up to the difference of the scores, however few samples",
    arguments: [1, 2, 10, 300, 5000])
  func completeness(samples: Int) throws {
    let x = Tensor.random([1, 12, 9], seed: 7)
    let labels = labels(frames: 12, bands: 9, slices: 6, groups: 4)
    let ours = try KernelSHAP(grid: SegmentGrid(frames: 6, bands: 4), samples: samples).attribute(
      Asked(Self.tangled), at: x)
    let sum = try #require(segmentValues(ours.values, labels)).reduce(0.0) { $0 + Double($1) }
    let difference = Self.tangled(x.values) - Self.tangled([Float](repeating: 0, count: 108))
    #expect(abs(sum - Double(difference)) < 1e-4)
  }

  // 24 segments and 300 coalitions: sizes 1 and 23 whole, the others drawn. A linear score leaves no residual, so the
  // regression finds its coefficients whatever was drawn.
  @Test("A linear score's values are its terms even where coalitions are drawn", arguments: [300, 2000])
  func linear(samples: Int) throws {
    let weights = Tensor.random([108], seed: 1).values
    let x = Tensor.random([1, 12, 9], seed: 2)
    let labels = labels(frames: 12, bands: 9, slices: 6, groups: 4)
    let ours = try KernelSHAP(grid: SegmentGrid(frames: 6, bands: 4), samples: samples).attribute(
      Asked { row in zip(row, weights).reduce(0) { $0 + $1.0 * $1.1 } }, at: x)
    var expected = [Float](repeating: 0, count: 24)
    for (place, value) in x.values.enumerated() { expected[labels[place]] += weights[place] * value }
    let found = try #require(segmentValues(ours.values, labels))
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  @Test("Segments that do the same have the same value, those that do nothing none")
  func symmetryAndDummy() throws {
    // Six slices; the first two enter alike, the last not at all.
    let x = Tensor([1, 6, 1], repeating: 1)
    let values = try KernelSHAP(grid: SegmentGrid(frames: 6, bands: 1)).attribute(
      Asked { row in row[0] * row[1] * row[2] + 2 * row[3] - row[4] * row[0] * row[1] }, at: x
    ).values
    #expect(abs(values[0] - values[1]) < 1e-5)
    #expect(abs(values[5]) < 1e-5)
    #expect(abs(values.reduce(0, +) - 2) < 1e-5)
  }

  @Test("Drawn coalitions come near the exact values, the nearer the more there are")
  func convergence() throws {
    let x = Tensor.random([1, 10, 1], seed: 4)
    func map(_ samples: Int) throws -> Tensor {
      try KernelSHAP(grid: SegmentGrid(frames: 10, bands: 1), samples: samples).attribute(
        Asked(Self.tangled), at: x)
    }
    let exact = try map(1024)
    // A pairwise score is exact with complements; the cubic term and the kink leave a little.
    #expect(try largestDifference(map(100), exact) < 0.1)
    #expect(try largestDifference(map(1000), exact) < 0.02)
  }

  @Test("Progress goes up to all coalitions of all rows")
  func progress() throws {
    let seen = Mutex<[[Int]]>([])
    var method = KernelSHAP(grid: SegmentGrid(frames: 4, bands: 1))
    method.control = RunControl { told in seen.withLock { $0.append([told.done, told.all]) } }
    _ = try method.attribute(Asked(Self.tangled), at: Tensor.random([2, 4, 3], seed: 1))
    #expect(seen.withLock { $0 } == [[14, 28], [28, 28]])
  }
}
