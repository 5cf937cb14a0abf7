import Audio
import Explain
import Glibc
import Graphs
import Models
import Tensors
import TestSupport
import Testing

struct AudioLIMETests {
  /// A low and a high tone, at 8 kHz.
  private let samples = (0..<8000).map { place in
    let angle = 2 * Float.pi * Float(place) / 8000
    return 0.3 * sinf(300 * angle) + 0.3 * sinf(3000 * angle)
  }

  /// A model whose one logit is the weighted sum of a patch's bins.
  private func model(_ weightOfBand: (Int) -> Float) throws -> AudioModel {
    let weights = (0..<20 * 8).map { weightOfBand($0 % 8) }
    return try HandmadeONNX.linear(["N", 20, 8], Tensor([160, 1], weights)).model(
      frontEnd(frames: 20, bands: 8), labels: ["High"])
  }

  @Test("The component that the logit reads gets the largest coefficient, and its bins the largest values")
  func findsTheTone() throws {
    let model = try model { $0 == 7 ? 0.1 : 0 }
    let score = try NetworkScore(model.network, tensor: model.logits, element: 0)
    let (map, components) = try AudioLIME().attribute(model, score, at: samples)
    #expect(map.shape == model.frontEnd.logMel(samples).shape)
    #expect(components.count == 8)
    let largest = try #require(components.max { $0.coefficient < $1.coefficient })
    #expect(largest.name == "harmonic, 2220–4000 Hz")
    #expect(
      components.filter { $0.name != largest.name }.allSatisfy {
        5 * abs($0.coefficient) < largest.coefficient
      })
    for frame in 10..<200 { #expect(map[frame, 7] > 5 * abs(map[frame, 0])) }
  }

  @Test(
    "Of stems that are given, and what they leave, the one that the logit reads gets the largest coefficient")
  func findsTheStem() throws {
    let model = try model { $0 == 7 ? 0.1 : 0 }
    let listening = try model.listen(to: samples)
    let target = try model.targets(.index(0), for: listening)[0]
    var settings = AttributionMethod.Settings()
    let low = (0..<8000).map { 0.3 * sinf(2 * Float.pi * 300 * Float($0) / 8000) }
    settings.stems = [Stem(name: "low.wav", samples: low)]
    let explanation = try model.explain(listening, target: target, by: .audioLIME, settings)
    let coefficients = explanation.parameters.filter { $0.name.hasPrefix("component ") }
    #expect(coefficients.map(\.name) == ["component low.wav", "component the rest"])
    let values = try coefficients.map { try #require(Double($0.value.prefix { $0 != " " })) }
    #expect(values[1] > 20 * abs(values[0]))
    for frame in 10..<200 {
      #expect(explanation.attribution[frame, 7] > 5 * abs(explanation.attribution[frame, 0]))
    }
  }

  @Test("Through explain, from the samples; the same again; every component reported")
  func clips() throws {
    let model = try model { Float($0) }
    let listening = try model.listen(to: samples)
    let target = try model.targets(.index(0), for: listening)[0]
    let first = try model.explain(listening, target: target, by: .audioLIME, .init())
    #expect(first.attribution.shape == listening.logMel.shape)
    #expect(first.parameters.count { $0.name.hasPrefix("component ") } == 8)
    #expect(
      try model.explain(listening, target: target, by: .audioLIME, .init()).attribution == first.attribution)
  }

  @Test("A constant logit gives zeros, silence nothing that is not a number", arguments: [0, 1, 3000])
  func degenerate(count: Int) throws {
    let constant = try model { _ in 0 }
    let score = try NetworkScore(constant.network, tensor: constant.logits, element: 0)
    #expect(try AudioLIME().attribute(constant, score, at: samples).map.values.allSatisfy { $0 == 0 })
    let model = try model { _ in 1 }
    let silence = [Float](repeating: 0, count: count)
    let ofSilence = try NetworkScore(model.network, tensor: model.logits, element: 0)
    let map = try AudioLIME().attribute(model, ofSilence, at: silence).map
    #expect(map.values.allSatisfy { $0 == 0 })
  }

  @Test("A picture has no components: said so")
  func pictures() throws {
    let model = try model { _ in 1 }
    let score = try NetworkScore(model.network, tensor: model.logits, element: 0)
    let listening = try model.listen(toLogMel: Tensor([20, 8]))
    let target = try model.targets(.index(0), for: listening)[0]
    let asks: [() throws -> Void] = [
      { _ = try AttributionMethod.audioLIME.attribute(score, at: Tensor([1, 20, 8]), .init()) },
      { _ = try model.explain(listening, target: target, by: .audioLIME, .init()) },
    ]
    for ask in asks {
      let error = #expect(throws: ExplainError.self) { try ask() }
      #expect("\(error.map { "\($0)" } ?? "")".contains("audio-lime"))
    }
  }
}
