import Graphs
import Tensors
import TestSupport
import Testing

/// Normalizations and their gradients, with respect to operands and parameters.
struct NormalizationTests {
  @Test("InstanceNormalization", arguments: [[1, 5, 4, 6], [1, 3, 37], [1, 2, 2, 3, 4]])
  func instance(extents: [Int]) throws {
    var generator = SplitMix64(seed: 3)
    var toy = ToyNetwork(extents)
    let channels = Shape([extents[1]])
    let operands = [
      "x", toy.weight("scale", generator.tensor(channels)), toy.weight("bias", generator.tensor(channels)),
    ]
    toy.add("InstanceNormalization", operands, "y", ["epsilon": 0.01])
    try expectNaive(toy)
    try expectDifferences(toy, withRespectTo: operands)
  }

  @Test("GroupNormalization with scales for groups and for channels", arguments: [18, 21], [1, 2, 6])
  func group(opset: Int, groups: Int) throws {
    var generator = SplitMix64(seed: 3)
    var toy = ToyNetwork([1, 6, 3, 5], opset: opset)
    let parameters = Shape([opset < 21 ? groups : 6])
    let operands = [
      "x", toy.weight("scale", generator.tensor(parameters)),
      toy.weight("bias", generator.tensor(parameters)),
    ]
    toy.add("GroupNormalization", operands, "y", ["num_groups": .integer(groups)])
    try expectNaive(toy)
    try expectDifferences(toy, withRespectTo: operands)
  }

  @Test("LayerNormalization over the last axes", arguments: [-1, 1, 2, 3], [true, false])
  func layer(axis: Int, hasBias: Bool) throws {
    var generator = SplitMix64(seed: 3)
    let extents = [1, 3, 4, 37]
    var toy = ToyNetwork(extents)
    let own = Shape(Array(extents[(axis < 0 ? 3 : axis)...]))
    var operands = ["x", toy.weight("scale", generator.tensor(own))]
    if hasBias { operands.append(toy.weight("bias", generator.tensor([37]))) }
    toy.add("LayerNormalization", operands, "y", ["axis": .integer(axis)])
    try expectNaive(toy)
    try expectDifferences(toy, withRespectTo: operands)
  }

  @Test("normalizations of blocked maps, with operands that are computed")
  func behindConvolution() throws {
    var generator = SplitMix64(seed: 3)
    for kind in ["InstanceNormalization", "BatchNormalization"] {
      var toy = ToyNetwork([1, 3, 6, 5])
      toy.add("Conv", ["x", toy.weight("w", generator.tensor([16, 3, 3, 3]))], "maps")
      toy.addInput("raw", [1, 16])
      toy.add("Exp", ["raw"], "positive")
      toy.add("Reshape", ["positive", toy.constant("channels", [-1])], "scale")
      let bias = toy.weight("bias", generator.tensor([16]))
      let statistics = kind == "BatchNormalization" ? [bias, "scale"] : []
      toy.add(kind, ["maps", "scale", bias] + statistics, "normal")
      toy.add("Conv", ["normal", toy.weight("v", generator.tensor([8, 16, 1, 1]))], "y")
      try expectNaive(toy, rows: 1)
      try expectDifferences(toy, withRespectTo: ["x", "raw", "bias", "w", "v"], rows: 1)
    }
  }

  @Test(
    "every operand of BatchNormalization has a gradient", arguments: [[1, 13, 4, 5], [1, 16, 6], [1, 5]])
  func batch(extents: [Int]) throws {
    var generator = SplitMix64(seed: 3)
    var toy = ToyNetwork(extents)
    let channels = Shape([extents[1]])
    let operands = [
      "x", toy.weight("scale", generator.tensor(channels)), toy.weight("bias", generator.tensor(channels)),
      toy.weight("mean", generator.tensor(channels)),
      toy.weight("variance", generator.tensor(channels, in: 0.5...2)),
    ]
    toy.add("BatchNormalization", operands, "y", ["epsilon": 0.01])
    try expectDifferences(toy, withRespectTo: operands)
  }

  @Test("BatchNormalization behind Gemm is folded into it", arguments: [0, 1], [true, false])
  func behindGemm(transposes: Int, hasTerm: Bool) throws {
    var generator = SplitMix64(seed: 3)
    var toy = ToyNetwork([1, 7])
    var operands = ["x", toy.weight("w", generator.tensor(transposes == 0 ? [7, 4] : [4, 7]))]
    if hasTerm { operands.append(toy.weight("c", generator.tensor([4]))) }
    toy.add(
      "Gemm", operands, "product", ["transB": .integer(transposes), "alpha": 0.5, "beta": 2.0])
    let scale = toy.weight("scale", generator.tensor([4], in: 0.5...2))
    let mean = toy.weight("mean", generator.tensor([4]))
    toy.add("BatchNormalization", ["product", scale, mean, mean, scale], "y")
    try expectNaive(toy)
    try expectDifferences(toy)
    #expect(try toy.graph().simplified().nodes.map(\.kind) == ["Gemm"])
  }

  @Test("LpNormalization along each axis", arguments: [1, 2], [0, 1, -1])
  func norm(power: Int, axis: Int) throws {
    var toy = ToyNetwork([1, 5, 4])
    toy.add("LpNormalization", ["x"], "y", ["p": .integer(power), "axis": .integer(axis)])
    try expectNaive(toy)
    try expectDifferences(toy)
  }

  @Test("LRN", arguments: [1, 2, 3, 5, 8])
  func neighbours(size: Int) throws {
    var toy = ToyNetwork([1, 6, 3, 4])
    toy.add(
      "LRN", ["x"], "y", ["size": .integer(size), "alpha": 0.3, "beta": 0.6, "bias": 1.5])
    try expectNaive(toy)
    try expectDifferences(toy)
  }

  @Test("MeanVarianceNormalization", arguments: [nil, [1], [0, 2], [-1, -2]] as [[Int]?])
  func meanAndVariance(axes: [Int]?) throws {
    var toy = ToyNetwork([1, 4, 3, 5])
    toy.add("MeanVarianceNormalization", ["x"], "y", axes.map { ["axes": .integers($0)] } ?? [:])
    try expectNaive(toy)
    try expectDifferences(toy)
  }

  @Test("parameters that do not fit are refused")
  func refusals() throws {
    for (kind, attributes, extents, message) in [
      ("InstanceNormalization", [:], [2], "2 scales for an input of shape [1, 6, 4]"),
      ("GroupNormalization", ["num_groups": 4], [6], "6 channels do not fall into 4 groups"),
      ("GroupNormalization", ["num_groups": 0], [6], "num_groups = 0"),
      ("LayerNormalization", ["axis": 3], [4], "axis 3 of [1, 6, 4]"),
      ("LayerNormalization", ["axis": .integer(.min)], [4], "of [1, 6, 4]"),
      ("LayerNormalization", ["axis": 2], [6], "scales of shape [6]"),
      ("LpNormalization", ["axis": 7], [6], "axis 7 of [1, 6, 4]"),
      ("LpNormalization", ["p": 3], [6], "p = 3"),
      ("LRN", ["size": .integer(.max)], [6], "size"),
      ("MeanVarianceNormalization", ["axes": [0, 5]], [6], "axes = [0, 5]"),
    ] as [(String, [String: Attribute], [Int], String)] {
      var toy = ToyNetwork([1, 6, 4], opset: 21)
      let parameter = toy.weight("p", Tensor(Shape(extents)))
      toy.add(kind, ["x", parameter, parameter], "y", attributes)
      #expect("\(kind) \(attributes)") {
        _ = try toy.network().values(of: ["y"], at: toy.sample(rows: 1))
      } throws: {
        "\($0)".contains(message)
      }
    }
  }
}
