import Graphs
import Tensors
import TestSupport
import Testing

/// Maxima and means over windows, against the loops.
struct PoolingTests {
  struct Form: Sendable, CustomTestStringConvertible {
    var name: String
    var extents: [Int]
    var attributes: [String: Attribute]

    var testDescription: String { name }
  }

  static let forms = [
    Form(name: "2 × 2", extents: [6, 8], attributes: ["kernel_shape": [2, 2], "strides": [2, 2]]),
    Form(name: "overlapping", extents: [7, 5], attributes: ["kernel_shape": [3, 2]]),
    Form(
      name: "taller than wide", extents: [9, 6],
      attributes: ["kernel_shape": [4, 1], "strides": [2, 2]]),
    Form(
      name: "padded", extents: [6, 7],
      attributes: ["kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]]),
    Form(
      name: "padded on one side", extents: [6, 7],
      attributes: ["kernel_shape": [3, 3], "strides": [2, 2], "pads": [0, 0, 2, 1]]),
    Form(
      name: "padding counted", extents: [6, 7],
      attributes: [
        "kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 0, 0, 1], "count_include_pad": 1,
      ]),
    Form(
      name: "rounded up", extents: [6, 8],
      attributes: ["kernel_shape": [3, 3], "strides": [2, 2], "ceil_mode": 1]),
    Form(
      name: "rounded up, but no window behind the end", extents: [5, 5],
      attributes: [
        "kernel_shape": [2, 1], "strides": [3, 3], "pads": [1, 0, 0, 0], "ceil_mode": 1,
      ]),
    Form(
      name: "rounded up, nothing to count", extents: [6, 8],
      attributes: ["kernel_shape": [3, 3], "strides": [2, 2], "ceil_mode": 1, "count_include_pad": 1]),
    Form(
      name: "rounded up, padding counted", extents: [7, 6],
      attributes: [
        "kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 0, 0], "ceil_mode": 1,
        "count_include_pad": 1,
      ]),
    Form(
      name: "SAME_UPPER", extents: [7, 6],
      attributes: ["kernel_shape": [3, 2], "strides": [2, 2], "auto_pad": "SAME_UPPER"]),
    Form(
      name: "SAME_LOWER", extents: [7, 6],
      attributes: ["kernel_shape": [4, 2], "strides": [2, 2], "auto_pad": "SAME_LOWER"]),
    Form(name: "1-D", extents: [17], attributes: ["kernel_shape": [4], "strides": [4]]),
    Form(
      name: "dilated", extents: [9, 9],
      attributes: ["kernel_shape": [2, 3], "dilations": [3, 2], "strides": [1, 2]]),
  ]

  @Test("pooling is what its loop says", arguments: forms, ["MaxPool", "AveragePool"])
  func forward(_ form: Form, kind: String) throws {
    for channels in [3, 16] {
      var toy = ToyNetwork([1, channels] + form.extents)
      toy.add(kind, ["x"], "y", form.attributes.forPooling(kind))
      try expectNaive(toy, rows: 1)
      try expectNaive(toy, rows: 3)
    }
  }

  @Test("pooling works in the blocked layout it finds", arguments: forms, ["MaxPool", "AveragePool"])
  func behindConvolution(_ form: Form, kind: String) throws {
    for filters in [5, 16] {
      var toy = ToyNetwork([1, 3] + form.extents)
      var generator = SplitMix64(seed: 7)
      let kernel = form.extents.map { _ in 1 }
      toy.add("Conv", ["x", toy.weight("w", generator.tensor(Shape([filters, 3] + kernel)))], "maps")
      toy.add(kind, ["maps"], "pooled", form.attributes.forPooling(kind))
      toy.add("Conv", ["pooled", toy.weight("v", generator.tensor(Shape([8, filters] + kernel)))], "y")
      try expectNaive(toy)
      try expectDifferences(toy)
    }
  }

  @Test("the gradient of pooling is its difference quotient", arguments: forms, ["MaxPool", "AveragePool"])
  func gradient(_ form: Form, kind: String) throws {
    var toy = ToyNetwork([1, 5] + form.extents)
    toy.add(kind, ["x"], "y", form.attributes.forPooling(kind))
    try expectDifferences(toy)
  }

  @Test("global pooling", arguments: ["GlobalMaxPool", "GlobalAveragePool"], [[6, 5], [11], [1, 1]])
  func global(_ kind: String, extents: [Int]) throws {
    var toy = ToyNetwork([1, 5] + extents)
    toy.add(kind, ["x"])
    try expectNaive(toy)
    try expectDifferences(toy)
  }

  @Test("the first of equal maxima takes the whole gradient")
  func ties() throws {
    var toy = ToyNetwork([1, 1, 2, 4])
    toy.add("MaxPool", ["x"], "y", ["kernel_shape": [2, 2], "strides": [2, 2]])
    let gradient = try toy.network().gradients(
      of: "y", seed: Tensor([1, 1, 1, 2], [3, 5]), withRespectTo: ["x"],
      at: ["x": Tensor([1, 1, 2, 4], [2, 2, 1, 7, 2, 2, 7, 7])]
    ).gradients[0]
    #expect(gradient.values == [3, 0, 0, 5, 0, 0, 0, 0])
  }

  @Test("norms over windows", arguments: forms, [1, 2, 3])
  func norms(_ form: Form, power: Int) throws {
    var toy = ToyNetwork([1, 5] + form.extents, opset: 18)
    toy.add("LpPool", ["x"], "y", form.attributes.forPooling("LpPool").merging(["p": .integer(power)]) { $1 })
    // Roots of uneven degree are made of logarithms.
    try expectNaive(toy, tolerance: 2 * Rounding.logarithm)
    try expectDifferences(toy, tolerance: 5e-5)
  }

  @Test("the places of the maxima, counted by rows and by columns", arguments: forms, [0, 1])
  func positions(_ form: Form, order: Int) throws {
    var toy = ToyNetwork([1, 3] + form.extents)
    toy.add(
      "MaxPool", ["x"], "y",
      form.attributes.forPooling("MaxPool").merging(["storage_order": .integer(order)]) { $1 })
    toy.operations[0].furtherOutputs = ["places"]
    toy.outputs = ["y", "places"]
    let inputs = toy.sample(rows: 2)
    let x = try #require(inputs["x"])
    let results = try toy.network().values(of: ["y", "places"], at: inputs)
    let turned =
      order == 0 ? Values(x) : naiveTransposition(Values(x), [0, 1] + (2..<x.shape.rank).reversed())
    #expect(results[1].values.map { Float(turned.elements[Int($0)]) } == results[0].values)
  }
}

extension [String: Attribute] {
  /// What a mean alone understands is left out for a maximum.
  fileprivate func forPooling(_ kind: String) -> Self {
    kind == "AveragePool" ? self : filter { $0.key != "count_include_pad" }
  }
}
