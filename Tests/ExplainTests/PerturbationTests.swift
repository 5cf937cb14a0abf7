import Explain
import Models
import Tensors
import TestSupport
import Testing

struct PerturbationTests {
  private static let forms: [[Int]] = [
    [1, 3], [2, 1], [1, 1, 1], [2, 1, 7], [1, 6, 1], [2, 3, 5], [1, 2, 13, 6], [1, 40, 24],
  ]

  /// Every method of this kind, with few samples.
  private func maps(_ function: some ScoreFunction, at x: Tensor) throws -> [Tensor] {
    let methods: [any InputMethod] =
      [
        RISE(samples: 40), LIME(grid: .time, samples: 60), LIME(grid: .frequency, samples: 60),
        LIME(samples: 60), KernelSHAP(samples: 60),
      ]
      + (x.shape.rank > 2
        ? [
          Occlusion(window: [Occlusion.whole, 4], strides: [Occlusion.whole, 2]),
          Occlusion(window: [100, Occlusion.whole]),
        ] : [])
    return try methods.map { try $0.attribute(function, at: x) }
  }

  @Test("Any shape has a finite map of its own shape", arguments: forms)
  func shapes(_ shape: [Int]) throws {
    let x = Tensor.random(Shape(shape), seed: 9)
    for map in try maps(Asked { row in row.reduce(0) { $0 + $1 * $1 } }, at: x) {
      #expect(map.shape == x.shape)
      #expect(map.values.allSatisfy { $0.isFinite })
    }
  }

  @Test("A constant score gives zeros", arguments: forms)
  func constants(_ shape: [Int]) throws {
    let x = Tensor.random(Shape(shape), seed: 9)
    for map in try maps(Asked { _ in 0.7 }, at: x) { #expect(map.values.allSatisfy { $0 == 0 }) }
  }

  @Test("No rows, no map", arguments: [[0, 4, 5], [2, 0, 5]])
  func empty(_ shape: [Int]) throws {
    let x = Tensor(Shape(shape))
    for map in try maps(Asked { _ in 1 }, at: x) { #expect(map.shape == x.shape) }
  }

  @Test("A row's map does not depend on the other rows")
  func rowsApart() throws {
    let x = Tensor.random([3, 6, 5], seed: 3)
    let function = Asked { row in zip(row, row.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 } }
    let (together, alone) = (try maps(function, at: x), try maps(function, at: x.rows(2..<3)))
    for (map, single) in zip(together, alone) { #expect(map.rows(2..<3).values == single.values) }
  }

  @Test("Whole windows: the fall of the score without a few bands, or without a slice of time")
  func wholeWindows() throws {
    let x = Tensor.random([1, 6, 8], seed: 2)
    let weights = Tensor.random([48], seed: 3).values
    let terms = zip(x.values, weights).map { $0 * $1 }
    let function = Asked { row in zip(row, weights).reduce(0) { $0 + $1.0 * $1.1 } }
    let bands = try Occlusion(window: [Occlusion.whole, 2]).attribute(function, at: x).values
    let slices = try Occlusion(window: [3, Occlusion.whole]).attribute(function, at: x).values
    for place in 0..<48 {
      let (frame, band) = (place / 8, place % 8)
      let ofBands = terms.indices.filter { $0 % 8 / 2 == band / 2 }.reduce(0) { $0 + terms[$1] }
      let ofSlice = terms.indices.filter { $0 / 8 / 3 == frame / 3 }.reduce(0) { $0 + terms[$1] }
      #expect(abs(bands[place] - ofBands) < 1e-4)
      #expect(abs(slices[place] - ofSlice) < 1e-4)
    }
  }

  @Test("Segments are equal slices by equal groups", arguments: [(10, 4), (7, 3), (3, 9), (1, 1), (25, 8)])
  func segments(frames: Int, bands: Int) throws {
    let segments = try Segments(
      SegmentGrid(frames: 10, bands: 4), rowsOf: Tensor(Shape([2, 3, frames, bands])))
    #expect(segments.count == min(10, frames) * min(4, bands))
    #expect(Set(segments.labels) == Set(0..<segments.count))
    #expect(
      segments.labels
        == labels(frames: frames, bands: bands, slices: min(10, frames), groups: min(4, bands)))
  }

  @Test(
    "More segments than can be told apart are refused",
    arguments: [(100, 100), (5000, 1), (Int.max, Int.max)])
  func tooMany(frames: Int, bands: Int) throws {
    let x = Tensor([1, 6000, 100])
    let error = #expect(throws: ExplainError.self) {
      try LIME(grid: SegmentGrid(frames: frames, bands: bands)).attribute(Asked { _ in 0 }, at: x)
    }
    #expect("\(error.map { "\($0)" } ?? "")".contains("4096"))
  }

  @Test("Settings reach the methods, and on a clip values add up to the difference from silence")
  func clips() throws {
    let file = HandmadeONNX.linear(["N", 8, 6], .random([48, 2], seed: 4), squared: true)
    let model = try file.model(frontEnd(frames: 8, bands: 6), labels: ["Ouch", "Woof"])
    let listening = try model.listen(toLogMel: .random([20, 6], seed: 4))
    let target = try model.targets(.label("woof"), for: listening)[0]
    var settings = AttributionMethod.Settings()
    settings.segments = [5, 2]
    let explanation = try model.explain(listening, target: target, by: .kernelSHAP, settings)
    let labels = labels(frames: 20, bands: 6, slices: 5, groups: 2)
    let values = try #require(segmentValues(explanation.attribution.values, labels))
    let score = ClipScore(model, score: try NetworkScore(model.network, tensor: model.logits, element: 1))
    let clip = listening.logMel.reshaped(to: [1, 20, 6])
    let difference = try score.scores(at: clip)[0] - score.scores(at: Tensor([1, 20, 6]))[0]
    // Float32 sums of 48 squares.
    #expect(abs(values.reduce(0, +) - difference) < 1e-4)
    #expect(explanation.parameters.contains { $0 == ("segments", "5 of time by 2 of frequency") })
    #expect(explanation.parameters.contains { $0 == ("coalitions", "1022") })
  }

  @Test(
    "Each method has its name",
    arguments: [
      "occlusion-time", "occlusion-bands", "rise", "lime-time", "lime-frequency", "lime", "kernel-shap",
    ])
  func names(_ name: String) throws {
    #expect(try AttributionMethod(named: name).name == name)
  }
}
