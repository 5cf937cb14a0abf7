import Audio
import Explain
import Models
import Tensors
import Testing

@Suite("Explanations of whole clips by YAMNet")
struct ClipTests {
  private static let sounds =
    #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } + "/Data/sounds"

  private static func model() throws -> AudioModel {
    try AudioModel(named: sounds.replacingLast("sounds", by: "models/yamnet.onnx"), threads: 2)
  }

  private static func samples(_ name: String) throws -> [Float] {
    let recording = try Recording.read("\(sounds)/\(name)")
    return try Recording(channels: [recording.mono], sampleRate: recording.sampleRate).resampled(to: 16000)
      .mono
  }

  private static func target(_ index: Int, _ listening: Listening, _ model: AudioModel) throws -> Target {
    try #require(try model.targets(.index(index), for: listening).first)
  }

  @Test("A clip's saliency is the derivative of its score")
  func finiteDifferences() throws {
    let model = try Self.model()
    // Seven seconds: a dog, and the beginning of a rooster.
    let clip = Array((try Self.samples("dog.mp3") + Self.samples("rooster.mp3")).prefix(7 * 16000))
    let listening = try model.listen(to: clip)
    let settings = AttributionMethod.Settings()
    let saliency = try model.explain(
      listening, target: try Self.target(69, listening, model), by: .signedSaliency, settings
    ).attribution
    let score = ClipScore(model, score: try NetworkScore(model.network, tensor: model.logits, element: 69))
    let picture = Shape([1] + listening.logMel.shape.dimensions)
    let largest = Double(saliency.values.map(abs).max() ?? 0)
    var state: UInt64 = 7
    var errors: [Double] = []
    for _ in 0..<20 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let place = Int(state >> 33) % listening.logMel.count
      // Long steps cross kinks of the ReLUs, short ones drown in rounding; the best of some tells.
      let error =
        try [0.02, 0.05, 0.1, 0.2].map { (step: Float) -> Double in
          var (up, down) = (listening.logMel, listening.logMel)
          up.withUnsafeMutableValues { $0[place] += step }
          down.withUnsafeMutableValues { $0[place] -= step }
          let scores = try score.scores(
            at: Tensor(joining: [up.reshaped(to: picture), down.reshaped(to: picture)]))
          return abs(Double(scores[0] - scores[1]) / Double(2 * step) - Double(saliency.values[place]))
        }.min() ?? .infinity
      errors.append(error / largest)
    }
    // The largest derivatives are near 4e-3. A logit near 1 has a rounding error of some 1e-7, so a difference over a
    // step of 0.05 one of 1e-5, and the ReLUs that the step crosses add as much: 0.8 % at the worst of these bins. A
    // wrong share of a patch, or a frame put wrongly, is off by tens of percents.
    #expect(
      errors.max() ?? 1 < 1e-2, "largest error, as a share of the largest derivative: \(errors.max() ?? 1)")
  }

  @Test(
    "Grad-CAM finds each class in its own half of a mixture",
    arguments: [
      ("dog.mp3", 69, "rooster.mp3", 94), ("rooster.mp3", 94, "dog.mp3", 69), ("cow.mp3", 86, "dog.mp3", 69),
    ])
  func mixtures(first: String, firstClass: Int, second: String, secondClass: Int) throws {
    let model = try Self.model()
    let (a, b) = (try Self.samples(first), try Self.samples(second))
    let listening = try model.listen(to: a + b)
    let border = Int(model.frontEnd.frame(at: Double(a.count) / 16000).rounded(.up))
    for (index, isFirst) in [(firstClass, true), (secondClass, false)] {
      let map = try model.explain(
        listening, target: try Self.target(index, listening, model), by: .gradCAM, .init()
      ).attribution
      let before = map.rows(0..<border).values.reduce(0, +)
      let all = map.values.reduce(0, +)
      let share = isFirst ? before / all : 1 - before / all
      #expect(share > 0.7, "\(model.label(index)) has \(share) of its mass in its own half")
    }
  }

  @Test("Targets: the most probable, by label in any case, by index; wrong ones are named")
  func targets() throws {
    let model = try Self.model()
    let listening = try model.listen(to: try Self.samples("dog.mp3"))
    #expect(try model.targets(.top(3), for: listening).count == 3)
    #expect(try model.targets(.label("dog"), for: listening).map(\.index) == [69])
    #expect(try model.targets(.index(69), for: listening).map(\.label) == ["Dog"])
    #expect(throws: ModelError.self) { try model.targets(.index(521), for: listening) }
    let error = #expect(throws: ModelError.self) { try model.targets(.label("Dogg"), for: listening) }
    #expect("\(error.map { "\($0)" } ?? "")".contains("'Dog'"))
    #expect(TargetChoice("top:0") == nil)
  }

  @Test("The mask lies in 0...1 and its largest values are heard in full")
  func mask() throws {
    let model = try Self.model()
    let listening = try model.listen(to: try Self.samples("misc_crow.flac"))
    let explanation = try model.explain(
      listening, target: try Self.target(listening.ranking[0], listening, model), by: .saliency, .init())
    let mask = explanation.mask.values
    #expect(mask.allSatisfy { (0...1).contains($0) } && mask.max() == 1)
  }
}

extension String {
  fileprivate func replacingLast(_ part: String, by other: String) -> String {
    hasSuffix(part) ? String(dropLast(part.count)) + other : self
  }
}
