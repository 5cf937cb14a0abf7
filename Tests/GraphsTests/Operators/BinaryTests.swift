import Graphs
import Tensors
import TestSupport
import Testing

/// `Add`, `Sub`, `Mul` and `Div` with every way of stretching an operand.
struct BinaryTests {
  static let kinds = ["Add", "Sub", "Mul", "Div"]
  /// Shapes to set against `[N, 5, 4, 3]`.
  static let shapes: [[Int]] = [
    [], [1], [3], [4, 1], [5, 1, 1], [1, 5, 4, 3], [5, 4, 3], [1, 5, 1, 1], [1, 1, 4, 3],
  ]

  @Test("a constant on either side", arguments: kinds, shapes)
  func constants(_ kind: String, shape: [Int]) throws {
    for operands in [["x", "c"], ["c", "x"]] {
      var generator = SplitMix64(seed: 11)
      var toy = ToyNetwork([1, 5, 4, 3])
      _ = toy.weight("c", generator.tensor(Shape(shape), in: 0.5...2))
      toy.add(kind, operands)
      try expectNaive(toy, in: 0.5...2)
      try expectDifferences(toy, in: 0.5...2)
    }
  }

  @Test("a constant on either side, in a blocked layout", arguments: kinds, shapes)
  func constantsBehindConvolution(_ kind: String, shape: [Int]) throws {
    for operands in [["maps", "c"], ["c", "maps"]] {
      var generator = SplitMix64(seed: 11)
      var toy = ToyNetwork([1, 3, 4, 3])
      _ = toy.weight("c", generator.tensor(Shape(shape), in: 0.5...2))
      toy.add("Conv", ["x", toy.weight("w", generator.tensor([5, 3, 1, 1], in: 0.5...2))], "maps")
      toy.add(kind, operands, "mixed")
      toy.add("Conv", ["mixed", toy.weight("v", generator.tensor([16, 5, 1, 1]))])
      try expectNaive(toy, in: 0.5...2)
      try expectDifferences(toy, in: 0.5...2)
    }
  }

  @Test("two computed operands", arguments: kinds, shapes)
  func computed(_ kind: String, shape: [Int]) throws {
    for operands in [["x", "c"], ["c", "x"]] {
      var toy = ToyNetwork([1, 5, 4, 3])
      toy.inputs[0].dimensions[0] = 2
      toy.inputs.append(.init(name: "c", dimensions: shape))
      toy.add(kind, operands)
      try expectNaive(toy, in: 0.5...2)
      try expectDifferences(toy, in: 0.5...2)
    }
  }

  @Test("both operands stretched", arguments: kinds)
  func both(_ kind: String) throws {
    var toy = ToyNetwork([1, 5, 1])
    toy.inputs[0].dimensions[0] = 2
    toy.inputs.append(.init(name: "c", dimensions: [2, 1, 7]))
    toy.add(kind, ["x", "c"])
    try expectNaive(toy, in: 0.5...2)
    try expectDifferences(toy, in: 0.5...2)
  }

  @Test("a tensor with itself", arguments: kinds)
  func same(_ kind: String) throws {
    var generator = SplitMix64(seed: 11)
    var toy = ToyNetwork([1, 3, 4, 3])
    toy.add("Conv", ["x", toy.weight("w", generator.tensor([5, 3, 1, 1], in: 0.5...2))], "maps")
    toy.add(kind, ["maps", "maps"])
    try expectNaive(toy, in: 0.5...2)
    try expectDifferences(toy, in: 0.5...2)
  }

  @Test("a gate, one number a channel, on blocked maps")
  func squeezeAndExcitation() throws {
    var generator = SplitMix64(seed: 11)
    var toy = ToyNetwork([1, 3, 6, 6])
    toy.add("Conv", ["x", toy.weight("w", generator.tensor([13, 3, 3, 3]))], "maps")
    toy.add("GlobalAveragePool", ["maps"], "mean")
    toy.add("Conv", ["mean", toy.weight("v", generator.tensor([13, 13, 1, 1]))], "gate")
    toy.add("Sigmoid", ["gate"], "open")
    toy.add("Mul", ["open", "maps"], "gated")
    toy.add("Relu", ["gated"])
    try expectNaive(toy)
    try expectDifferences(toy, withRespectTo: ["x", "maps", "gate"])
  }

  @Test("what is read again after its last reader began is not overwritten", arguments: kinds, kinds)
  func residual(_ first: String, _ second: String) throws {
    for (inner, outer) in [(["maps", "gate"], ["mixed", "maps"]), (["gate", "maps"], ["maps", "mixed"])] {
      var generator = SplitMix64(seed: 11)
      var toy = ToyNetwork([1, 3, 4, 3])
      toy.addInput("gate", [1, 16, 1, 1])
      toy.add("Conv", ["x", toy.weight("w", generator.tensor([16, 3, 1, 1], in: 0.5...2))], "maps")
      toy.add(first, inner, "mixed")
      toy.add(second, outer)
      try expectNaive(toy, in: 0.5...2)
      // A quotient of the two does not depend on `maps`: its gradient is nothing but rounding.
      if first != "Div", second != "Div" { try expectDifferences(toy, in: 0.5...2) }
    }
  }

  @Test(
    "a number a channel upon another, on maps of one place and of several", arguments: kinds,
    [[1, 1], [2, 1], [1], [5], [1, 1, 1]])
  func channels(_ kind: String, places: [Int]) throws {
    for rows in [1, 2, 7] {
      var generator = SplitMix64(seed: 11)
      var toy = ToyNetwork([1, 9] + places)
      let perChannel = Shape([9] + places.map { _ in 1 })
      let (a, b) = (generator.tensor(perChannel, in: 0.5...2), generator.tensor(perChannel, in: 0.5...2))
      toy.add(kind, ["x", toy.weight("a", a)], "first")
      for (index, next) in Self.kinds.enumerated() {
        toy.add(next, ["first", toy.weight("b", b)], "second\(index)")
      }
      toy.add("Concat", Self.kinds.indices.map { "second\($0)" }, "y", ["axis": 1])
      try expectNaive(toy, rows: rows, in: 0.5...2)
      toy.operations.removeAll { $0.output > "second0" }
      try expectNaive(toy, rows: rows, in: 0.5...2)
      try expectDifferences(toy, rows: rows, in: 0.5...2)
    }
  }
}
