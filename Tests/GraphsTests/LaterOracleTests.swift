import Graphs
import Tensors
import TestSupport
import Testing

/// Operators of opsets 22 to 26, those that are read as several others, and ONNX Runtime's own, against ONNX Runtime. How
/// the cases were made: `Golden/later.py`.
struct LaterOracleTests {
  @Test("there are cases, and a reader for each operator")
  func cases() throws {
    let cases = try OracleArchive.later.get().cases
    #expect(cases.count >= 600)
    let known = Set(ONNXModel.operators + ONNXModel.runtimeOperators.map { "com.microsoft." + $0 })
    #expect(Set(cases.map(\.kind)).subtracting(known).sorted() == [])
    // One test below takes all that have no gradients of their own.
    #expect(Set(cases.map(\.opset)).isSuperset(of: 22...26))
  }

  @Test("results are ONNX Runtime's", arguments: OracleArchive.laterOperators)
  func values(of kind: String) throws {
    for example in try OracleArchive.later.get().cases where example.kind == kind {
      example.report { try example.compareValues() }
    }
  }

  @Test("gradients are those of central differences", arguments: OracleArchive.laterOperators)
  func gradients(of kind: String) throws {
    for example in try OracleArchive.later.get().cases where example.kind == kind {
      example.report { try example.compareGradients() }
    }
  }

  /// Those that round pass gradients straight through, which differences do not see; an embedding has no real inputs.
  private static let withoutDifferences = [
    "EmbedLayerNormalization", "QLinear", "QGemm", "QAttention", "Quantize", "Dequantize", "DynamicQuantize",
    "MatMulIntegerToFloat",
  ]

  /// The derivative along a random direction, by differences of our own results, which are ONNX Runtime's. A step of 2⁻⁷
  /// of numbers of about 1 leaves an error of the order of its square, 6e-5 times the third derivative, and float32's
  /// rounding 1e-7 · 2⁷: 2e-3 of what the score is made of is beyond both.
  @Test(
    "gradients of ONNX Runtime's operators are those of differences",
    arguments: OracleArchive.laterOperators.filter { kind in
      kind.hasPrefix("com.microsoft.") && !withoutDifferences.contains { kind.contains(".\($0)") }
    })
  func differences(of kind: String) throws {
    var compared = 0
    for example in try OracleArchive.later.get().cases where example.kind == kind {
      let network = Evaluator(try ONNXModel(example.model, from: kind).graph, threads: 1)
      let output = try #require(example.outputs.first)
      var generator = SplitMix64(seed: 7)
      let seed = generator.tensor(output.value.shape)
      for (name, value) in example.inputs.sorted(by: { $0.key < $1.key })
      where value.values.contains(where: { $0 != $0.rounded() }) {
        let direction = generator.tensor(value.shape)
        let slope = try network.gradients(
          of: output.name, seed: seed, withRespectTo: [name], at: example.inputs
        ).gradients[0]
        let exact = zip(slope.values, direction.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        let step: Float = 0x1p-7
        let scores = try [-step, 0, step].map { step in
          var inputs = example.inputs
          inputs[name] = Tensor(
            value.shape, zip(value.values, direction.values).map { $0 + step * $1 })
          let result = try network.values(of: [output.name], at: inputs)[0]
          return zip(result.values, seed.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        let sides = [scores[1] - scores[0], scores[2] - scores[1]].map { $0 / Double(step) }
        let size = zip(slope.values, direction.values).reduce(0) { $0 + abs(Double($1.0) * Double($1.1)) }
        // Beside a kink the two sides differ.
        guard abs(sides[0] - sides[1]) < 2e-3 * (1 + size) else { continue }
        compared += 1
        #expect(abs((sides[0] + sides[1]) / 2 - exact) < 2e-3 * (1 + size), "\(example), \(name)")
      }
    }
    #expect(compared > 0)
  }
}
