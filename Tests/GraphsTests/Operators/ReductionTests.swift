import Graphs
import Tensors
import TestSupport
import Testing

/// `ReduceSum` and its kin over every choice of axes.
struct ReductionTests {
  static let kinds = [
    "Sum", "Mean", "Max", "Min", "Prod", "L1", "L2", "LogSum", "LogSumExp", "SumSquare",
  ].map { "Reduce" + $0 }
  static let axes: [[Int]?] = [
    nil, [0], [1], [2], [3], [2, 3], [-1, 1], [0, 2, 3], [0, 1], [1, 2], [0, 2],
  ]

  @Test("as the loop has it", arguments: kinds, axes)
  func reduced(_ kind: String, axes: [Int]?) throws {
    for keeps in [0, 1] {
      // One channel in gives blocked maps out, many give channels-last ones.
      for (channels, extents) in [
        (nil, [1, 3, 5, 4]), (nil, [1, 3, 3, 2]), (1, [1, 8, 3, 2]), (1, [1, 5, 2, 2]), (9, [1, 8, 2, 3]),
      ] {
        var generator = SplitMix64(seed: 3)
        var toy = ToyNetwork(extents)
        var source = "x"
        if let channels {
          toy.inputs[0].dimensions[1] = channels
          let weights = generator.tensor([extents[1], channels, 1, 1], in: 0.02...0.06)
          toy.add("Conv", ["x", toy.weight("w", weights)], "maps")
          // Away from zero, where some have a kink or a pole.
          source = toy.add("Add", ["maps", toy.weight("one", Tensor([], [1]))], "positive")
        }
        var attributes: [String: Attribute] = ["keepdims": .integer(keeps)]
        if let axes { attributes["axes"] = .integers(axes) }
        toy.opset = 11
        toy.add(kind, [source], "y", attributes)
        let range: ClosedRange<Float> = channels == nil ? 0.5...1.5 : 0...1
        try expectNaive(toy, rows: 2, in: range, tolerance: 2e-5)
        try expectDifferences(toy, rows: 2, in: range, tolerance: 1e-4)
      }
    }
  }

  @Test("long sums keep their digits", arguments: [[1, 40000], [1, 40000, 2]])
  func longSums(_ extents: [Int]) throws {
    for kind in ["ReduceSum", "ReduceMean", "ReduceL2", "ReduceLogSumExp"] {
      var toy = ToyNetwork(extents, opset: 11)
      toy.add(kind, ["x"], "y", ["axes": [1]])
      // 256 steps of sixteen sums at once, those added, and the rest in double precision. One float for all of the sum
      // would lose ten times as much.
      try expectNaive(toy, rows: 2, in: 0...1, tolerance: 2 * Rounding.typicalSum(of: 256 + 16))
    }
  }

  @Test("equal extremes share the gradient")
  func ties() throws {
    var toy = ToyNetwork([1, 4], opset: 11)
    toy.add("ReduceMax", ["x"], "y", ["axes": [1], "keepdims": 0])
    let x = Tensor([2, 4], [1, 3, 3, 0, 2, 2, 2, 2])
    let gradient = try toy.network().gradients(
      of: "y", seed: Tensor([2], [1, 1]), withRespectTo: ["x"], at: ["x": x])
    #expect(gradient.gradients[0].values == [0, 0.5, 0.5, 0, 0.25, 0.25, 0.25, 0.25])
  }

  @Test("products with zeros among their factors")
  func zeros() throws {
    var toy = ToyNetwork([1, 3], opset: 11)
    toy.add("ReduceProd", ["x"], "y", ["axes": [1], "keepdims": 0])
    let x = Tensor([3, 3], [2, 3, 4, 2, 0, 4, 0, 0, 4])
    let gradient = try toy.network().gradients(
      of: "y", seed: Tensor([3], [1, 1, 1]), withRespectTo: ["x"], at: ["x": x])
    #expect(gradient.gradients[0].values == [12, 8, 6, 0, 8, 0, 0, 0, 0])
  }

  @Test("the logarithm of a sum of large exponentials is finite")
  func largeExponentials() throws {
    for axis in [1, 2] {
      var toy = ToyNetwork([1, 3, 3], opset: 11)
      toy.add("ReduceLogSumExp", ["x"], "y", ["axes": .integers([axis]), "keepdims": 0])
      let x = Tensor([1, 3, 3], [500, 500, 500, 500, 500, 500, 500, 500, 500])
      for value in try toy.network().values(of: ["y"], at: ["x": x])[0].values {
        #expect(abs(value - 501.0986) < 1e-3)
      }
    }
  }

  @Test("no axes are all axes, or none if asked", arguments: [0, 1])
  func noAxes(noop: Int) throws {
    var toy = ToyNetwork([1, 3, 4], opset: 18)
    toy.add("ReduceSum", ["x", toy.constant("none", [])], "y", ["noop_with_empty_axes": .integer(noop)])
    let x = toy.sample(rows: 2)
    #expect(try toy.network().values(of: ["y"], at: x)[0].shape == (noop == 0 ? [1, 1, 1] : [2, 3, 4]))
  }

  @Test("axes that are not there are an error", arguments: [[4], [-5], [1, 1], [1, -3], [.max], [.min]])
  func impossible(_ axes: [Int]) throws {
    #expect(throws: (any Error).self) {
      var toy = ToyNetwork([1, 3, 4, 2], opset: 11)
      toy.add("ReduceSum", ["x"], "y", ["axes": .integers(axes)])
      _ = try toy.network().values(of: ["y"], at: toy.sample(rows: 2))
    }
  }
}
