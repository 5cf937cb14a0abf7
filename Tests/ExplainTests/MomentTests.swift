import Audio
import Explain
import Glibc
import Models
import Tensors
import TestSupport
import Testing

/// Targets at a moment or over a stretch of time.
struct MomentTests {
  private static let spans: [(text: String, span: TimeSpan?)] = [
    ("2.3", TimeSpan(2.3, 2.3)), ("2.3-2.8", TimeSpan(2.3, 2.8)), ("0-1:max", TimeSpan(0, 1, .maximum)),
    ("1:lse", TimeSpan(1, 1, .logSumExp)), ("1-2:mean", TimeSpan(1, 2)), ("2-1", nil), ("a", nil), ("", nil),
    ("1:median", nil), ("1-2-3", nil), ("-1", nil), ("1:", nil), ("nan", nil), ("1e999", nil),
  ]

  @Test("A stretch of time as a user says it", arguments: spans)
  func parsing(text: String, span: TimeSpan?) { #expect(TimeSpan(text) == span) }

  @Test("A target with a stretch of time; a text that is none is a label")
  func choices() throws {
    let dog = TargetChoice.during(TimeSpan(1, 2), .label("Dog"), text: "Dog@1-2")
    #expect(TargetChoice("Dog@1-2") == dog)
    #expect(TargetChoice("top:2@1:max") == .during(TimeSpan(1, 1, .maximum), .top(2), text: "top:2@1:max"))
    #expect(TargetChoice("3@1") == .during(TimeSpan(1, 1), .index(3), text: "3@1"))
    #expect(TargetChoice("a@b") == .label("a@b"))
    #expect(TargetChoice("top:0@1") == nil)
  }

  // Frames of 32 samples at 8 kHz last 4 ms, and the first one's window of 64 samples is centred on 4 ms.
  private static let (frames, bands, classes) = (6, 5, 3)
  private let weights = Tensor.random([5, 3], seed: 5)
  private let picture = Tensor.random([12, 5], seed: 6)

  /// One row of class scores a frame: the squares of its bands times the weights.
  private func frameWise(_ labels: [String]? = nil, classesFirst: Bool = false) throws -> AudioModel {
    var file = HandmadeONNX(input: "sound", ["N", 6, 5])
    file.add("Mul", ["sound", "sound"], "squares")
    file.add("MatMul", ["squares"], "logits", weights: [weights])
    if classesFirst { file.add("Transpose", ["logits"], "turned", ["perm": [0, 2, 1]]) }
    return try file.model(frontEnd(frames: 6, bands: 5), labels: labels)
  }

  /// The score of a class at a frame.
  private func frameScore(_ x: [Float], _ frame: Int, _ index: Int) -> Double {
    (0..<Self.bands).reduce(0.0) { sum, band in
      let value = Double(x[frame * Self.bands + band])
      return sum + value * value * Double(weights[band, index])
    }
  }

  /// The frames of all moments in a stretch: each patch of 6 frames, 3 apart, has one for each of its frames.
  private func momentFrames(_ span: TimeSpan) -> [Int] {
    [0, 3, 6].flatMap { start in
      (start..<start + 6).filter { frame in
        let (from, to) = (max(0, 0.004 * Double(frame) + 0.002), 0.004 * Double(frame) + 0.006)
        return span.start == span.end
          ? from <= span.start && span.start < to : from < span.end && to > span.start
      }
    }
  }

  /// The pooled score, as a student would write it.
  private func oracle(_ x: [Float], _ span: TimeSpan, _ index: Int) -> Double {
    let scores = momentFrames(span).map { frameScore(x, $0, index) }
    switch span.pooling {
    case .mean: return scores.reduce(0, +) / Double(scores.count)
    case .maximum: return scores.max() ?? 0
    case .logSumExp: return log(scores.reduce(0) { $0 + exp($1) })
    }
  }

  @Test("Frame-wise results are moments of classes, not more classes", arguments: [false, true])
  func layout(classesFirst: Bool) throws {
    let model = try frameWise(classesFirst: classesFirst)
    #expect(model.classCount == 3 && model.output.layout.moments == 6)
    #expect(model.momentRule == .receptiveFields)
    let listening = try model.listen(toLogMel: picture)
    #expect(listening.logits.shape == [18, 3] && listening.moments.count == 18)
    for (row, frame) in [0, 3, 6].flatMap({ $0..<$0 + 6 }).enumerated() {
      let moment = listening.moments[row]
      #expect(abs(moment.start - (0.004 * Double(frame) + 0.002)) < 1e-9)
      #expect(abs(moment.end - (0.004 * Double(frame) + 0.006)) < 1e-9)
      for index in 0..<3 {
        // Five products in single precision.
        #expect(abs(Double(listening.logits[row, index]) - frameScore(picture.values, frame, index)) < 1e-5)
      }
    }
    let means = (0..<3).map { index in
      [0, 3, 6].flatMap { $0..<$0 + 6 }.reduce(0.0) { $0 + frameScore(picture.values, $1, index) } / 18
    }
    for index in 0..<3 { #expect(abs(Double(listening.clipScores[index]) - means[index]) < 1e-5) }
  }

  private static let questions: [TimeSpan] = [
    TimeSpan(0.021, 0.021), TimeSpan(0.012, 0.03), TimeSpan(0.012, 0.03, .maximum),
    TimeSpan(0.012, 0.03, .logSumExp), TimeSpan(0, 1, .logSumExp),
  ]

  private func target(_ text: String, _ model: AudioModel, _ listening: Listening) throws -> Target {
    let choice = try #require(TargetChoice(text))
    return try #require(try model.targets(choice, for: listening).first)
  }

  private func target(_ span: TimeSpan, _ model: AudioModel, _ listening: Listening) throws -> Target {
    try #require(try model.targets(.during(span, .index(1), text: ""), for: listening).first)
  }

  // Differences in double precision of a function that is quadratic between the kinks, which are far away; the gradients
  // are sums of a few products of order 1 in single precision.
  @Test("Gradients of pooled moments are exact", arguments: questions)
  func gradients(span: TimeSpan) throws {
    let model = try frameWise()
    let listening = try model.listen(toLogMel: picture)
    let explanation = try model.explain(
      listening, target: target(span, model, listening), by: .signedSaliency, .init())
    let values = picture.values
    for place in values.indices {
      var (above, below) = (values, values)
      above[place] += 1e-2
      below[place] -= 1e-2
      let step = Double(above[place]) - Double(below[place])
      let expected = (oracle(above, span, 1) - oracle(below, span, 1)) / step
      #expect(abs(Double(explanation.attribution.values[place]) - expected) < 2e-4, "place \(place)")
    }
    let frames = Set(momentFrames(span))
    for place in values.indices where !frames.contains(place / Self.bands) {
      #expect(explanation.attribution.values[place] == 0)
    }
  }

  // The score of the clip less that of one frame hidden, in single precision.
  @Test("Occlusion of a moment hides one frame after another", arguments: questions)
  func occlusion(span: TimeSpan) throws {
    let model = try frameWise()
    let listening = try model.listen(toLogMel: picture)
    var settings = AttributionMethod.Settings()
    (settings.window, settings.strides) = ([1, 5], [1, 5])
    let explanation = try model.explain(
      listening, target: target(span, model, listening), by: .occlusion, settings)
    for frame in 0..<12 {
      var hidden = picture.values
      for band in 0..<5 { hidden[frame * 5 + band] = 0 }
      let expected = oracle(picture.values, span, 1) - oracle(hidden, span, 1)
      #expect(abs(Double(explanation.attribution[frame, 2]) - expected) < 1e-4, "frame \(frame)")
    }
  }

  @Test("DeepLIFT shares out a mean; a maximum it refuses")
  func multipliers() throws {
    let model = try frameWise()
    let listening = try model.listen(toLogMel: picture)
    let span = TimeSpan(0.012, 0.03)
    let shared = try model.explain(listening, target: target(span, model, listening), by: .deepLIFT, .init())
    // Complete: silence is 0 here, and the score of nothing is 0.
    let sum = shared.attribution.values.reduce(0) { $0 + Double($1) }
    #expect(abs(sum - oracle(picture.values, span, 1)) < 1e-4)
    #expect(throws: ExplainError.self) {
      let highest = try target(TimeSpan(0.012, 0.03, .maximum), model, listening)
      _ = try model.explain(listening, target: highest, by: .deepLIFT, .init())
    }
  }

  @Test("What is reported is the mean or the highest of the moments; beyond the end there is nothing")
  func reported() throws {
    let model = try frameWise(["a", "a@0.02", "b"])
    let listening = try model.listen(toLogMel: picture)
    let scores = momentFrames(TimeSpan(0.012, 0.03)).map { frameScore(picture.values, $0, 0) }
    func value(_ text: String) throws -> Target { try target(text, model, listening) }
    let mean = scores.reduce(0, +) / Double(scores.count)
    #expect(abs(Double(try value("a@0.012-0.03").probability) - mean) < 1e-5)
    #expect(abs(Double(try value("A@0.012-0.03:max").probability) - (scores.max() ?? 0)) < 1e-5)
    #expect(try value("a@0.012-0.03:max").label == "a at 0.012-0.03 s (max)")
    // A label that reads like a question goes first.
    #expect(try value("a@0.02").index == 1 && value("a@0.02").span == nil)
    #expect(throws: ExplainError.self) { try value("b@7") }
    #expect(throws: ModelError.self) { try value("c@0.02") }
  }

  @Test("Of a network without results in time, a moment is a patch")
  func patches() throws {
    let weights = Tensor.random([30, 2], seed: 8)
    let model = try HandmadeONNX.linear(["N", 6, 5], weights).model(frontEnd(frames: 6, bands: 5))
    let listening = try model.listen(toLogMel: picture)
    #expect(model.momentRule == .patches && listening.moments.count == 3)
    // Frames 9 to 11 lie in the last patch alone.
    let late = try target("1@0.045", model, listening)
    let explanation = try model.explain(listening, target: late, by: .signedSaliency, .init())
    for frame in 0..<12 {
      for band in 0..<5 {
        let expected = frame < 6 ? 0 : weights[(frame - 6) * 5 + band, 1]
        #expect(abs(explanation.attribution[frame, band] - expected) < 1e-6)
      }
    }
  }

  @Test("A class activation map of a moment covers its patches alone")
  func maps() throws {
    var file = HandmadeONNX(input: "sound", ["N", 1, 6, 5])
    file.add(
      "Conv", ["sound"], "layer", weights: [Tensor.random([4, 1, 1, 1], seed: 2)], ["pads": [0, 0, 0, 0]])
    file.classify("layer", Tensor.random([4, 3], seed: 3))
    let model = try file.model(frontEnd(frames: 6, bands: 5))
    let listening = try model.listen(toLogMel: picture)
    let late = try target("1@0.045", model, listening)
    for method in [AttributionMethod.gradCAM, .scoreCAM] {
      let map = try model.explain(listening, target: late, by: method, .init()).attribution
      let alone = try model.explain(
        model.listen(toLogMel: picture.rows(6..<12)), target: late.withoutSpan(model), by: method, .init()
      ).attribution
      #expect(map.rows(0..<6).values.allSatisfy { $0 == 0 })
      #expect(largestDifference(map.rows(6..<12), alone) < 1e-5)
    }
  }

  @Test("Segments: where a class is the highest, or above a threshold")
  func segments() throws {
    let model = try frameWise()
    let listening = try model.listen(toLogMel: picture)
    let segments = listening.segments()
    // Every instant has one class that is highest, and the segments follow one another.
    #expect(segments.first?.start == 0.002 && abs((segments.last?.end ?? 0) - 0.05) < 1e-9)
    for (a, b) in zip(segments, segments.dropFirst()) { #expect(a.end == b.start && a.index != b.index) }
    for segment in segments {
      let frame = Int(((segment.start - 0.002) / 0.004).rounded())
      let scores = (0..<3).map { frameScore(picture.values, frame, $0) }
      #expect(scores[segment.index] == scores.max())
    }
    let loud = listening.segments(threshold: 0.25)
    for segment in loud { #expect(segment.score >= 0.25 && segment.peak >= segment.score) }
    let frames = (0..<12).filter { frameScore(picture.values, $0, 2) >= 0.25 }
    let seconds = loud.filter { $0.index == 2 }.reduce(0) { $0 + $1.end - $1.start }
    #expect(abs(seconds - 0.004 * Double(frames.count)) < 1e-9)
  }
}

extension Target {
  /// The same class over a whole clip.
  fileprivate func withoutSpan(_ model: AudioModel) throws -> Target {
    let listening = try model.listen(toLogMel: Tensor([6, 5]))
    return try #require(try model.targets(.index(index), for: listening).first)
  }
}
