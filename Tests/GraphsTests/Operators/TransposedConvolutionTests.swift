import Graphs
import Tensors
import TestSupport
import Testing

/// Transposed convolutions against the loop that sends every place to its window.
struct TransposedConvolutionTests {
  struct Form: Sendable, CustomTestStringConvertible {
    var name: String
    var channels: Int
    /// For each group.
    var filters: Int
    var kernel: [Int]
    var extents: [Int]
    var attributes: [String: Attribute] = [:]
    var hasBias = true

    var testDescription: String { name }
    var made: Int { filters * attributes.integer("group", default: 1) }

    func network() -> ToyNetwork {
      var toy = ToyNetwork([1, channels] + extents)
      var generator = SplitMix64(seed: 7)
      var operands = ["x", toy.weight("w", generator.tensor(Shape([channels, filters] + kernel)))]
      if hasBias { operands.append(toy.weight("b", generator.tensor([made]))) }
      toy.add("ConvTranspose", operands, "y", attributes)
      return toy
    }
  }

  static let forms = [
    Form(name: "stride 1", channels: 8, filters: 16, kernel: [3, 3], extents: [5, 6]),
    Form(
      name: "stride 2", channels: 8, filters: 16, kernel: [4, 4], extents: [5, 6],
      attributes: ["strides": [2, 2], "pads": [1, 1, 1, 1]]),
    Form(
      name: "odd channels", channels: 5, filters: 3, kernel: [3, 2], extents: [4, 3],
      attributes: ["strides": [2, 3]], hasBias: false),
    Form(
      name: "asymmetric pads", channels: 3, filters: 4, kernel: [3, 4], extents: [4, 5],
      attributes: ["strides": [2, 1], "pads": [0, 1, 2, 0]]),
    Form(
      name: "output_padding", channels: 4, filters: 8, kernel: [3, 3], extents: [4, 5],
      attributes: ["strides": [2, 3], "pads": [1, 1, 1, 1], "output_padding": [1, 2]]),
    Form(
      name: "dilations", channels: 3, filters: 5, kernel: [2, 3], extents: [4, 5],
      attributes: ["dilations": [3, 2], "strides": [1, 2]]),
    Form(
      name: "groups", channels: 8, filters: 3, kernel: [3, 3], extents: [4, 4],
      attributes: ["group": 2, "strides": [2, 2]]),
    Form(
      name: "groups of stride 1", channels: 6, filters: 2, kernel: [2, 3], extents: [4, 4],
      attributes: ["group": 3]),
    Form(
      name: "depthwise", channels: 8, filters: 1, kernel: [4, 4], extents: [3, 4],
      attributes: ["group": 8, "strides": [2, 2], "pads": [1, 1, 1, 1]]),
    Form(
      name: "output_shape", channels: 3, filters: 4, kernel: [3, 3], extents: [4, 5],
      attributes: ["strides": [2, 2], "output_shape": [10, 8]]),
    Form(
      name: "SAME_UPPER", channels: 3, filters: 4, kernel: [4, 3], extents: [4, 5],
      attributes: ["strides": [3, 2], "auto_pad": "SAME_UPPER"]),
    Form(
      name: "SAME_LOWER", channels: 3, filters: 4, kernel: [4, 3], extents: [4, 5],
      attributes: ["strides": [1, 2], "auto_pad": "SAME_LOWER"]),
    Form(
      name: "1-D", channels: 8, filters: 8, kernel: [16], extents: [9],
      attributes: ["strides": [8], "pads": [4, 4]]),
    Form(
      name: "3-D", channels: 2, filters: 3, kernel: [2, 3, 2], extents: [3, 2, 3],
      attributes: ["strides": [2, 1, 2]]),
  ]

  @Test("a transposed convolution is what its places send", arguments: forms, [1, 3])
  func forward(_ form: Form, rows: Int) throws { try expectNaive(form.network(), rows: rows) }

  @Test("the gradient of a transposed convolution is its difference quotient", arguments: forms)
  func gradient(_ form: Form) throws {
    try expectDifferences(form.network(), withRespectTo: ["x", "w"] + (form.hasBias ? ["b"] : []))
  }

  @Test("a transposed convolution with a tail, and a normalization to fold", arguments: forms)
  func tail(_ form: Form) throws {
    var toy = form.network()
    var generator = SplitMix64(seed: 3)
    let scale = toy.weight("scale", generator.tensor([form.made], in: 0.5...2))
    let mean = toy.weight("mean", generator.tensor([form.made]))
    toy.add("BatchNormalization", ["y", scale, mean, mean, scale], "normal")
    toy.add("LeakyRelu", ["normal"], "leaky", ["alpha": 0.2])
    let gains = generator.tensor(Shape([form.made] + form.extents.map { _ in 1 }))
    toy.add("Mul", ["leaky", toy.weight("gains", gains)], "louder")
    try expectNaive(toy, tolerance: 2e-5)
    try expectDifferences(toy)
  }

  @Test("weights may be computed", arguments: [1, 2])
  func computedWeights(stride: Int) throws {
    var toy = ToyNetwork([1, 3, 5, 5])
    toy.addInput("v", [1, 4, 3, 3])
    toy.add("Tanh", ["v"], "w")
    toy.add(
      "ConvTranspose", ["x", "w"], "y", ["kernel_shape": [3, 3], "strides": .integers([stride, stride])])
    try expectNaive(toy, rows: 3)
    try expectDifferences(toy, rows: 3)
  }

  @Test("a transposed convolution halves the jump of its receptive field")
  func field() throws {
    var toy = ToyNetwork([1, 1, 9])
    let weights = toy.weight("w", Tensor([1, 1, 4], repeating: 1))
    toy.add("ConvTranspose", ["x", weights], "y", ["strides": [2], "pads": [1, 1]])
    let graph = try toy.graph()
    let fields = graph.receptiveFields(of: "x", shapes: try graph.shapes(for: ["x": [1, 1, 9]]))
    // Place q of the result reads the places p with 0 ≤ q + 1 − 2p < 4.
    let axis = try #require(fields["y"]?.axes[2])
    #expect((axis.inputAxis, axis.start, axis.jump, axis.size) == (2, -1, 0.5, 2.5))
  }

  @Test("forms that have no result are refused")
  func refusals() throws {
    for (attributes, message) in [
      (["output_padding": [2, 0], "strides": [2, 2]], "output padding"),
      (["pads": [9, 9, 9, 9]], "leave nothing"),
      (["output_padding": [.min, 0]], "output_padding"),
      (["output_shape": [.max, 3]], "output_shape"),
      (["group": 5], "groups"),
    ] as [([String: Attribute], String)] {
      var toy = ToyNetwork([1, 3, 4, 4])
      toy.add("ConvTranspose", ["x", toy.weight("w", Tensor([3, 2, 3, 3]))], "y", attributes)
      #expect {
        _ = try toy.network().values(of: ["y"], at: toy.sample(rows: 1))
      } throws: {
        "\($0)".contains(message)
      }
    }
  }
}
