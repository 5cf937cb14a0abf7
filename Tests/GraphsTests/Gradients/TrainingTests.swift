import Graphs
import Tensors
import TestSupport
import Testing

/// Networks as they are in training.
struct TrainingTests {
  /// Convolution, normalization, rectifier, dropout, matrix.
  private func toy(dropout: Float = 0) -> ToyNetwork {
    var generator = SplitMix64(seed: 5)
    var toy = ToyNetwork([1, 3, 6, 5])
    toy.add("Conv", ["x", toy.weight("w", generator.tensor([8, 3, 3, 3]))], "maps")
    let statistics = [
      toy.weight("mean", generator.tensor([8])), toy.weight("variance", generator.tensor([8], in: 0.5...2)),
    ]
    let parameters = [
      toy.weight("scale", generator.tensor([8])), toy.weight("shift", generator.tensor([8])),
    ]
    toy.add("BatchNormalization", ["maps"] + parameters + statistics, "normal")
    toy.add("Elu", ["normal"], "open")
    toy.add("GlobalAveragePool", ["open"], "pooled")
    toy.add("Flatten", ["pooled"], "flat")
    toy.add("Dropout", ["flat", toy.weight("ratio", Tensor([], [dropout]))], "kept")
    toy.add("Gemm", ["kept", toy.weight("matrix", generator.tensor([8, 4]))], "y")
    return toy
  }

  @Test("weights are inputs, and so are running averages")
  func inputs() throws {
    let training = try toy().graph().training(momentum: 0.75)
    #expect(training.parameters == ["w", "scale", "shift", "matrix"])
    #expect(training.averages.map(\.current) == ["mean", "variance"])
    #expect(Set(training.initialValues.keys) == ["w", "scale", "shift", "matrix", "mean", "variance"])
    #expect(
      training.graph.inputs.map(\.name) == ["x", "seed of the dropouts"] + training.parameters + [
        "mean", "variance",
      ])
    #expect(training.graph.outputs == ["y", "next(mean)", "next(variance)"])
  }

  @Test("the statistics are the batch's, and their averages move")
  func statistics() throws {
    let toy = toy()
    let training = try toy.graph().training(momentum: 0.75)
    var inputs = toy.sample(rows: 4).merging(training.initialValues) { $1 }
    inputs[try #require(training.seed)] = Tensor([], [1])
    let wanted = ["maps", "normal"] + training.averages.map(\.next)
    let values = try Evaluator(training.graph, threads: 2).values(of: wanted, at: inputs).map { Values($0) }
    for channel in 0..<8 {
      let places = indices(values[0].shape.dimensions).filter { $0[1] == channel }
      let maps = places.map { values[0][$0] }
      let mean = maps.reduce(0, +) / Double(maps.count)
      let variance = maps.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(maps.count)
      let (scale, shift) = (
        Values(toy.weights["scale"]!)[[channel]], Values(toy.weights["shift"]!)[[channel]]
      )
      for place in places {
        let expected = (values[0][place] - mean) / (variance + 1e-5).squareRoot() * scale + shift
        #expect(abs(values[1][place] - expected) < 1e-5)
      }
      let old = (Values(toy.weights["mean"]!)[[channel]], Values(toy.weights["variance"]!)[[channel]])
      #expect(abs(values[2][[channel]] - (0.75 * old.0 + 0.25 * mean)) < 1e-6)
      #expect(abs(values[3][[channel]] - (0.75 * old.1 + 0.25 * variance)) < 1e-6)
    }
  }

  /// Differences in float32: the step is large, and the tolerance that of its cube and of rounding.
  @Test(
    "the gradients in training are difference quotients, through statistics and masks", arguments: [0, 0.4])
  func differences(dropout: Float) throws {
    let toy = toy(dropout: dropout)
    let training = try toy.graph().training()
    let network = Evaluator(training.graph, threads: 1)
    var inputs = toy.sample(rows: 4).merging(training.initialValues) { $1 }
    inputs[try #require(training.seed)] = Tensor([], [7])
    var generator = SplitMix64(seed: 9)
    let seed = generator.tensor([4, 4])
    func score(_ inputs: [TensorName: Tensor]) throws -> Double {
      let y = try network.values(of: ["y"], at: inputs)[0]
      return zip(y.values, seed.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let wanted = ["x"] + training.parameters
    let gradients = try network.gradients(of: "y", seed: seed, withRespectTo: wanted, at: inputs).gradients
    for (name, gradient) in zip(wanted, gradients) {
      let at = try #require(inputs[name])
      #expect(gradient.shape == at.shape)
      for _ in 0..<4 {
        let direction = generator.tensor(at.shape).values
        let sides = try [-2e-3, 2e-3].map { step in
          var moved = inputs
          moved[name] = Tensor(at.shape, zip(at.values, direction).map { $0 + Float(step) * $1 })
          return try score(moved)
        }
        let derivative = zip(gradient.values, direction).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        let length = gradient.values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        #expect(abs((sides[1] - sides[0]) / 4e-3 - derivative) < 5e-3 * max(length, 0.1), "∂y/∂\(name)")
      }
    }
  }

  @Test("a dropout drops its share, the same for the same seed, and not the same for another")
  func dropout() throws {
    var toy = ToyNetwork([1, 1000])
    toy.add("Dropout", ["x", toy.weight("ratio", Tensor([], [0.3]))], "half")
    toy.add("Dropout", ["half", "ratio"], "y")
    let training = try toy.graph().training()
    let seed = try #require(training.seed)
    let network = Evaluator(training.graph, threads: 2)
    let ones = Tensor([20, 1000], repeating: 1)
    func kept(_ number: Float) throws -> [Tensor] {
      try network.values(of: ["half", "y"], at: ["x": ones, seed: Tensor([], [number])])
    }
    let first = try kept(1)
    #expect(Set(first[0].values) == [0, 1 / (1 - 0.3)])
    let share = Double(first[0].values.count { $0 == 0 }) / 20_000
    // Four standard deviations of a mean of 20 000 draws.
    #expect(abs(share - 0.3) < 0.013)
    let both = Double(first[1].values.count { $0 == 0 }) / 20_000
    #expect(abs(both - 0.51) < 0.015)
    #expect(try kept(1) == first)
    #expect(try kept(2)[0] != first[0])
    // At inference it does nothing.
    #expect(try toy.network().values(of: ["y"], at: ["x": ones])[0] == ones)
  }

  @Test("what is added to a product is learnt, what is added elsewhere is not")
  func biases() throws {
    var generator = SplitMix64(seed: 5)
    var toy = ToyNetwork([1, 3])
    toy.add("Add", ["x", toy.weight("offset", generator.tensor([3]))], "moved")
    toy.add("MatMul", ["moved", toy.weight("matrix", generator.tensor([3, 4]))], "product")
    toy.add("Add", [toy.weight("bias", generator.tensor([4])), "product"], "y")
    #expect(try toy.graph().defaultParameters == ["matrix", "bias"])
    try expectDifferences(toy, withRespectTo: ["offset", "matrix", "bias"])
  }

  @Test("constants are promoted by name only")
  func promotion() throws {
    let graph = try toy().graph()
    expectError(
      "no tensor is called 'matrx'; nearest: 'matrix', 'ratio', 'mean'; 'otoscope inspect MODEL' lists all"
    ) {
      _ = try graph.promotingConstants(["matrx"])
    }
    let promoted = try graph.promotingConstants(["matrix"])
    #expect(promoted.constants["matrix"] == nil)
    let inputs = toy().sample(rows: 3)
    let matrix = try #require(graph.constants["matrix"])
    let same = try Evaluator(promoted, threads: 1).values(
      of: ["y"], at: inputs.merging(["matrix": matrix]) { $1 })
    #expect(
      distance(same[0], Values(try Evaluator(graph, threads: 1).values(of: ["y"], at: inputs)[0])) < 1e-6)
  }
}
