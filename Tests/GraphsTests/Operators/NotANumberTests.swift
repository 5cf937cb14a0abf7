import Graphs
import Tensors
import Testing

/// What is no number stays none, as in ONNX Runtime. The functions that swallow it are in docs/operators.md.
struct NotANumberTests {
  @Test(
    "functions of what is no number",
    arguments: [
      "Sigmoid", "Tanh", "Softplus", "Softsign", "LeakyRelu", "Elu", "Selu", "Celu", "HardSwish", "Abs",
      "Sqrt", "Log",
      "Neg", "Sign", "Floor", "Ceil", "Round", "Erf", "Mish", "Sin", "Reciprocal",
    ])
  func functions(kind: String) throws {
    // Vectors and what is left over.
    for count in [3, 20] {
      var toy = ToyNetwork([1, count], opset: 18)
      toy.add(kind, ["x"])
      let x = Tensor([1, count], [.nan] + [Float](repeating: 0.5, count: count - 1))
      let values = try toy.network().values(of: ["y"], at: ["x": x])[0].values
      #expect(values.map(\.isNaN) == [true] + [Bool](repeating: false, count: count - 1), "\(count)")
    }
  }

  @Test("arithmetic with what is no number", arguments: ["Add", "Sub", "Mul", "Div", "MatMul"])
  func arithmetic(kind: String) throws {
    var toy = ToyNetwork([1, 2])
    toy.add(kind, ["x", toy.weight("w", Tensor([2, 2], [1, 2, 3, 4]))])
    let y = try toy.network().values(of: ["y"], at: ["x": Tensor([1, 2], [.nan, 1])])[0]
    #expect(y[0, 0].isNaN)
  }
}
