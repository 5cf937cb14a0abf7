import Audio
import Explain
import Graphs
import Models
import Tensors
import TestSupport
import Testing

struct RelevanceTests {
  static let rules: [RelevanceRule] = [
    RelevanceRule(.epsilon), RelevanceRule(.gamma(0.25)), RelevanceRule(.zPlus),
    RelevanceRule(.alphaBeta(alpha: 2, beta: 1)),
    RelevanceRule(dense: .epsilon, convolution: .zPlus),
    RelevanceRule(dense: .epsilon, convolution: .gamma(0.25), first: .zBox),
    RelevanceRule(dense: .epsilon, convolution: .zPlus, first: .flat),
    RelevanceRule(dense: .epsilon, convolution: .epsilon, ignoresBiases: true),
    RelevanceRule(dense: .gamma(0.5), convolution: .zPlus, ignoresBiases: true),
  ]

  private func relevance(_ network: Network, _ rule: RelevanceRule, at x: Tensor, element: Int = 1) throws
    -> Tensor
  {
    let score = try NetworkScore(network, tensor: "logits", element: element, rule: .relevance(rule))
    return try LayerWiseRelevance().attribute(score, at: x)
  }

  @Test("Every rule is what Zennit's formula gives weight by weight, row by row", arguments: rules)
  func rule(_ rule: RelevanceRule) throws {
    let oracle = RelevanceOracle()
    let network = try oracle.network()
    for target in 0..<RelevanceOracle.classes {
      let found = try relevance(network, rule, at: oracle.x, element: target)
      #expect(found.shape == oracle.x.shape)
      for row in 0..<3 {
        let x = oracle.x.rows(row..<row + 1).values.map { Double($0) }
        let expected = oracle.relevance(of: x, target: target, rule)
        // Float32 sums of some dozens of terms, divided by denominators down to a hundredth of them.
        let scale = max(1e-3, expected.map { abs($0) }.max() ?? 0)
        for (a, b) in zip(found.rows(row..<row + 1).values, expected) {
          #expect(abs(Double(a) - b) < 2e-4 * scale, "target \(target), row \(row)")
        }
      }
    }
  }

  @Test("Relevance at the input, in biases and in stabilizers is the score", arguments: rules)
  func conservation(_ rule: RelevanceRule) throws {
    let oracle = RelevanceOracle()
    let score = try NetworkScore(oracle.network(), tensor: "logits", element: 2)
    let accounts = try score.conservation(at: oracle.x, by: rule)
    #expect(accounts.count == 3)
    for (account, expected) in zip(accounts, try score.scores(at: oracle.x)) {
      #expect(account.score == Double(expected))
      #expect(account.error < 1e-4)
      if rule.ignoresBiases { #expect(account.inBiases == 0) }
    }
  }

  @Test("Behind rectifiers, the epsilon rule is input times gradient")
  func epsilonIsInputTimesGradient() throws {
    let oracle = RelevanceOracle()
    let score = try NetworkScore(oracle.network(), tensor: "logits", element: 0)
    let product = try InputXGradient().attribute(score, at: oracle.x)
    let found = try relevance(score.network, RelevanceRule(.epsilon), at: oracle.x, element: 0)
    #expect(largestDifference(found, product) < 1e-4)
  }

  @Test("A rectifier that nothing passes, and zeros, give zeros and no NaN", arguments: rules)
  func zeros(_ rule: RelevanceRule) throws {
    var file = HandmadeONNX(input: "x", ["N", 1, 2, 2])
    file.add("Conv", ["x"], "maps", weights: [.random([2, 1, 1, 1], seed: 5), Tensor([2], [-9, -9])])
    file.add("Relu", ["maps"], "layer")
    file.classify("layer", .random([2, 2], seed: 6))
    let network = try file.network()
    for x in [Tensor([2, 1, 2, 2]), .random([2, 1, 2, 2], seed: 7)] {
      #expect(try relevance(network, rule, at: x).values.allSatisfy { $0 == 0 })
    }
  }

  // Means 2 and 3 of the windows' maxima: logit = 5 · (4 + 3) / 2; each maximum has its share, ten and seven and a half.
  @Test("A maximum pooling hands relevance to the winner, a mean in proportion")
  func poolings() throws {
    var file = HandmadeONNX(input: "x", ["N", 1, 2, 4])
    file.add("MaxPool", ["x"], "maxima", ["kernel_shape": [2, 2], "strides": [2, 2]])
    file.add("GlobalAveragePool", ["maxima"], "means")
    file.add("Flatten", ["means"], "flat")
    file.add("MatMul", ["flat"], "logits", weights: [Tensor([1, 1], [5])])
    let x = Tensor([1, 1, 2, 4], [1, 2, -1, 3, 4, 0, 2, -2])
    let found = try relevance(file.network(), RelevanceRule(.epsilon), at: x, element: 0)
    for (a, b) in zip(found.values, [0, 0, 0, 7.5, 10, 0, 0, 0] as [Float]) { #expect(abs(a - b) < 1e-4) }
  }

  @Test("A sum of branches shares out in proportion; a gate gets nothing; relevance is conserved")
  func branches() throws {
    var file = HandmadeONNX(input: "x", ["N", 2, 3, 3])
    file.add("Conv", ["x"], "a", weights: [.random([2, 2, 3, 3], seed: 31)], ["pads": [1, 1, 1, 1]])
    file.add("Add", ["x", "a"], "sum")
    file.add("GlobalAveragePool", ["sum"], "squeezed")
    file.add("Conv", ["squeezed"], "excited", weights: [.random([2, 2, 1, 1], seed: 32)])
    file.add("Sigmoid", ["excited"], "gate")
    file.add("Mul", ["sum", "gate"], "gated")
    file.add("Relu", ["gated"], "layer")
    file.classify("layer", .random([2, 2], seed: 33))
    let network = try file.network()
    let x = Tensor.random([2, 2, 3, 3], seed: 34)
    let score = try NetworkScore(network, tensor: "logits", element: 1)
    for account in try score.conservation(at: x, by: RelevanceRule(.epsilon)) {
      #expect(account.error < 1e-4 && account.inBiases == 0)
      #expect(abs(account.atInput - account.score) < 1e-3 * max(1, abs(account.score)))
    }
    // What the gate's own layer weighs does not matter for how the sum is shared out.
    let all = try relevance(network, RelevanceRule(.zPlus), at: x)
    #expect(all.values.allSatisfy { $0.isFinite } && all.values.contains { $0 != 0 })
  }

  @Test("A normalization that stands alone: a layer to the epsilon rule, nothing to the others")
  func normalization() throws {
    var file = HandmadeONNX(input: "x", ["N", 2])
    let vectors = [[2, -3], [0.5, 1], [0, 0], [1, 1]].map { Tensor([2], $0.map { Float($0) }) }
    file.add("BatchNormalization", ["x"], "normal", weights: vectors)
    file.add("MatMul", ["normal"], "logits", weights: [Tensor([2, 1], [1, 2])])
    // normal = (2x₀ + ½, −3x₁ + 1) = (2.5, 7); relevance there 2.5 and 14.
    let x = Tensor([1, 2], [1, -2])
    for (rule, expected) in [(RelevanceRule(.epsilon), [2.0, 12.0]), (RelevanceRule(.zPlus), [2.5, 14])]
      as [(RelevanceRule, [Float])]
    {
      let found = try relevance(file.network(), rule, at: x, element: 0)
      // The normalization's own epsilon, 1e-5, is in its weights.
      for (a, b) in zip(found.values, expected) { #expect(abs(a - b) < 1e-3) }
    }
  }

  @Test("What has no rule is named")
  func withoutRule() throws {
    var file = HandmadeONNX(input: "x", [3, "N", 2])
    file.add(
      "GRU", ["x"], "states", weights: [.random([1, 12, 2], seed: 1), .random([1, 12, 4], seed: 2)],
      ["hidden_size": [4]])
    file.add("Identity", ["states"], "logits")
    let network = try file.network()
    let error = try #require(
      #expect(throws: GraphError.self) {
        try relevance(network, RelevanceRule(.epsilon), at: .random([1, 3, 2], seed: 3))
      })
    #expect(error.description.contains("node states") && error.description.contains("GRU"))
  }

  @Test("On YAMNet, relevance is conserved, and a clip's is that of its patches")
  func yamnet() throws {
    let model = try Bundled.yamnet()
    // Two patches that fit, so that none sees what is not in the picture.
    let logMel = try model.listen(to: Bundled.sound("dog.mp3")).logMel.rows(0..<144)
    let score = try NetworkScore(model.network, tensor: model.logits, element: 69)
    let patches = model.inputTensor(for: model.frontEnd.patches(of: logMel))
    let clip = logMel.reshaped(to: Shape([1] + logMel.shape.dimensions))
    for rule in [RelevanceRule(.epsilon), RelevanceRule(dense: .epsilon, convolution: .zPlus)] {
      let accounts = try score.conservation(at: patches, by: rule)
      for account in accounts { #expect(account.error < 1e-3) }
      let whole = ClipScore(
        model,
        score: try NetworkScore(model.network, tensor: model.logits, element: 69, rule: .relevance(rule)))
      let total = try LayerWiseRelevance().attribute(whole, at: clip).values.reduce(0) { $0 + Double($1) }
      let mean = accounts.reduce(0) { $0 + $1.atInput } / Double(accounts.count)
      // Sums of 9000 terms of both signs, in float32.
      #expect(abs(total - mean) < 1e-3 * max(abs(mean), abs(accounts[0].score)), "\(total), \(mean)")
    }
  }
}
