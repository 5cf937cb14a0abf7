import Graphs
import Tensors
import TestSupport
import Testing

/// Operators of ONNX Runtime that have no kernel on a CPU, against the same in ONNX's own words. What they mean is told
/// in ONNX Runtime's `ContribOperators.md`.
struct RuntimeOperatorTests {
  private struct Form: Sendable, CustomTestStringConvertible {
    let kind: String
    let shape: [Int]
    /// What the runtime's operator takes, and its attributes.
    let fused: @Sendable (inout ToyNetwork) -> ([TensorName], [String: Attribute])
    let spelledOut: @Sendable (inout ToyNetwork) -> Void
    var testDescription: String { kind }
  }

  private static func ramp(_ shape: Shape) -> Tensor {
    Tensor(shape, (0..<shape.count).map { Float($0 % 7) / 4 - 0.7 })
  }

  private static let forms = [
    Form(kind: "BiasAdd", shape: [2, 3, 4]) {
      (["x", $0.weight("b", ramp([4])), $0.weight("s", ramp([2, 3, 4]))], [:])
    } spelledOut: {
      $0.add("Add", ["x", $0.weight("b", ramp([4]))], "sum")
      $0.add("Add", ["sum", $0.weight("s", ramp([2, 3, 4]))])
    },
    Form(kind: "BiasSoftmax", shape: [2, 4]) {
      (["x", $0.weight("b", ramp([1, 4]))], ["axis": 1])
    } spelledOut: {
      $0.add("Add", ["x", $0.weight("b", ramp([1, 4]))], "sum")
      $0.add("Softmax", ["sum"], "y", ["axis": 1])
    },
    Form(kind: "BiasSplitGelu", shape: [2, 3, 8]) {
      (["x", $0.weight("b", ramp([8]))], [:])
    } spelledOut: {
      $0.add("Add", ["x", $0.weight("b", ramp([8]))], "sum")
      $0.add("Split", ["sum"], "a", ["axis": 2, "num_outputs": 2])
      $0.operations[1].furtherOutputs = ["b2"]
      $0.add("Gelu", ["b2"], "g")
      $0.add("Mul", ["a", "g"])
    },
    Form(kind: "GroupNorm", shape: [2, 3, 2, 4]) {
      (["x", $0.weight("s", ramp([4])), $0.weight("b", ramp([4]))], ["groups": 2, "activation": 1])
    } spelledOut: {
      $0.add("Transpose", ["x"], "t", ["perm": [0, 3, 1, 2]])
      $0.add(
        "GroupNormalization", ["t", $0.weight("s", ramp([4])), $0.weight("b", ramp([4]))], "n",
        ["num_groups": 2])
      $0.add("Sigmoid", ["n"], "g")
      $0.add("Mul", ["n", "g"], "m")
      $0.add("Transpose", ["m"], "y", ["perm": [0, 2, 3, 1]])
    },
    Form(kind: "TransposeMatMul", shape: [3, 2]) {
      (["x", $0.weight("w", ramp([3, 4]))], ["transA": 1, "alpha": 0.5])
    } spelledOut: {
      $0.add("Transpose", ["x"], "t")
      $0.add("MatMul", ["t", $0.weight("w", ramp([3, 4]))], "p")
      $0.add("Mul", ["p", $0.weight("h", Tensor([], [0.5]))])
    },
    Form(kind: "FusedMatMulActivation", shape: [2, 3]) {
      (["x", $0.weight("w", ramp([3, 4]))], ["activation": "LeakyRelu", "activation_alpha": 0.3])
    } spelledOut: {
      $0.add("MatMul", ["x", $0.weight("w", ramp([3, 4]))], "p")
      $0.add("LeakyRelu", ["p"], "y", ["alpha": 0.3])
    },
    Form(kind: "NhwcConv", shape: [2, 5, 4, 3]) {
      (["x", $0.weight("w", ramp([2, 3, 2, 2]))], ["kernel_shape": [2, 2]])
    } spelledOut: {
      $0.add("Transpose", ["x"], "t", ["perm": [0, 3, 1, 2]])
      $0.add("Conv", ["t", $0.weight("w", ramp([2, 3, 2, 2]))], "c")
      $0.add("Transpose", ["c"], "y", ["perm": [0, 2, 3, 1]])
    },
    Form(kind: "NhwcMaxPool", shape: [2, 5, 4, 3]) { _ in
      (["x"], ["kernel_shape": [2, 2]])
    } spelledOut: {
      $0.add("Transpose", ["x"], "t", ["perm": [0, 3, 1, 2]])
      $0.add("MaxPool", ["t"], "c", ["kernel_shape": [2, 2]])
      $0.add("Transpose", ["c"], "y", ["perm": [0, 2, 3, 1]])
    },
    Form(kind: "GridSample", shape: [1, 2, 3, 4]) {
      (["x", $0.weight("g", ramp([1, 2, 2, 2]))], ["mode": "bilinear"])
    } spelledOut: {
      $0.add("GridSample", ["x", $0.weight("g", ramp([1, 2, 2, 2]))], "y", ["mode": "linear"])
    },
  ]

  @Test("an operator of ONNX Runtime is what its definition says, and so is its gradient", arguments: forms)
  private func spelledOut(_ form: Form) throws {
    var (fused, spelled) = (ToyNetwork(form.shape, opset: 21), ToyNetwork(form.shape, opset: 21))
    let (inputs, attributes) = form.fused(&fused)
    fused.add(form.kind, inputs, "y", attributes)
    fused.operations[0].domain = "com.microsoft"
    form.spelledOut(&spelled)
    let x = fused.sample(rows: form.shape[0])
    let networks = try [fused.network(), spelled.network()]
    let values = try networks.map { try $0.values(of: ["y"], at: x)[0] }
    // The same operations, in perhaps another order of memory.
    #expect(values[0].shape == values[1].shape)
    #expect(relativeError(values[0], values[1]) < 1e-6)
    var generator = SplitMix64(seed: 3)
    let seed = generator.tensor(values[0].shape)
    let slopes = try networks.map {
      try $0.gradients(of: "y", seed: seed, withRespectTo: ["x"], at: x).gradients[0]
    }
    #expect(relativeError(slopes[0], slopes[1]) < 1e-5)
  }
  @Test("packed weights that are no bytes", arguments: [Float.nan, .infinity, 256, -129, 1e20])
  func noBytes(_ code: Float) {
    var toy = ToyNetwork([2, 16], opset: 21)
    let codes = toy.weight("codes", Tensor([1, 1, 8], [code] + [Float](repeating: 17, count: 7)))
    toy.add(
      "MatMulNBits", ["x", codes, toy.weight("scales", Tensor([1], [0.5]))], "y",
      ["K": 16, "N": 1, "bits": 4, "block_size": 16])
    toy.operations[0].domain = "com.microsoft"
    expectError("node 'node y' (MatMulNBits): packed weights or zero points that are no bytes") {
      _ = try toy.graph()
    }
  }
}
