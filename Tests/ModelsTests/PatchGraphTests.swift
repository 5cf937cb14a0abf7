import Audio
import FoundationEssentials
import Graphs
import Models
import Tensors
import TestSupport
import Testing

/// The steps on a patch as a graph: it gives what the front end gives, and its way back is the derivative.
struct PatchGraphTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var steps: String
    var channels = 1
    var testDescription: String { steps }
  }

  static let cases: [Case] =
    [
      "", "{\"kind\": \"affine\", \"scale\": 0.25, \"shift\": 4}",
      "{\"kind\": \"statistics\", \"mean\": 0.1, \"deviation\": 3}",
      "{\"kind\": \"statistics\", \"mean\": [1, 2, 3, 4, 5], \"deviation\": [5, 4, 3, 2, 1]}",
      "{\"kind\": \"standardise\"}", "{\"kind\": \"standardise\", \"over\": \"band\", \"unbiased\": true}",
      "{\"kind\": \"standardise\", \"over\": \"frame\", \"epsilon\": 0.1, \"guard\": \"added-to-variance\"}",
      "{\"kind\": \"standardise\", \"epsilon\": 0.05}",
      "{\"kind\": \"standardise\", \"over\": \"band\", \"epsilon\": 0.3, \"guard\": \"least\"}",
      "{\"kind\": \"standardise\", \"centre\": false}", "{\"kind\": \"standardise\", \"scale\": false}",
      "{\"kind\": \"subtract-maximum\"}", "{\"kind\": \"raise-to-range\", \"range\": 0.7}",
      "{\"kind\": \"unit-range\"}", "{\"kind\": \"unit-range\", \"epsilon\": 0.2}",
      "{\"kind\": \"unit-peak\"}",
      "{\"kind\": \"clip\", \"lowest\": -0.2, \"highest\": 0.3}",
      "{\"kind\": \"cepstra\", \"count\": 4, \"lifter\": 22}",
      "{\"kind\": \"resize\", \"frames\": 17, \"bands\": 3}",
      "{\"kind\": \"resize\", \"frames\": 4, \"bands\": 11}",
      "{\"kind\": \"resize\", \"frames\": 20, \"bands\": 2, \"mode\": \"nearest\"}",
      "{\"kind\": \"cut\", \"frames\": 7}",
      "{\"kind\": \"flip\"}", "{\"kind\": \"flip\", \"axis\": \"frames\"}",
      "{\"kind\": \"copies\", \"channels\": 3}",
      "{\"kind\": \"deltas\", \"width\": 5, \"orders\": 2, \"method\": \"slopes\"}",
      "{\"kind\": \"deltas\", \"width\": 5, \"orders\": 2, \"method\": \"fitted\"}",
    ].map { Case(steps: $0) } + [
      Case(steps: "{\"kind\": \"unit-range\"}, {\"kind\": \"colours\", \"map\": \"magma\"}"),
      Case(
        steps: "{\"kind\": \"copies\", \"channels\": 3}, "
          + "{\"kind\": \"channel-statistics\", \"mean\": [1, 2, 3], \"deviation\": [3, 2, 1]}"),
      Case(steps: "", channels: 2),
      Case(steps: "{\"kind\": \"standardise\"}, {\"kind\": \"flip\"}", channels: 3),
      Case(steps: "{\"kind\": \"deltas\", \"width\": 3, \"method\": \"slopes\"}", channels: 2),
    ]

  private func frontEnd(_ steps: String) throws -> FrontEnd {
    let json =
      """
      {"preset": "yamnet", "mel": {"bands": 5},
       "patch": {"frames": 12, "hop": 6, "tail": "pad-to-hop", "steps": [\(steps)]}}
      """
    return try JSONDecoder().decode(FrontEnd.self, from: Data(json.utf8))
  }

  private func noise(_ count: Int, seed: UInt64) -> [Float] {
    var generator = SplitMix64(seed: seed)
    return (0..<count).map { _ in Float.random(in: -0.5...0.5, using: &generator) }
  }

  // Values of about 1, some ten operations in float32 and oneDNN's own square roots.
  @Test("It gives what the front end gives", arguments: cases)
  func agrees(_ example: Case) throws {
    let frontEnd = try frontEnd(example.steps)
    let patches = Tensor([3, 12, 5 * example.channels], noise(180 * example.channels, seed: 1))
    let expected = frontEnd.inputs(of: patches)
    let network = Network(try PatchGraph.graph(frontEnd, channels: example.channels), threads: 1)
    let made = try network.values(of: [PatchGraph.output], at: [PatchGraph.input: patches])[0]
    #expect(made.shape == expected.shape)
    #expect(relativeError(made, expected) < 1e-5)
  }

  // Steps of 1e-3 along the gradient: the patches' rounding is 1e-4 of the difference, and kinks are one value of many.
  @Test("Its way back is the derivative of what the front end gives", arguments: cases)
  func differences(_ example: Case) throws {
    let frontEnd = try frontEnd(example.steps)
    let patches = Tensor([1, 12, 5 * example.channels], noise(60 * example.channels, seed: 2))
    let made = frontEnd.inputs(of: patches)
    let seed = Tensor(made.shape, noise(made.count, seed: 3))
    let network = Network(try PatchGraph.graph(frontEnd, channels: example.channels), threads: 1)
    let gradient = try network.gradients(
      of: PatchGraph.output, seed: seed, withRespectTo: [PatchGraph.input], at: [PatchGraph.input: patches]
    ).gradients[0].values
    func loss(_ values: [Float]) -> Double {
      zip(frontEnd.inputs(of: Tensor(patches.shape, values)).values, seed.values)
        .reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let length = gradient.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    let step = Float(1e-3 / length)
    let (up, down) = (
      zip(patches.values, gradient).map { $0 + step * $1 },
      zip(patches.values, gradient).map { $0 - step * $1 }
    )
    let exact = zip(zip(up, down), gradient).reduce(0) {
      $0 + (Double($1.0.0) - Double($1.0.1)) * Double($1.1)
    }
    let found = loss(up) - loss(down)
    #expect(abs(found - exact) < 1e-2 * abs(exact), "\(found) against \(exact)")
  }

  @Test("Colours of 256 entries have the slope of lines between them")
  func steppedColours() throws {
    let frontEnd = try frontEnd("{\"kind\": \"colours\", \"map\": \"gray\", \"interpolated\": false}")
    let network = Network(try PatchGraph.graph(frontEnd), threads: 1)
    let patches = Tensor([1, 12, 5], repeating: 0.3)
    let gradient = try network.gradients(
      of: PatchGraph.output, seed: Tensor([1, 3, 12, 5], repeating: 1), withRespectTo: [PatchGraph.input],
      at: [PatchGraph.input: patches]
    ).gradients[0]
    #expect(gradient.values.allSatisfy { abs($0 - 3) < 1e-4 })
  }

  @Test("A constant patch has a derivative without a number that is none", arguments: cases)
  func constant(_ example: Case) throws {
    let frontEnd = try frontEnd(example.steps)
    let network = Network(try PatchGraph.graph(frontEnd, channels: example.channels), threads: 1)
    let patches = Tensor([1, 12, 5 * example.channels])
    let shape = frontEnd.inputs(of: patches).shape
    let (gradients, values) = try network.gradients(
      of: PatchGraph.output, seed: Tensor(shape, repeating: 1), withRespectTo: [PatchGraph.input],
      alongside: [PatchGraph.output], at: [PatchGraph.input: patches])
    #expect(gradients[0].values.allSatisfy { $0.isFinite } && values[0].values.allSatisfy { $0.isFinite })
  }

  @Test(
    "The steps of presets give what the front end gives",
    arguments: ["whisper", "ast", "crepe", "opensoundscape"])
  func presets(_ name: String) throws {
    let frontEnd = try FrontEnd.preset(named: name)
    let samples = (0..<20000).map { Float($0 % 97) / 97 - 0.5 }
    let patches = frontEnd.patches(of: frontEnd.logMel(samples)).rows(0..<1)
    let network = Network(try PatchGraph.graph(frontEnd), threads: 1)
    let made = try network.values(of: [PatchGraph.output], at: [PatchGraph.input: patches])[0]
    #expect(relativeError(made, frontEnd.inputs(of: patches)) < 1e-5)
  }
}
