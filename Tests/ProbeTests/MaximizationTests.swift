import Audio
import Graphs
import Models
import Probe
import TestSupport
import Tensors
import Testing

/// From a class to a sound that is heard as it.
@Suite struct MaximizationTests {
  @Test(
    "A class is heard in its sound, the picture stays in the range, and silence and sounds can be begun from")
  func classOfYAMNet() throws {
    let model = try AudioModel(named: "yamnet", threads: 2)
    var settings = MaximizationSettings()
    (settings.steps, settings.soundSteps) = (30, 20)
    let range = try model.valueRange()
    let asked = try Excitation.classes([0, 132], of: model)
    let found = try Maximization(model, settings: settings).run(asked, from: .noise, keeping: 4)
    #expect(found.count == 2)
    for answer in found {
      #expect(answer.picture.shape == [96, 64])
      #expect(answer.picture.values.allSatisfy { range.contains($0) })
      #expect(answer.values.picture > answer.values.first)
      #expect(answer.curve.count == 50)
      #expect(answer.way.count == 4)
      let sound = try #require(answer.sound)
      #expect(sound.count == 15_600)
      #expect(sound.allSatisfy { abs($0) <= 1 })
      // What is told of the sound is what the model makes of it.
      let heard = try model.listen(to: sound).clipLogits
      #expect(heard.contains { abs(Double($0) - (answer.values.sound ?? 0)) < 1e-2 * (1 + abs(Double($0))) })
    }
    settings.soundSteps = 0
    settings.steps = 2
    let tone = (0..<8000).map { Float($0 % 40) / 80 - 0.25 }
    for start in [CanvasStart.silence, .sound(tone)] {
      let answer = try Maximization(model, settings: settings).run(.classes([0], of: model), from: start)[0]
      #expect(answer.picture.values.allSatisfy { range.contains($0) })
      #expect(answer.ending == .finished)
    }
  }

  @Test("Several answers to one question differ; longer sounds have as many patches as they need")
  func answers() throws {
    let model = try AudioModel(named: "yamnet", threads: 2)
    var settings = MaximizationSettings()
    (settings.steps, settings.answers, settings.soundSteps) = (4, 2, 0)
    let layer = try LayerGeometry("layer2.pointwise.relu", of: model)
    var maximization = try Maximization(model, settings: settings, seconds: 2)
    maximization.makesSounds = false
    let found = try maximization.run(.channels([3], of: layer), from: .noise)
    #expect(found.count == 2)
    #expect(found[0].picture != found[1].picture)
    #expect(found[0].picture.shape[0] > 96)
    #expect(found[0].sound == nil)
    #expect(throws: ProbeError.self) { try Excitation.channels([64], of: layer) }
  }

  @Test("Nothing is found that excites a channel less than silence does")
  func silence() throws {
    let model = try AudioModel(named: "yamnet", threads: 2)
    let asked = try Excitation.channels(Array(0..<32), of: LayerGeometry("layer1.conv.relu", of: model))
    func found(_ steps: Int, from start: CanvasStart) throws -> [Double] {
      var settings = MaximizationSettings()
      settings.steps = steps
      var maximization = try Maximization(model, settings: settings)
      maximization.makesSounds = false
      return try maximization.run(asked, from: start).map(\.values.picture)
    }
    let silent = try found(0, from: .silence)
    // Some of them are excited by silence more than by anything near the middle of the range.
    let sought = try found(3, from: .noise)
    #expect(zip(sought, silent).allSatisfy { $0 >= $1 })
    #expect(zip(sought, silent).contains { $0 > $1 })
  }

  @Test("A channel's elements are found whatever the order of axes")
  func elements() throws {
    let model = try AudioModel(named: "yamnet", threads: 1)
    let layer = try LayerGeometry("layer1.conv.relu", of: model)
    let values = numbers(Shape([1] + layer.row))
    let maps = layer.maps(values)
    let elements = layer.elements
    #expect(elements.count == 32)
    for channel in [0, 17, 31] {
      for place in stride(from: 0, to: layer.places, by: 101) {
        #expect(
          values.values[elements[channel][place]]
            == maps[0, channel, place / layer.band.count, place % layer.band.count])
      }
    }
  }
}
