import Graphs
import Tensors
import TestSupport
import Testing

/// Gradients with respect to several tensors, inner ones, and the score itself.
struct GradientGraphTests {
  /// `x → c → r → (r + d(r)) → s → y`, where `r` has two readers and the pooled gate a third.
  private var residual: ToyNetwork {
    var generator = SplitMix64(seed: 9)
    var toy = ToyNetwork([1, 3, 6, 6])
    toy.add("Conv", ["x", toy.weight("w", generator.tensor([8, 3, 3, 3]))], "c")
    toy.add("Relu", ["c"], "r")
    toy.add("Conv", ["r", toy.weight("k", generator.tensor([8, 8, 1, 1]))], "d")
    toy.add("Add", ["d", "r"], "sum")
    toy.add("Relu", ["sum"], "s")
    toy.add("GlobalAveragePool", ["r"], "mean")
    toy.add("Mul", ["s", "mean"], "gated")
    toy.add("Flatten", ["gated"], "flat")
    toy.add("Gemm", ["flat", toy.weight("g", generator.tensor([128, 5]))], "y")
    return toy
  }

  @Test("a tensor with several readers gathers from all of them")
  func severalReaders() throws {
    try expectDifferences(residual, withRespectTo: ["x", "c", "r", "d", "sum", "s", "mean", "gated", "flat"])
  }

  @Test("two inputs, one of them read twice")
  func twoInputs() throws {
    var toy = ToyNetwork([1, 4])
    toy.addInput("z", [1, 4])
    toy.add("Mul", ["x", "z"], "product")
    toy.add("Add", ["product", "z"], "sum")
    toy.add("Tanh", ["sum"])
    try expectDifferences(toy)
  }

  @Test("the gradient of a tensor with respect to itself is the seed")
  func itself() throws {
    let toy = residual
    let x = toy.sample(rows: 2)
    var generator = SplitMix64(seed: 3)
    let seed = generator.tensor([2, 5])
    let result = try toy.network().gradients(of: "y", seed: seed, withRespectTo: ["y", "flat", "y"], at: x)
    #expect(result.gradients[0] == seed)
    #expect(result.gradients[2] == seed)
    #expect(result.gradients[1].shape == [2, 128])
  }

  @Test("an inner tensor may be the score")
  func innerScore() throws {
    var toy = residual
    toy.operations.removeAll { ["mean", "gated", "flat", "y"].contains($0.output) }
    try expectDifferences(toy, withRespectTo: ["x", "r"])
    let whole = residual
    let x = whole.sample(rows: 2)
    var generator = SplitMix64(seed: 3)
    let seed = generator.tensor([2, 8, 4, 4])
    let inner = try whole.network().gradients(of: "s", seed: seed, withRespectTo: ["x"], at: x).gradients[0]
    let outer = try toy.network().gradients(of: "s", seed: seed, withRespectTo: ["x"], at: x).gradients[0]
    #expect(distance(inner, Values(outer)) < 1e-6)
  }

  @Test("a seed may have the score's elements in another shape, but not more or fewer")
  func seeds() throws {
    let toy = residual
    let x = toy.sample(rows: 1)
    let network = try toy.network()
    let seed = Tensor([1, 5], [1, 2, 3, 4, 5])
    let expected = try network.gradients(of: "y", seed: seed, withRespectTo: ["x"], at: x).gradients[0]
    let reshaped = seed.reshaped(to: [1, 5, 1])
    #expect(
      try network.gradients(of: "y", seed: reshaped, withRespectTo: ["x"], at: x).gradients[0] == expected)
    for shape in [[1, 4], [5, 5], [1, 5, 2], []] as [Shape] {
      #expect {
        _ = try network.gradients(of: "y", seed: Tensor(shape), withRespectTo: ["x"], at: x)
      } throws: {
        "\($0)" == "node 'seed of y' (ReshapeLike): \(shape) is not as large as [1, 5]"
      }
    }
  }

  @Test("tensors that the score does not depend on, or that do not come before it")
  func independent() throws {
    let toy = residual
    let x = toy.sample(rows: 1)
    for (score, shape, wanted) in [
      ("s", [1, 8, 4, 4], "mean"), ("s", [1, 8, 4, 4], "y"), ("x", [1, 3, 6, 6], "x"),
    ]
      as [(String, Shape, String)]
    {
      #expect {
        _ = try toy.network().gradients(of: score, seed: Tensor(shape), withRespectTo: [wanted], at: x)
      } throws: {
        "\($0)" == "'\(score)' does not depend on '\(wanted)'; name a layer before it"
      }
    }
  }
}
