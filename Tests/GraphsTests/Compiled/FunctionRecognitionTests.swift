import Graphs
import Tensors
import TestSupport
import Testing

/// Functions that are written as several nodes.
struct FunctionRecognitionTests {
  private func swish(_ x: String, in toy: inout ToyNetwork) {
    toy.add("Mul", [toy.add("Sigmoid", [x], "gate"), x])
  }

  private func mish(_ x: String, in toy: inout ToyNetwork) {
    toy.add("Mul", [x, toy.add("Tanh", [toy.add("Softplus", [x], "soft")], "gate")])
  }

  private func kinds(_ toy: ToyNetwork, keeping kept: [TensorName] = []) throws -> [String] {
    try toy.graph().simplified(keeping: kept).nodes.map(\.kind)
  }

  @Test("gates of a tensor by itself")
  func gates() throws {
    var toy = ToyNetwork([1, 5, 3])
    swish("x", in: &toy)
    #expect(try kinds(toy) == ["Swish"])
    #expect(try kinds(toy, keeping: ["gate"]) == ["Sigmoid", "Mul"])
    try expectNaive(toy, in: -3...3)
    try expectDifferences(toy, in: -3...3)

    toy = ToyNetwork([1, 5, 3])
    mish("x", in: &toy)
    #expect(try kinds(toy) == ["Mish"])
    try expectNaive(toy, in: -3...3)
    try expectDifferences(toy, in: -3...3)

    toy = ToyNetwork([1, 5, 3])
    toy.add("Mul", ["x", toy.add("HardSigmoid", ["x"], "gate")])
    #expect(try kinds(toy) == ["HardSwish"])
    try expectNaive(toy, in: -4...4)
    try expectDifferences(toy, in: -4...4)
  }

  @Test("gates of another tensor stay what they are")
  func otherGates() throws {
    var toy = ToyNetwork([1, 5, 3])
    toy.add("Mul", ["x", toy.add("Sigmoid", [toy.add("Neg", ["x"], "other")], "gate")])
    #expect(try kinds(toy) == ["Neg", "Sigmoid", "Mul"])
  }

  @Test("GELU as exporters write it", arguments: ["PyTorch", "Keras", "halved"])
  func gelu(_ style: String) throws {
    var toy = ToyNetwork([1, 5, 3])
    let (half, one) = (toy.weight("half", Tensor([], [0.5])), toy.weight("one", Tensor([], [1])))
    let root = toy.weight("root", Tensor([], [Float(2).squareRoot()]))
    let inverse = toy.weight("inverse", Tensor([], [Float(0.5).squareRoot()]))
    let argument =
      style == "PyTorch" ? toy.add("Div", ["x", root], "u") : toy.add("Mul", [inverse, "x"], "u")
    let sum = toy.add("Add", [toy.add("Erf", [argument], "erf"), one], "sum")
    switch style {
    case "PyTorch": toy.add("Mul", [toy.add("Mul", ["x", sum], "product"), half])
    case "Keras": toy.add("Mul", ["x", toy.add("Mul", [half, sum], "product")])
    default: toy.add("Mul", [toy.add("Mul", ["x", half], "product"), sum])
    }
    #expect(try kinds(toy) == ["Gelu"])
    #expect(try kinds(toy, keeping: ["erf"]).count == 5)
    try expectNaive(toy, in: -4...4)
    try expectDifferences(toy, in: -4...4)
  }
}
