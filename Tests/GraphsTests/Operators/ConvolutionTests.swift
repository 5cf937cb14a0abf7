import Graphs
import Tensors
import TestSupport
import Testing

/// Convolutions against the sum that defines them, behind and in front of other operations.
struct ConvolutionTests {
  struct Form: Sendable, CustomTestStringConvertible {
    var name: String
    var channels: Int
    var filters: Int
    var kernel: [Int]
    var extents: [Int]
    var attributes: [String: Attribute] = [:]
    var hasBias = true

    var testDescription: String { name }

    func network() -> ToyNetwork {
      var toy = ToyNetwork([1, channels] + extents)
      var generator = SplitMix64(seed: 7)
      let groups = attributes.integer("group", default: 1)
      let weights = generator.tensor(Shape([filters, channels / groups] + kernel))
      var operands = ["x", toy.weight("w", weights)]
      if hasBias { operands.append(toy.weight("b", generator.tensor([filters]))) }
      toy.add("Conv", operands, "y", attributes)
      return toy
    }
  }

  static let forms =
    [
      Form(name: "2-D", channels: 8, filters: 16, kernel: [3, 3], extents: [7, 9]),
      Form(name: "odd channels", channels: 3, filters: 5, kernel: [3, 2], extents: [7, 9], hasBias: false),
      Form(
        name: "asymmetric pads", channels: 5, filters: 13, kernel: [3, 3], extents: [6, 8],
        attributes: ["pads": [0, 1, 2, 0], "strides": [2, 2]]),
      Form(
        name: "dilations", channels: 13, filters: 8, kernel: [3, 3], extents: [9, 9],
        attributes: ["dilations": [2, 3], "pads": [2, 3, 2, 3]]),
      Form(
        name: "groups", channels: 16, filters: 32, kernel: [3, 3], extents: [5, 6],
        attributes: ["group": 2, "pads": [1, 1, 1, 1]]),
      Form(
        name: "odd groups", channels: 9, filters: 15, kernel: [2, 3], extents: [5, 6],
        attributes: ["group": 3]),
      Form(
        name: "depthwise", channels: 16, filters: 16, kernel: [3, 3], extents: [8, 8],
        attributes: ["group": 16, "pads": [0, 0, 1, 1], "strides": [2, 2]]),
      Form(
        name: "depthwise, odd channels", channels: 13, filters: 13, kernel: [3, 3], extents: [8, 5],
        attributes: ["group": 13, "pads": [1, 1, 1, 1]]),
      Form(
        name: "depthwise with a multiplier", channels: 4, filters: 12, kernel: [3, 3], extents: [6, 6],
        attributes: ["group": 4]),
      Form(
        name: "SAME_UPPER", channels: 3, filters: 8, kernel: [4, 3], extents: [7, 6],
        attributes: ["auto_pad": "SAME_UPPER", "strides": [2, 3]]),
      Form(
        name: "SAME_LOWER", channels: 3, filters: 8, kernel: [4, 3], extents: [7, 6],
        attributes: ["auto_pad": "SAME_LOWER", "strides": [2, 1], "dilations": [1, 2]]),
      Form(
        name: "SAME with a stride larger than the kernel", channels: 4, filters: 4, kernel: [1, 2],
        extents: [7, 8],
        attributes: ["auto_pad": "SAME_UPPER", "strides": [2, 3]]),
      Form(
        name: "VALID", channels: 8, filters: 8, kernel: [2, 2], extents: [5, 4],
        attributes: ["auto_pad": "VALID"]),
      Form(name: "1-D", channels: 5, filters: 8, kernel: [9], extents: [33], attributes: ["strides": [4]]),
      Form(
        name: "samples", channels: 1, filters: 12, kernel: [16], extents: [61],
        attributes: ["strides": [5], "pads": [3, 7]]),
      Form(
        name: "samples of two channels, dilated", channels: 2, filters: 9, kernel: [7], extents: [50],
        attributes: ["strides": [3], "dilations": [2], "pads": [5, 2]]),
      Form(
        name: "a picture of three colours", channels: 3, filters: 8, kernel: [7, 7], extents: [13, 16],
        attributes: ["strides": [2, 2], "pads": [3, 3, 3, 3]]),
      Form(
        name: "3-D of one channel", channels: 1, filters: 8, kernel: [2, 3, 7], extents: [5, 6, 17],
        attributes: ["strides": [2, 1, 3], "pads": [1, 0, 2, 0, 1, 4]]),
      Form(
        name: "1-D depthwise, dilated", channels: 8, filters: 8, kernel: [3], extents: [17],
        attributes: ["group": 8, "dilations": [4], "pads": [8, 0]]),
      Form(name: "1 × 1", channels: 16, filters: 24, kernel: [1, 1], extents: [4, 4], hasBias: false),
      Form(name: "the whole map", channels: 5, filters: 3, kernel: [4, 6], extents: [4, 6]),
      Form(
        name: "3-D", channels: 3, filters: 4, kernel: [2, 3, 2], extents: [4, 5, 3],
        attributes: ["strides": [1, 2, 1], "pads": [1, 0, 0, 0, 1, 1]]),
      Form(
        name: "more padding than kernel", channels: 3, filters: 8, kernel: [2, 2], extents: [3, 3],
        attributes: ["pads": [3, 2, 4, 2]]),
    ] + wideForms

  /// With so many channels, and a dozen tiles, tiles are transformed.
  static let wideForms = [
    Form(
      name: "wide", channels: 64, filters: 68, kernel: [3, 3], extents: [6, 8],
      attributes: ["pads": [1, 1, 1, 1]]),
    Form(
      name: "wide, odd extents", channels: 72, filters: 64, kernel: [3, 3], extents: [5, 7], hasBias: false),
    Form(
      name: "wide, asymmetric pads", channels: 64, filters: 64, kernel: [3, 3], extents: [4, 3],
      attributes: ["pads": [0, 2, 1, 0]]),
    Form(
      name: "wide, all padding", channels: 64, filters: 64, kernel: [3, 3], extents: [1, 2],
      attributes: ["pads": [2, 2, 3, 2]]),
    Form(name: "wide, one place", channels: 64, filters: 64, kernel: [3, 3], extents: [3, 3]),
  ]

  /// With thirteen rows, the smallest wide ones have tiles enough to be transformed.
  @Test("a convolution is the sum over its window", arguments: forms, [1, 3, 13])
  func forward(_ form: Form, rows: Int) throws { try expectNaive(form.network(), rows: rows) }

  @Test("the gradient of a convolution is its difference quotient", arguments: forms)
  func gradient(_ form: Form) throws {
    try expectDifferences(form.network(), withRespectTo: ["x", "w"] + (form.hasBias ? ["b"] : []))
  }

  @Test("a convolution with a tail of everything element-wise", arguments: forms)
  func tail(_ form: Form) throws {
    var toy = form.network()
    var generator = SplitMix64(seed: 3)
    let filters = form.filters
    let perChannel = [filters] + form.extents.map { _ in 1 }
    let scale = toy.weight("scale", generator.tensor([filters], in: 0.5...2))
    let mean = toy.weight("mean", generator.tensor([filters]))
    toy.add("BatchNormalization", ["y", scale, mean, mean, scale], "normal")
    toy.add("LeakyRelu", ["normal"], "leaky", ["alpha": 0.2])
    toy.add("Mul", ["leaky", toy.weight("gains", generator.tensor(Shape(perChannel)))], "louder")
    toy.add("Sub", [toy.weight("one", Tensor([], [1])), "louder"], "less")
    toy.add("Sigmoid", ["less"], "open")
    try expectNaive(toy, tolerance: 2e-5)
    try expectDifferences(toy)
  }

  @Test(
    "wide convolutions in a residual block, on several threads", arguments: wideForms.prefix(1), [1, 2, 5])
  func residual(_ form: Form, threads: Int) throws {
    for last in ["Relu", "Sigmoid"] {
      var toy = ToyNetwork([1, 64, 9, 11])
      var generator = SplitMix64(seed: 4)
      var x = "x"
      for step in ["a", "b"] {
        let weights = toy.weight("w\(step)", generator.tensor([64, 64, 3, 3], in: -0.1...0.1))
        toy.add("Conv", [x, weights], "y\(step)", form.attributes)
        let sum = step == "b" ? toy.add("Add", ["x", "yb"], "sum") : "ya"
        x = toy.add(last, [sum], "z\(step)")
      }
      // More tiles than go through the transforms together.
      let sample = toy.sample(rows: 7)
      let network = try toy.network(threads: threads)
      let expected = try #require(naive(toy, at: sample.mapValues { Values($0) })[x])
      #expect(distance(try network.values(of: [x], at: sample)[0], expected) < 1e-5)
      try expectDifferences(toy)
    }
  }

  @Test(
    "wide convolutions are not computed by their definition, nor are their gradients", arguments: wideForms)
  func implementation(_ form: Form) throws {
    let graph = try form.network().graph()
    var shapes = ["x": Shape([13, form.channels] + form.extents)]
    let forward = try Program(graph, inputShapes: shapes, wanted: ["y"], threads: 1)
    #expect(forward.listing.contains { $0.hasSuffix("native") }, "\(forward.listing)")
    // Padding beyond the kernel's reach cannot be turned round.
    guard form.attributes.integers("pads")?.allSatisfy({ $0 <= 2 }) ?? true else { return }
    shapes[Graph.seedName("y")] = try graph.shapes(for: shapes)["y"]
    let gradient = try graph.gradient(of: "y", withRespectTo: ["x"])
    let backward = try Program(gradient, inputShapes: shapes, wanted: gradient.outputs, threads: 1)
    #expect(backward.listing.contains { $0.hasSuffix("native") }, "\(backward.listing)")
  }

  @Test("weights and bias may be computed")
  func computedWeights() throws {
    var toy = ToyNetwork([1, 8, 6, 6])
    var generator = SplitMix64(seed: 7)
    toy.add("Tanh", [toy.weight("w", generator.tensor([8, 4, 3, 3]))], "tame")
    toy.add("Exp", [toy.weight("b", generator.tensor([8]))], "bias")
    toy.add("Conv", ["x", "tame", "bias"], "y", ["group": 2, "kernel_shape": [3, 3]])
    try expectNaive(toy)
  }
}
