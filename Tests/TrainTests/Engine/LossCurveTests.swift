import Glibc
import Graphs
import Models
import Tensors
import Testing
import Train

/// Fifty steps of SB-CNN from the same weights on the same batches as PyTorch takes them (Benchmarks/loss_curve.py).
struct LossCurveTests {
  private static let steps = 50
  private static let rows = 16
  private static let golden = "\(#filePath)".replacingSuffix(
    "Engine/LossCurveTests.swift", by: "Golden/loss-curve.npz")

  private func network() throws -> ONNXFile {
    try Architecture.sbCNN.network(classes: 10, frontEnd: nil, isMultiLabel: false, seed: 7)
  }

  /// Noise of ±1, and half a step more in a tenth of the bands that tells the class.
  private func batch(_ step: Int) -> (inputs: Tensor, targets: Tensor) {
    let inputs = Tensor(unsafeUninitialized: [Self.rows, 1, 128, 128]) { values in
      for place in values.indices {
        var h = UInt64(place) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(step) &* 0xBF58_476D_1CE4_E5B9
        h = (h ^ h >> 31) &* 0x94D0_49BB_1331_11EB
        let noise = Float(h >> 40) / 0x1p23 - 1
        values[place] = noise + (place % 128 / 13 == label(step, place >> 14) ? 0.5 : 0)
      }
    }
    var targets = Tensor([Self.rows, 10])
    targets.withUnsafeMutableValues { values in
      for row in 0..<Self.rows { values[row * 10 + label(step, row)] = 1 }
    }
    return (inputs, targets)
  }

  private func label(_ step: Int, _ row: Int) -> Int { (7 * step + row) % 10 }

  private func losses() throws -> [Float] {
    // Without its dropouts, whose masks no two libraries draw alike.
    let graph = try network().model(from: "sb-cnn.onnx").graph.simplified()
    let step = try TrainingStep(
      graph, input: graph.inputs[0].name, logits: "logits", loss: .crossEntropy, optimizer: .sgd(),
      example: [1, 128, 128], classes: 10, threads: 2)
    return try (0..<Self.steps).map { number in
      let (inputs, targets) = batch(number)
      return Float(
        try step.take(
          inputs, targets: targets, classWeights: Tensor([10], repeating: 1), rate: { _ in 0.001 }, seed: 0
        ).loss)
    }
  }

  /// PyTorch's own float32 is 9e-5 from its float64: rounding, carried on by fifty steps of momentum. At ten times the rate
  /// the two part by 2 %.
  @Test("the losses are PyTorch's to a thousandth")
  func curve() throws {
    let expected = try #require(try NumPy.readArchive(Self.golden)["losses"]).values
    let own = try losses()
    #expect(expected.count == Self.steps)
    for (step, (a, b)) in zip(own, expected).enumerated() {
      #expect(abs(a - b) <= 1e-3 * abs(b), "step \(step): \(a), PyTorch \(b)")
    }
    #expect(own[Self.steps - 1] < 0.97 * own[0])
  }

  @Test(
    "the network and its losses, written to the folder in OTOSCOPE_CURVE",
    .enabled(if: getenv("OTOSCOPE_CURVE") != nil))
  func write() throws {
    let folder = String(cString: try #require(getenv("OTOSCOPE_CURVE")))
    try network().write(to: "\(folder)/sb-cnn.onnx")
    try NumPy.write(Tensor([Self.steps], try losses()), to: "\(folder)/ours.npy")
  }
}

extension String {
  fileprivate func replacingSuffix(_ suffix: String, by other: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) + other : self
  }
}
