import Explain
import Files
import Jobs
import Reports
import TestSupport
import Testing

@Suite("What evaluations recommend")
struct RecommendationTests {
  private func recommendation(_ method: String, clips: Int?, mixtures: Int? = 0) -> Recommendation {
    Recommendation(
      otoscope: "0.1.0", model: "net", date: "2026-01-01 00:00", method: method, recommendation: "Use it.",
      foundation: clips.map { Foundation(clips: $0, mixtures: mixtures) })
  }

  /// What is known after `second` was found where `first` was known.
  private func known(after second: Recommendation, over first: Recommendation) throws -> String? {
    try withScratchFolder { folder in
      try WholeFile.write([1, 2, 3], to: "\(folder)/net.onnx")
      let store = RecommendationStore(folder: "\(folder)/kept", bundled: "\(folder)/bundled")
      _ = try store.keep(first, for: "\(folder)/net.onnx")
      _ = try store.keep(second, for: "\(folder)/net.onnx")
      return try store.recommendation(for: "\(folder)/net.onnx", named: "net").method
    }
  }

  @Test(
    "One that rests on few clips does not take the place of one that rests on more",
    arguments: [
      (1, 40, false), (7, 8, false), (8, 40, true), (3, 2, true), (3, 3, true), (40, nil, true),
      (2, nil, false),
    ] as [(Int, Int?, Bool)])
  func replacing(clips: Int, before: Int?, isReplaced: Bool) throws {
    let found = try known(
      after: recommendation("lime", clips: clips), over: recommendation("saliency", clips: before))
    #expect(found == (isReplaced ? "lime" : "saliency"))
  }

  @Test("A bundled one counts as known")
  func bundled() throws {
    try withScratchFolder { folder in
      let model = "\(folder)/net.onnx"
      try WholeFile.write([1, 2, 3], to: model)
      let place = RecommendationStore(folder: "\(folder)/bundled", bundled: "\(folder)/none")
      _ = try place.keep(recommendation("occlusion", clips: 40), for: model)
      let store = RecommendationStore(folder: "\(folder)/kept", bundled: "\(folder)/bundled")
      guard case .outweighed(let present) = try store.keep(recommendation("lime", clips: 1), for: model)
      else {
        Issue.record("a weak recommendation was kept")
        return
      }
      #expect(present.method == "occlusion")
      #expect(try store.recommendation(for: model, named: "net").method == "occlusion")
      _ = try store.keep(recommendation("lime", clips: 9), for: model)
      #expect(try store.recommendation(for: model, named: "net").method == "lime")
    }
  }

  @Test("Files of older versions are read; what they rest on is unknown")
  func old() throws {
    let text =
      #"{"otoscope": "0.1.0", "model": "n", "date": "d", "method": "saliency", "recommendation": "Use it."}"#
    let old = try RecordCoding.read(Recommendation.self, from: text.utf8)
    #expect(old.restsOn.clips == nil && !old.restsOn.isWeak)
    #expect(old.sentence.contains("an unknown number of clips"))
  }

  @Test("A model that changes has no recommendation any more, though its path is the same")
  func changed() throws {
    try withScratchFolder { folder in
      let model = "\(folder)/net.onnx"
      let store = RecommendationStore(folder: "\(folder)/kept", bundled: "\(folder)/bundled")
      try WholeFile.write([1, 2, 3], to: model)
      _ = try store.keep(recommendation("lime", clips: 9), for: model)
      _ = try store.recommendation(for: model, named: "net")
      try WholeFile.write([1, 2, 3, 4], to: model)
      #expect(throws: RecommendationError.self) { try store.recommendation(for: model, named: "net") }
    }
  }

  @Test("What it rests on is said")
  func words() {
    #expect(Foundation(clips: 1).sentence.hasPrefix("This is weak: it rests on 1 clip, "))
    #expect(
      Foundation(clips: 40, mixtures: 12, annotated: 1).sentence
        == "It rests on 40 clips, 12 mixtures and 1 annotated sound.")
  }
}
