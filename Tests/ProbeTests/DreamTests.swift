import Audio
import Graphs
import Models
import Probe
import TestSupport
import Tensors
import Testing

/// Dreams: sizes, zoom, guides, and a whole one.
@Suite struct DreamTests {
  @Test("Octaves are smaller by the same factor each, panel by panel, the picture's own last")
  func octaves() {
    let shape = CanvasShape(frames: 96, panels: [0..<64, 64..<84])
    let shapes = Octaves(count: 4, scale: 1.4).shapes(of: shape)
    #expect(shapes.map(\.frames) == [35, 49, 69, 96])
    #expect(shapes.map { $0.panels[0].count } == [23, 33, 46, 64])
    #expect(shapes.map { $0.panels[1].count } == [8, 10, 14, 20])
    #expect(shapes.last == shape)
    #expect(Octaves(count: 1).shapes(of: shape) == [shape])
    // What is small stays as it is.
    let samples = CanvasShape(frames: 100, bands: 1)
    #expect(Octaves(count: 3, scale: 2).shapes(of: samples).map(\.bands) == [1, 1, 1])
  }

  @Test("Zoom is bilinear with corners on corners, and gradients come back by its transpose")
  func zoom() {
    let (small, large) = (CanvasShape(frames: 3, bands: 2), CanvasShape(frames: 5, bands: 4))
    let zoom = Zoom(from: small, to: large)
    let x = Tensor([1, 3, 2], [0, 3, 4, 7, 8, 11])
    // Linear in both directions: 8 from the first frame to the last, 3 from the first band to the last.
    let known = (0..<20).map { Float($0 / 4) * 2 + Float($0 % 4) }
    #expect(relativeError(zoom(x).values, known) < 1e-6)
    let (a, b) = (numbers([2, 3, 2]), numbers([2, 5, 4], seed: 6))
    func product(_ x: Tensor, _ y: Tensor) -> Double {
      zip(x.values, y.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    #expect(abs(product(zoom(a), b) - product(a, zoom.pullback(b))) < 1e-5)
    #expect(Zoom(from: small, to: small)(a) == a)
  }

  @Test("A guide's place with the largest product is followed")
  func guide() throws {
    let model = try AudioModel(named: "yamnet", threads: 1)
    let layer = try LayerGeometry("layer14.pointwise.relu", of: model)
    let patches = try [1, 2].map { seed in
      try model.network.values(
        of: [layer.tensor],
        at: [model.inputName: model.inputTensor(for: numbers([1, 96, 64], seed: UInt64(seed)))])[0]
    }
    let excitation = Excitation(layer.tensor, [.likeness(Guide(patches[0], layer))])
    let (own, guide) = (layer.maps(patches[1]), layer.maps(patches[0]))
    let seed = layer.maps(excitation.seed(patches[1]))
    var sum = 0.0
    for place in 0..<layer.places {
      let (t, b) = (place / layer.band.count, place % layer.band.count)
      func product(_ other: Int) -> Double {
        (0..<layer.channels).reduce(0) {
          $0 + Double(own[0, $1, t, b])
            * Double(guide[0, $1, other / layer.band.count, other % layer.band.count])
        }
      }
      let best = (0..<layer.places).max { product($0) < product($1) } ?? 0
      sum += product(best)
      for channel in stride(from: 0, to: layer.channels, by: 97) {
        let wanted = guide[0, channel, best / layer.band.count, best % layer.band.count] / Float(layer.places)
        #expect(abs(seed[0, channel, t, b] - wanted) < 1e-6)
      }
    }
    #expect(abs(excitation.values(patches[1])[0] - sum / Double(layer.places)) < 1e-4 * (1 + sum))
  }

  @Test(
    "A dream draws out what it is to, stays in the range, and is as long as the clip; silence can be dreamt upon"
  )
  func wholeDream() throws {
    let model = try AudioModel(named: "yamnet", threads: 1)
    var settings = Dream.Settings()
    (settings.steps, settings.octaves.count) = (6, 2)
    let tone = (0..<20_000).map { Float($0 % 40) / 80 - 0.25 }
    for samples in [tone, [Float](repeating: 0, count: 20_000)] {
      let dream = try SoundDream(model, of: samples)
      let result = try dream.run(try dream.excitation(.layer("layer4.pointwise.relu")), settings, keeping: 3)
      #expect(result.dream.last > result.dream.first)
      #expect(result.dream.picture.shape == dream.picture.shape)
      #expect(result.dream.picture.values.allSatisfy { $0.isFinite })
      #expect(result.dream.curve.count == 12)
      #expect(result.way.count == 3)
      let sound = try #require(result.sound)
      #expect(sound.count == samples.count)
      #expect(sound.allSatisfy { abs($0) <= 1 })
    }
  }
}
