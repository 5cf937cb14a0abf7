import Graphs
import Tensors
import TestSupport
import Testing

/// Functions of one number, normalizations and softmaxes.
struct ElementwiseTests {
  struct Form: Sendable, CustomTestStringConvertible {
    var kind: String
    var attributes: [String: Attribute] = [:]
    var range: ClosedRange<Float> = -2...2
    /// Most functions are good to a few roundings.
    var tolerance = 1e-5

    var testDescription: String { "\(kind) \(attributes)" }
  }

  static let forms = [
    Form(kind: "Relu"), Form(kind: "LeakyRelu"), Form(kind: "LeakyRelu", attributes: ["alpha": 0.3]),
    Form(kind: "LeakyRelu", attributes: ["alpha": -0.5]), Form(kind: "Elu"),
    Form(kind: "Elu", attributes: ["alpha": 0.5]), Form(kind: "Elu", attributes: ["alpha": -0.5]),
    Form(kind: "Sigmoid"), Form(kind: "Tanh"), Form(kind: "Exp"),
    Form(kind: "Log", range: 0.2...3, tolerance: 2 * Rounding.logarithm),
    Form(kind: "Sqrt", range: 0.2...3), Form(kind: "Abs"), Form(kind: "Neg"), Form(kind: "Identity"),
    Form(kind: "Dropout"), Form(kind: "Selu"), Form(kind: "Selu", attributes: ["alpha": 0.7, "gamma": 2.5]),
    Form(kind: "Celu"), Form(kind: "Celu", attributes: ["alpha": 0.4]),
    Form(kind: "HardSigmoid", range: -4...4),
    Form(kind: "HardSigmoid", attributes: ["alpha": 0.7, "beta": 0.3]),
    Form(kind: "HardSwish", range: -5...5),
    Form(kind: "Mish"), Form(kind: "Softplus"), Form(kind: "Softsign"), Form(kind: "Gelu"),
    Form(kind: "Gelu", attributes: ["approximate": "tanh"]), Form(kind: "Erf"),
    Form(kind: "ThresholdedRelu", attributes: ["alpha": 0.4]), Form(kind: "Shrink"),
    Form(kind: "Shrink", attributes: ["lambd": 0.3, "bias": 0.2]), Form(kind: "Reciprocal", range: 0.5...3),
    Form(kind: "Sin"), Form(kind: "Cos"), Form(kind: "Sinh"),
    Form(kind: "Cosh"), Form(kind: "Asinh"), Form(kind: "Atan"), Form(kind: "Floor"), Form(kind: "Ceil"),
    Form(kind: "Round"), Form(kind: "Sign"),
  ]
  /// Flat almost everywhere: no gradient flows.
  static let steps = ["Floor", "Ceil", "Round", "Sign"]
  /// Those that are not defined everywhere.
  static let narrowForms = [
    Form(kind: "Tan", range: -1...1), Form(kind: "Asin", range: -0.9...0.9),
    Form(kind: "Acos", range: -0.9...0.9),
    Form(kind: "Atanh", range: -0.9...0.9), Form(kind: "Acosh", range: 1.1...3),
  ]

  @Test("a function of each element", arguments: forms + narrowForms)
  func function(_ form: Form) throws {
    var toy = ToyNetwork([1, 5, 3, 7], opset: 20)
    toy.add(form.kind, ["x"], "y", form.attributes)
    try expectNaive(toy, in: form.range, tolerance: form.tolerance)
    if !Self.steps.contains(form.kind) { try expectDifferences(toy, in: form.range) }
  }

  @Test("a function of a row longer than a piece of work, and of several threads' work")
  func longRow() throws {
    var toy = ToyNetwork([1, 70_001])
    toy.add("Softsign", ["x"])
    let inputs = toy.sample(rows: 2)
    let expected = try #require(naive(toy, at: inputs.mapValues { Values($0) })["y"])
    let y = try toy.network(threads: 2).values(of: ["y"], at: inputs)[0]
    #expect(distance(y, expected) < 1e-6)
  }

  @Test("a function of blocked maps whose last block is not full", arguments: forms)
  func behindConvolution(_ form: Form) throws {
    var generator = SplitMix64(seed: 3)
    let positive = form.range.lowerBound > 0
    var toy = ToyNetwork([1, 3, 4, 5], opset: 20)
    let weights = generator.tensor([13, 3, 2, 2], in: positive ? 0.1...0.4 : -1...1)
    toy.add("Conv", ["x", toy.weight("w", weights)], "maps")
    toy.add(form.kind, ["maps"], "mapped", form.attributes)
    toy.add("Conv", ["mapped", toy.weight("v", generator.tensor([8, 13, 1, 1]))])
    try expectNaive(toy, in: form.range, tolerance: form.tolerance)
    if !Self.steps.contains(form.kind) { try expectDifferences(toy, in: form.range) }
  }

  @Test("Clip takes its bounds from attributes, from operands, or does without")
  func clip() throws {
    for bounds in [["x", "low", "high"], ["x", "low"], ["x", "", "high"], ["x"]] {
      var toy = ToyNetwork([1, 5, 3])
      _ = toy.weight("low", Tensor([], [-0.4]))
      _ = toy.weight("high", Tensor([], [0.7]))
      toy.add("Clip", bounds)
      let x = toy.sample(rows: 2)
      let y = try toy.network().values(of: ["y"], at: x)[0]
      let expected = try #require(x["x"]).values.map { value in
        min(max(value, bounds.contains("low") ? -0.4 : -9), bounds.contains("high") ? 0.7 : 9)
      }
      #expect(y.values == expected)
      try toy.expectSameGradientAsMask { value in
        (!bounds.contains("low") || value > -0.4) && (!bounds.contains("high") || value < 0.7)
      }
    }
    var old = ToyNetwork([1, 5, 3], opset: 7)
    old.add("Clip", ["x"], "y", ["min": 0.0, "max": 0.6])
    try expectNaive(old)
    try expectDifferences(old)
  }

  @Test("Clip with crossed bounds gives the upper one, as ONNX says")
  func crossedClip() throws {
    var toy = ToyNetwork([1, 5])
    toy.add("Clip", ["x", toy.weight("low", Tensor([], [1])), toy.weight("high", Tensor([], [-0.5]))])
    #expect(
      try toy.network().values(of: ["y"], at: toy.sample(rows: 1))[0].values == [
        -0.5, -0.5, -0.5, -0.5, -0.5,
      ])
    try toy.expectSameGradientAsMask { _ in false }
  }

  @Test("BatchNormalization of maps, rows and steps", arguments: [[1, 13, 4, 5], [1, 16, 6], [1, 5]])
  func normalization(extents: [Int]) throws {
    var generator = SplitMix64(seed: 3)
    var toy = ToyNetwork(extents)
    let channels = Shape([extents[1]])
    let operands = [
      "x", toy.weight("scale", generator.tensor(channels)), toy.weight("bias", generator.tensor(channels)),
      toy.weight("mean", generator.tensor(channels)),
      toy.weight("variance", generator.tensor(channels, in: 0...2)),
    ]
    toy.add("BatchNormalization", operands, "y", ["epsilon": 0.01])
    try expectNaive(toy)
    try expectDifferences(toy)
  }

  @Test("softmax along each axis", arguments: ["Softmax", "LogSoftmax"], [7, 12, 13, 17])
  func softmax(_ kind: String, opset: Int) throws {
    for axis in [nil, 0, 1, 2, 3, -1, -2, -3] as [Int?] {
      var toy = ToyNetwork([1, 5, 3, 4], opset: opset)
      toy.add(kind, ["x"], "y", axis.map { ["axis": .integer($0)] } ?? [:])
      try expectNaive(toy)
      try expectDifferences(toy)
    }
  }

  @Test("softmax of blocked maps")
  func softmaxBehindConvolution() throws {
    var generator = SplitMix64(seed: 3)
    var toy = ToyNetwork([1, 3, 4, 5])
    toy.add("Conv", ["x", toy.weight("w", generator.tensor([13, 3, 1, 1]))], "maps")
    toy.add("Softmax", ["maps"], "shares", ["axis": 1])
    toy.add("Conv", ["shares", toy.weight("v", generator.tensor([8, 13, 1, 1]))])
    try expectNaive(toy)
    try expectDifferences(toy)
  }
}

extension ToyNetwork {
  /// Whether the gradient of `y` with respect to `x` is the seed where `passes` holds for `x`, and zero elsewhere.
  fileprivate func expectSameGradientAsMask(
    sourceLocation: SourceLocation = #_sourceLocation, where passes: (Float) -> Bool
  ) throws {
    let inputs = sample(rows: 2)
    let x = try #require(inputs["x"])
    var generator = SplitMix64(seed: 4)
    let seed = generator.tensor(x.shape)
    let gradient = try network().gradients(of: "y", seed: seed, withRespectTo: ["x"], at: inputs).gradients[0]
    #expect(
      gradient.values == zip(seed.values, x.values).map { passes($1) ? $0 : 0 },
      sourceLocation: sourceLocation)
  }
}
