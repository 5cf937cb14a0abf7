import Audio
import Graphs
import Models
import Probe
import TestSupport
import Tensors
import Testing

/// Places of layers on the patch that they see.
@Suite struct LayerGeometryTests {
  @Test("YAMNet's first layer sees frames 10 ms apart, its places every second one of them")
  func firstLayerOfYAMNet() throws {
    let model = try AudioModel(named: "yamnet", threads: 1)
    let outline = try LayerOutline(model.network, upTo: model.logits)
    let first = try LayerGeometry(try #require(outline.layers.first).tensor, of: model)
    #expect(first.channels == 32)
    #expect((first.time.count, first.band.count) == (48, 32))
    #expect(first.time.size == 3)
    #expect(first.time.centres[1] - first.time.centres[0] == 2)
    #expect(first.band.range(of: 0, within: 64).lowerBound == 0)
    let logits = try LayerGeometry(model.logits, of: model)
    #expect((logits.channels, logits.places) == (521, 1))
    #expect(logits.time.range(of: 0, within: 96) == 0..<96)
  }

  @Test("A layer's maps are its values with the channels first")
  func maps() throws {
    let model = try AudioModel(named: "yamnet", threads: 1)
    let layer = try LayerGeometry(
      try #require(LayerOutline(model.network, upTo: model.logits).layers.first).tensor, of: model)
    let input = model.inputTensor(for: Tensor([2, 96, 64], (0..<2 * 96 * 64).map { Float($0 % 13) }))
    let values = try model.network.values(of: [layer.tensor], at: [model.inputName: input])[0]
    let maps = layer.maps(values)
    #expect(maps.shape == [2, 32, 48, 32])
    #expect(Set(maps.values) == Set(values.values))
  }
}
