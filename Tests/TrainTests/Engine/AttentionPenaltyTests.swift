import Graphs
import Tensors
import Testing
import Train

/// The gradient of the penalty on evidence outside of regions, against differences of the penalty itself.
struct AttentionPenaltyTests {
  /// A smooth network, so that second derivatives exist everywhere.
  private func graph() throws -> Graph {
    var builder = ONNXNetworkBuilder(name: "smooth", seed: 4)
    var x = builder.input("x", [1, 5, 4])
    x = try builder.conv(x, "conv", 3, kernel: [3, 3], padding: .same)
    x = builder.sigmoid(x, "open")
    x = builder.flatten(x)
    let logits = try builder.dense(x, "head", 3, output: "logits")
    let probabilities = builder.softmax(logits, "probabilities")
    return try builder.file(ending: probabilities).model(from: "smooth.onnx").graph
  }

  @Test("it is the difference quotient of λ/N Σ (A ∂/∂x Σ log p)²")
  func differences() throws {
    let graph = try graph()
    var generator = SplitMix64(seed: 8)
    func drawn(_ shape: Shape, _ scale: Float = 1) -> Tensor {
      Tensor(
        shape,
        (0..<shape.count).map { _ in scale * Float(Int64(bitPattern: generator.next()) >> 40) / 0x1p23 })
    }
    let batch = drawn([4, 1, 5, 4])
    let outside = Tensor([4, 1, 5, 4], (0..<80).map { $0 % 20 < 8 ? 1 : 0 })
    func step(_ changed: [TensorName: Tensor] = [:]) throws -> TrainingStep {
      let step = try TrainingStep(
        graph, input: "x", logits: "logits", loss: .crossEntropy, optimizer: .sgd(momentum: 0),
        example: [1, 5, 4], classes: 3, threads: 1)
      step.restore(values: changed, moments: [:], step: 0)
      return step
    }
    let strength = 3.0
    func penalty(_ changed: [TensorName: Tensor]) throws -> Double {
      let g = try step(changed).inputGradient(batch, seed: 0)
      return strength / 4
        * zip(g.values, outside.values).reduce(0) { $0 + Double($1.0 * $1.1) * Double($1.0 * $1.1) }
    }
    let gradient = try step().attentionPenalty(
      batch, outside: outside, strength: strength, seed: 0)
    let values = try step().values
    for name in ["conv.weight", "head.weight"] {
      let at = try #require(values[name])
      let own = try #require(gradient[name])
      let length = own.values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      #expect(length > 1e-3)
      for _ in 0..<3 {
        let direction = drawn(at.shape)
        let sides = try [1e-2, -1e-2].map { by in
          try penalty([name: Tensor(at.shape, zip(at.values, direction.values).map { $0 + Float(by) * $1 })])
        }
        let expected = (sides[0] - sides[1]) / 2e-2
        let got = zip(own.values, direction.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        // Both are central differences, in float32, of steps of a hundredth and a thousandth.
        #expect(abs(got - expected) < 1e-2 * max(length, abs(expected)), "\(name): \(got), \(expected)")
      }
    }
    #expect(gradient["head.bias"]?.values.allSatisfy(\.isFinite) == true)
  }
}
