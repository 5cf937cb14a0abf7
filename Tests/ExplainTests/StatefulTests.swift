import Audio
import Explain
import Models
import Tensors
import TestSupport
import Testing

/// A detector with a state, on pictures: a clip is a walk over its patches.
struct StatefulTests {
  private static func golden(_ name: String) -> String {
    #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined() + "/ModelsTests/Golden/stateful/"
      + name
  }

  private func model() throws -> AudioModel { try AudioModel(named: Self.golden("net.onnx"), threads: 1) }

  // Two layers of GRU over four steps in single precision.
  @Test("The scores of a clip are those of ONNX Runtime called step by step")
  func curve() throws {
    let model = try model()
    #expect(model.isStateful && model.inputName == "x" && model.output.tensor == "speech")
    let listening = try model.listen(toLogMel: NumPy.read(Self.golden("picture.npy")))
    let curve = try NumPy.read(Self.golden("curve.npy"))
    #expect(listening.scores.shape == [4, 1] && listening.moments.count == 4)
    for step in 0..<4 { #expect(abs(listening.scores[step, 0] - curve[step]) < 1e-6) }
    #expect(listening.meaning.activation == .sigmoid && listening.meaning.source == .graph)
  }

  private func target(_ text: String, _ model: AudioModel, _ listening: Listening) throws -> Target {
    let choice = try #require(TargetChoice(text))
    return try #require(try model.targets(choice, for: listening).first)
  }

  // Relative to the largest; the peer computes in double precision.
  @Test("A moment's gradient goes back through all steps before it, as autograd's does")
  func gradient() throws {
    let model = try model()
    let picture = try NumPy.read(Self.golden("picture.npy"))
    let listening = try model.listen(toLogMel: picture)
    // The third chunk of 24 ms.
    let third = try target("speech@0.06", model, listening)
    let found = try model.explain(listening, target: third, by: .signedSaliency, .init()).attribution
    let expected = try NumPy.read(Self.golden("gradient.npy"))
    let largest = expected.values.map(abs).max() ?? 0
    #expect(largestDifference(found, expected) < 1e-4 * largest)
    #expect(found.rows(18..<24).values.allSatisfy { $0 == 0 })
    #expect(found.rows(0..<6).values.contains { abs($0) > 0.1 * largest })
  }

  // The oracle listens to clips in which one frame after another is hidden.
  @Test("Occlusion of a mean and of a maximum over steps", arguments: ["speech", "speech@0.03-0.09:max"])
  func occlusion(question: String) throws {
    let model = try model()
    let picture = try NumPy.read(Self.golden("picture.npy"))
    let listening = try model.listen(toLogMel: picture)
    var settings = AttributionMethod.Settings()
    (settings.window, settings.strides, settings.baseline) = ([1, 5], [1, 5], .constant(0))
    let explanation = try model.explain(
      listening, target: target(question, model, listening), by: .occlusion, settings)
    func score(_ picture: Tensor) throws -> Double {
      let logits = try model.listen(toLogMel: picture).logits.values.map(Double.init)
      return question == "speech" ? logits.reduce(0, +) / 4 : logits[1...3].max() ?? 0
    }
    let whole = try score(picture)
    for frame in 0..<24 {
      var hidden = picture
      for band in 0..<5 { hidden[frame, band] = 0 }
      let expected = whole - (try score(hidden))
      #expect(abs(Double(explanation.attribution[frame, 3]) - expected) < 1e-5, "frame \(frame)")
    }
  }

  @Test("Class activation maps and embeddings are refused")
  func refused() throws {
    let model = try model()
    let listening = try model.listen(toLogMel: NumPy.read(Self.golden("picture.npy")))
    let speech = try target("speech", model, listening)
    #expect(throws: ExplainError.self) {
      try model.explain(listening, target: speech, by: .gradCAM, .init())
    }
  }
}
