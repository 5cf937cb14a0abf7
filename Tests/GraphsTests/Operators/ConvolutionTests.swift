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
      var generator = SeededGenerator(seed: 7)
      let groups = attributes.integer("group", default: 1)
      let weights = generator.tensor(Shape([filters, channels / groups] + kernel))
      var operands = ["x", toy.weight("w", weights)]
      if hasBias { operands.append(toy.weight("b", generator.tensor([filters]))) }
      toy.add("Conv", operands, "y", attributes)
      return toy
    }
  }

  static let forms = [
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
  ]

  @Test("a convolution is the sum over its window", arguments: forms, [1, 3])
  func forward(_ form: Form, rows: Int) throws { try expectNaive(form.network(), rows: rows) }

  @Test("the gradient of a convolution is its difference quotient", arguments: forms)
  func gradient(_ form: Form) throws {
    try expectDifferences(form.network(), withRespectTo: ["x", "w"] + (form.hasBias ? ["b"] : []))
  }

  @Test("a convolution with a tail of everything element-wise", arguments: forms)
  func tail(_ form: Form) throws {
    var toy = form.network()
    var generator = SeededGenerator(seed: 3)
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

  @Test("weights and bias may be computed")
  func computedWeights() throws {
    var toy = ToyNetwork([1, 8, 6, 6])
    var generator = SeededGenerator(seed: 7)
    toy.add("Tanh", [toy.weight("w", generator.tensor([8, 4, 3, 3]))], "tame")
    toy.add("Exp", [toy.weight("b", generator.tensor([8]))], "bias")
    toy.add("Conv", ["x", "tame", "bias"], "y", ["group": 2, "kernel_shape": [3, 3]])
    try expectNaive(toy)
  }
}
