import Explain
import Synchronization
import Tensors
import TestSupport
import Testing

struct OcclusionTests {
  struct Form: Sendable {
    var window: [Int]
    var strides: [Int]
  }

  private static let forms = [
    Form(window: [2, 3], strides: [2, 3]), Form(window: [3, 2], strides: [1, 1]),
    Form(window: [2, 2], strides: [2, 3]), Form(window: [9, 9], strides: [1, 1]),
    Form(window: [1, 1], strides: [2, 2]), Form(window: [4], strides: [3]),
    Form(window: [2, 5, 7], strides: [1, 3, 3]),
  ]

  /// The definition, bin by bin and window by window.
  private func naive(
    _ function: Polynomial, _ row: [Float], _ extents: [Int], _ form: Form, _ baseline: Float
  ) -> [Float] {
    let lead = extents.count - form.window.count
    let window = extents.prefix(lead) + form.window
    let strides = extents.prefix(lead) + form.strides
    func score(_ x: [Float]) -> Double {
      x.enumerated().reduce(0.0) { sum, entry in
        let (i, x) = (entry.offset, Double(entry.element))
        return sum + Double(function.a[i]) * x + Double(function.b[i]) * x * x + Double(function.c[i]) * x * x
          * x
      }
    }
    func position(_ place: Int) -> [Int] {
      var rest = place
      return extents.reversed().map { extent in
        defer { rest /= extent }
        return rest % extent
      }.reversed()
    }
    let counts = extents.indices.map { axis in
      let (extent, length, step) = (extents[axis], window[axis], strides[axis])
      return extent > length ? Int((Double(extent - length) / Double(step)).rounded(.up)) + 1 : 1
    }
    var sums = [Double](repeating: 0, count: row.count)
    var covered = sums
    for index in 0..<counts.reduce(1, *) {
      var rest = index
      var starts: [Int] = []
      for axis in extents.indices.reversed() {
        starts.insert(rest % counts[axis] * strides[axis], at: 0)
        rest /= counts[axis]
      }
      let inside = row.indices.map { place in
        zip(position(place), zip(starts, window)).allSatisfy { $0 >= $1.0 && $0 < $1.0 + $1.1 }
      }
      let fall = score(row) - score(zip(row, inside).map { $1 ? baseline : $0 })
      for place in row.indices where inside[place] {
        sums[place] += fall
        covered[place] += 1
      }
    }
    return zip(sums, covered).map { $1 > 0 ? Float($0 / $1) : 0 }
  }

  // Scores are float32 sums of 60 terms.
  @Test("The mean fall of the score over the windows that cover a bin", arguments: forms, [Float(0), -1.5])
  func definition(_ form: Form, baseline: Float) throws {
    let function = Polynomial(60, seed: 4)
    let x = Tensor.random([2, 3, 4, 5], seed: 8)
    let ours = try Occlusion(window: form.window, strides: form.strides, baseline: .constant(baseline))
      .attribute(
        function, at: x)
    #expect(ours.shape == x.shape)
    for row in 0..<2 {
      let expected = naive(function, x.rows(row..<row + 1).values, [3, 4, 5], form, baseline)
      let found = ours.rows(row..<row + 1).values
      #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-4 })
    }
  }

  private static let wrongWindows: [([Int], [Int])] = [
    ([], []), ([0], [1]), ([2], [0]), ([2, 2], [1]), ([1, 1, 1, 1], [1, 1, 1, 1]),
  ]

  @Test("Windows that do not fit are refused with the shape", arguments: wrongWindows)
  func misfits(window: [Int], strides: [Int]) throws {
    let method = Occlusion(window: window, strides: strides)
    let error = #expect(throws: ExplainError.self) {
      try method.attribute(Polynomial(12, seed: 1), at: Tensor([1, 3, 4, 1]).reshaped(to: [1, 12, 1]))
    }
    #expect("\(error.map { "\($0)" } ?? "")".contains("[1, 12, 1]"))
  }

  @Test("Progress goes up to all windows of all rows")
  func progress() throws {
    let seen = Mutex<[[Int]]>([])
    var method = Occlusion(window: [1, 1])
    method.control = RunControl { told in seen.withLock { $0.append([told.done, told.all]) } }
    _ = try method.attribute(Polynomial(100, seed: 1), at: Tensor.random([2, 10, 10], seed: 1))
    #expect(seen.withLock { $0 } == [[100, 200], [200, 200]])
  }
}
