import Graphs
import Tensors
import TestSupport
import Testing

/// `Gemm` and `MatMul` in all their forms.
struct MatrixProductTests {
  static let terms: [[Int]?] = [nil, [], [1], [7], [1, 7], [3, 1], [3, 7], [1, 1]]

  @Test("Gemm in every form", arguments: [0, 1], [0, 1])
  func gemm(transposesA: Int, transposesB: Int) throws {
    for term in Self.terms {
      for (alpha, beta) in [(1, 1), (0.5, 1), (1, -2), (-0.3, 0.7), (2, 0), (0, 3)] as [(Float, Float)] {
        var generator = SplitMix64(seed: 5)
        var toy = ToyNetwork(transposesA == 0 ? [3, 13] : [13, 3])
        let weights = generator.tensor(transposesB == 0 ? [13, 7] : [7, 13])
        var operands = ["x", toy.weight("w", weights)]
        if let term { operands.append(toy.weight("c", generator.tensor(Shape(term)))) }
        toy.add(
          "Gemm", operands, "y",
          [
            "alpha": .float(alpha), "beta": .float(beta), "transA": .integer(transposesA),
            "transB": .integer(transposesB),
          ])
        let rows = transposesA == 0 ? 3 : 13
        try expectNaive(toy, rows: rows)
        try expectDifferences(toy, rows: rows)
      }
    }
  }

  @Test("gradients with respect to a computed factor and a computed term", arguments: [0, 1], [0, 1])
  func computedOperands(transposesA: Int, transposesB: Int) throws {
    var toy = ToyNetwork(transposesA == 0 ? [3, 5] : [5, 3])
    toy.inputs[0].dimensions[0] = transposesA == 0 ? 3 : 5
    toy.inputs.append(.init(name: "w", dimensions: transposesB == 0 ? [5, 4] : [4, 5]))
    toy.inputs.append(.init(name: "c", dimensions: [4]))
    toy.add(
      "Gemm", ["x", "w", "c"], "y",
      ["alpha": 0.5, "beta": 2.0, "transA": .integer(transposesA), "transB": .integer(transposesB)])
    try expectNaive(toy)
    try expectDifferences(toy)
  }

  @Test("MatMul of batches", arguments: [[5, 13], [4, 5, 13], [2, 4, 5, 13]])
  func batches(extents: [Int]) throws {
    var generator = SplitMix64(seed: 5)
    var toy = ToyNetwork([1] + extents)
    toy.add("MatMul", ["x", toy.weight("w", generator.tensor([13, 8]))], "wide")
    toy.add("Add", ["wide", toy.weight("b", generator.tensor([8]))], "shifted")
    toy.add("Relu", ["shifted"])
    try expectNaive(toy)
    try expectDifferences(toy)
  }

  @Test("MatMul of two computed batches")
  func attention() throws {
    var toy = ToyNetwork([1, 2, 4, 5])
    toy.add("Transpose", ["x"], "keys", ["perm": [0, 1, 3, 2]])
    toy.add("MatMul", ["x", "keys"], "scores")
    toy.add("Softmax", ["scores"], "attention")
    toy.add("MatMul", ["attention", "x"])
    try expectNaive(toy)
    try expectDifferences(toy, withRespectTo: ["x", "keys", "attention"])
  }

  @Test("a wide classifier behind a flattened map, in the plain layout")
  func behindFlatten() throws {
    var generator = SplitMix64(seed: 5)
    var toy = ToyNetwork([1, 3, 6, 6])
    toy.add("Conv", ["x", toy.weight("k", generator.tensor([13, 3, 3, 3]))], "maps")
    toy.add("Flatten", ["maps"], "flat")
    toy.add(
      "Gemm",
      ["flat", toy.weight("w", generator.tensor([208, 10])), toy.weight("b", generator.tensor([10]))])
    try expectNaive(toy)
    try expectDifferences(toy, withRespectTo: ["x", "maps", "flat"])
  }
}
