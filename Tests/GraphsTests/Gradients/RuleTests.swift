import Graphs
import Tensors
import TestSupport
import Testing

/// The substituted backward passes against their definitions, written out for two layers of rectifiers.
struct RuleTests {
  private struct Layers {
    let first: Tensor
    let second: Tensor
    let last: Tensor
    let toy: ToyNetwork

    init() {
      var generator = SplitMix64(seed: 21)
      first = generator.tensor([6, 9])
      second = generator.tensor([9, 8])
      last = generator.tensor([8, 4])
      var toy = ToyNetwork([1, 6])
      toy.add("Gemm", ["x", toy.weight("w1", first)], "z1")
      toy.add("Relu", ["z1"], "h1")
      toy.add("Gemm", ["h1", toy.weight("w2", second)], "z2")
      toy.add("Relu", ["z2"], "h2")
      toy.add("Gemm", ["h2", toy.weight("w3", last)], "y")
      self.toy = toy
    }

    /// `gradient · weightsᵀ`, then `bend` with the value that entered the rectifier.
    func back(_ gradient: Values, _ weights: Tensor, _ entered: Values?, _ bend: (Double, Double) -> Double)
      -> Values
    {
      let product = naiveProduct(gradient, naiveTransposition(Values(weights), nil))
      guard let entered else { return product }
      return Values(product.shape, zip(product.elements, entered.elements).map(bend))
    }
  }

  @Test("gradients at rectifiers", arguments: ["standard", "guided", "deconvolution", "leaky"])
  func rules(_ name: String) throws {
    let layers = Layers()
    let x = layers.toy.sample(rows: 3)
    let values = naive(layers.toy, at: x.mapValues { Values($0) })
    let (rule, bend): (GradientRule, (Double, Double) -> Double) =
      switch name {
      case "guided": (.guided, { $1 > 0 ? max(0, $0) : 0 })
      case "deconvolution": (.deconvolution, { gradient, _ in max(0, gradient) })
      case "leaky": (.leaky(0.25), { $1 > 0 ? $0 : 0.25 * $0 })
      default: (.standard, { $1 > 0 ? $0 : 0 })
      }
    var generator = SplitMix64(seed: 22)
    let seed = generator.tensor([3, 4])
    let z2 = layers.back(Values(seed), layers.last, values["z2"], bend)
    let z1 = layers.back(z2, layers.second, values["z1"], bend)
    let expected = layers.back(z1, layers.first, nil, bend)
    let gradients = try layers.toy.network()
      .gradients(of: "y", seed: seed, withRespectTo: ["x", "z1", "z2"], rule: rule, at: x).gradients
    // Three products of at most nine terms in float32.
    for (gradient, oracle) in zip(gradients, [expected, z1, z2]) {
      #expect(distance(gradient, oracle) < 1e-6)
    }
  }

  @Test("rules of different names are kept apart by one network")
  func cached() throws {
    let toy = Layers().toy
    let network = try toy.network()
    let x = toy.sample(rows: 1)
    let rules: [GradientRule] = [.standard, .guided, .deconvolution, .standard]
    let results = try rules.map { rule in
      try network.gradients(
        of: "y", seed: Tensor([1, 4], repeating: 1), withRespectTo: ["x"], rule: rule, at: x
      )
      .gradients[0]
    }
    #expect(results[0] == results[3])
    #expect(results[0] != results[1])
    #expect(results[1] != results[2])
  }

  @Test("only Relu is bent, not its relatives", arguments: ["LeakyRelu", "Elu", "Clip", "Tanh"])
  func relatives(_ kind: String) throws {
    var toy = ToyNetwork([1, 6])
    toy.add(kind, ["x"], "y")
    let network = try toy.network()
    let x = toy.sample(rows: 1)
    var generator = SplitMix64(seed: 22)
    let seed = generator.tensor([1, 6])
    let gradients = try [GradientRule.standard, .guided, .deconvolution].map { rule in
      try network.gradients(of: "y", seed: seed, withRespectTo: ["x"], rule: rule, at: x).gradients[0]
    }
    #expect(gradients[0] == gradients[1])
    #expect(gradients[0] == gradients[2])
  }

  @Test("steps pass gradients as if they were not there, if asked to")
  func straightThrough() throws {
    var toy = ToyNetwork([1, 6])
    var generator = SplitMix64(seed: 5)
    let weights = generator.tensor([6, 3])
    toy.add("Round", ["x"], "r")
    toy.add("Gemm", ["r", toy.weight("w", weights)], "y")
    let x = toy.sample(rows: 2, in: -3...3)
    let seed = generator.tensor([2, 3])
    let found = try toy.network()
      .gradients(of: "y", seed: seed, withRespectTo: ["x"], rule: .straightThrough, at: x).gradients[0]
    #expect(distance(found, naiveProduct(Values(seed), naiveTransposition(Values(weights), nil))) < 1e-6)
  }

  @Test("a rule can depend on where a node stands")
  func positions() throws {
    let layers = Layers()
    let x = layers.toy.sample(rows: 3)
    let first = GradientRule.standard.substituting(StraightBackward(), as: "first open") { node, position in
      node.kind == "Relu" && position < 2
    }
    let network = try layers.toy.network()
    var generator = SplitMix64(seed: 22)
    let seed = generator.tensor([3, 4])
    let wanted = ["z2", "z1"]
    let bent = try network.gradients(of: "y", seed: seed, withRespectTo: wanted, rule: first, at: x).gradients
    let plain = try network.gradients(of: "y", seed: seed, withRespectTo: wanted + ["h1"], at: x).gradients
    #expect(bent[0] == plain[0] && bent[1] == plain[2])
  }

  @Test("several scores with seeds of their own, in one pass")
  func severalScores() throws {
    let layers = Layers()
    let x = layers.toy.sample(rows: 3)
    let network = try layers.toy.network()
    var generator = SplitMix64(seed: 23)
    let seeds = ["y": generator.tensor([3, 4]), "h1": generator.tensor([3, 9])]
    let wanted = ["x", "z1"]
    let together = try network.gradients(of: seeds, withRespectTo: wanted, at: x).gradients
    let single = try seeds.map { score, seed in
      try network.gradients(of: score, seed: seed, withRespectTo: wanted, at: x).gradients
    }
    for (index, found) in together.enumerated() {
      let sum = zip(single[0][index].values, single[1][index].values).map { Double($0) + Double($1) }
      #expect(distance(found, Values(found.shape, sum)) < 1e-6)
    }
  }
}
