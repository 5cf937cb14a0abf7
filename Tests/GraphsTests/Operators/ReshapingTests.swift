import Graphs
import Tensors
import TestSupport
import Testing

/// What moves elements about and changes none.
struct ReshapingTests {
  struct Form: Sendable, CustomTestStringConvertible {
    var kind: String
    var extents = [1, 5, 3, 4]
    var attributes: [String: Attribute] = [:]
    var operand: [Int]?
    var opset = 17

    var testDescription: String { "\(kind) of \(extents), \(attributes), \(operand ?? [])" }
  }

  static let forms =
    [0, 1, 2, 3, 4, -1, -4].map { Form(kind: "Flatten", attributes: ["axis": .integer($0)]) } + [
      Form(kind: "Flatten"),
      Form(kind: "Reshape", operand: [0, -1]), Form(kind: "Reshape", operand: [0, 0, 12]),
      Form(kind: "Reshape", operand: [-1, 5, 12]), Form(kind: "Reshape", operand: [2, 15, 2, 2, 1]),
      Form(kind: "Reshape", operand: [-1]),
      Form(kind: "Squeeze", extents: [1, 5, 1, 4], operand: [2]),
      Form(kind: "Squeeze", extents: [1, 5, 1, 4], operand: [-2]),
      Form(kind: "Squeeze", extents: [1, 5, 1, 1]),
      Form(kind: "Squeeze", extents: [1, 5, 1, 4], attributes: ["axes": [2]], opset: 11),
      Form(kind: "Unsqueeze", operand: [1]), Form(kind: "Unsqueeze", operand: [-1, 2]),
      Form(kind: "Unsqueeze", attributes: ["axes": [0, 3]], opset: 11),
      Form(kind: "Transpose"), Form(kind: "Transpose", attributes: ["perm": [0, 2, 3, 1]]),
      Form(kind: "Transpose", attributes: ["perm": [0, 3, 1, 2]]),
      Form(kind: "Transpose", attributes: ["perm": [1, 3, 2, 0]]),
      Form(kind: "Transpose", extents: [1, 5], attributes: ["perm": [0, 1]]),
    ]

  private func network(_ form: Form, behindConvolution: Bool) -> ToyNetwork {
    var generator = SplitMix64(seed: 3)
    var toy = ToyNetwork(form.extents, opset: form.opset)
    var source = "x"
    if behindConvolution {
      toy.inputs[0].dimensions[1] = 3
      let kernel = form.extents.dropFirst(2).map { _ in 1 }
      toy.add(
        "Conv", ["x", toy.weight("w", generator.tensor(Shape([form.extents[1], 3] + kernel)))], "maps")
      source = "maps"
    }
    var operands = [source]
    if let operand = form.operand { operands.append(toy.constant("numbers", operand)) }
    toy.add(form.kind, operands, "moved", form.attributes)
    return toy
  }

  @Test("elements move and stay the same", arguments: forms)
  func forward(_ form: Form) throws {
    for behindConvolution in [false, form.extents.count > 2] {
      let toy = network(form, behindConvolution: behindConvolution)
      try expectNaive(toy, rows: 2)
      try expectDifferences(toy, rows: 2)
    }
  }

  @Test("and what follows sees them there", arguments: forms)
  func followed(_ form: Form) throws {
    for behindConvolution in [false, form.extents.count > 2] {
      var toy = network(form, behindConvolution: behindConvolution)
      toy.add("Sigmoid", ["moved"], "y")
      try expectNaive(toy, rows: 2)
      try expectDifferences(toy, withRespectTo: toy.inputs.map(\.name) + ["moved"], rows: 2)
    }
  }

  @Test("a reshaped input that is wanted itself has its new shape")
  func wantedViewOfInput() throws {
    var toy = ToyNetwork([1, 2, 3])
    toy.add("Flatten", ["x"])
    let x = toy.sample(rows: 2)
    let values = try toy.network().values(of: ["x", "y"], at: x)
    #expect(values[0].shape == [2, 2, 3])
    #expect(values[1].shape == [2, 6])
    #expect(values[0].values == values[1].values)
  }
}
