import Audio
import Explain
import Glibc
import Graphs
import Models
import Probe
import TestSupport
import Tensors
import Testing

@Suite("What a layer makes of a clip")
struct ClipMapsTests {
  private func maps(
    _ model: AudioModel, _ picture: Tensor, layer: TensorName, kind: LayerOutline.Kind = .other
  ) throws -> (maps: ClipMaps, attention: AttentionMaps?) {
    let listening = try model.listen(toLogMel: picture)
    var found: (ClipMaps, AttentionMaps?)?
    try ClipMaps.each(
      [.init(tensor: layer, kind: kind)], of: model, listening,
      seconds: Toy.seconds(model, frames: picture.shape[0])
    ) { found = ($0, $1) }
    return try #require(found)
  }

  // Patches overlap by half; what they agree on, their mean is, to the bit.
  @Test("A channel that passes one band lights that band alone, at its own frames, over all patches")
  func bandByBand() throws {
    let model = try Toy.model(Toy.filters(Toy.bandByBand))
    let picture = Toy.random(frames: 36, seed: 3)
    let maps = try maps(model, picture, layer: "passed").maps
    #expect(maps.channelCount == Toy.bands && maps.columns == 36 && maps.bands == Toy.bands)
    #expect(maps.step == 1 && maps.frame(ofColumn: 7) == 7)
    for channel in 0..<Toy.bands {
      for frame in 0..<36 {
        for band in 0..<Toy.bands {
          #expect(
            maps.values[channel, frame, band] == (band == channel ? picture[frame, band] : 0),
            "channel \(channel), frame \(frame), band \(band)")
        }
      }
    }
  }

  @Test(
    "The peak of a channel is where its band sounds, through a stride, in columns as far apart as its places")
  func peaks() throws {
    let model = try Toy.model(Toy.filters(Toy.bandByBand, stride: 3))
    let picture = Toy.picture(frames: 36, [(20, 2, 5), (31, 6, 4)])
    let maps = try maps(model, picture, layer: "pooled").maps
    #expect(maps.step == 3 && maps.columns == 12)
    // Frame 20 lies in the column of frames 18 to 20, whose middle is frame 19.
    #expect(maps.channels[2].peak == (6, 2) && maps.frame(ofColumn: 6) == 19)
    #expect(maps.channels[6].peak == (10, 6) && maps.channels[6].highest == 4)
    #expect(maps.channels[0].isDead && maps.channels[2].isDead == false)
  }

  @Test("A layer of one place a patch has a column a patch; those of patches that overlap are averaged")
  func wholePatches() throws {
    let model = try Toy.model(Toy.filters(Toy.bandByBand))
    let picture = Toy.picture(frames: 36, [(20, 2, 12)])
    let maps = try maps(model, picture, layer: "logits").maps
    // Patches begin every 6 frames; frame 20 lies in those at 12 and 18, and each has 1/96 of it.
    #expect(maps.columns == 6 && maps.bands == 1 && maps.step == 6)
    let row = (0..<6).map { maps.values[2, $0, 0] * 96 / 12 }
    let expected: [Float] = [0, 0, 0.5, 1, 0.5, 0]
    #expect(zip(row, expected).allSatisfy { abs($0 - $1) < 1e-5 }, "\(row)")
  }

  @Test(
    "Strength is the deviation over the clip: a loud constant is the weakest, and silence has no strongest")
  func strength() throws {
    var gains = Toy.bandByBand
    gains[1] = gains[1].map { $0 * 3 }
    gains[7] = [Float](repeating: 0, count: Toy.bands)
    let model = try Toy.model(Toy.filters(gains))
    var picture = Toy.random(frames: 24, seed: 5)
    for frame in 0..<24 { picture[frame, 7] = 100 }
    let maps = try maps(model, picture, layer: "passed").maps
    #expect(maps.channels[7].isDead)
    #expect(maps.channels(.strength, top: 3).first == 1)
    #expect(maps.channels(.strength, top: 100).count == 7)
    #expect(maps.channels(.number, top: 100) == Array(0..<7))
    // The naive deviation.
    let values = maps.map(4).values.map(Double.init)
    let mean = values.reduce(0, +) / Double(values.count)
    let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
    #expect(abs(Double(maps.channels[4].strength) - deviation) < 1e-6 * deviation + 1e-9)
    let silent = try self.maps(model, Tensor([24, Toy.bands]), layer: "passed").maps
    #expect(silent.channels(.strength, top: 8).isEmpty && silent.channels.allSatisfy(\.isDead))
    #expect(silent.energy.allSatisfy { $0 == 0 })
  }

  @Test("By likeness, channels that pass the same bands are neighbours")
  func likeness() throws {
    // Three pairs, apart by number and by strength.
    let gains = [1, 4, 6, 1, 4, 6].enumerated().map { place, band in
      (0..<Toy.bands).map { $0 == band ? Float(1 + place) : $0 == 0 ? 0.01 * Float(place) : 0 }
    }
    let model = try Toy.model(Toy.filters(gains))
    let maps = try maps(model, Toy.random(frames: 36, seed: 7), layer: "passed").maps
    let order = maps.channels(.likeness, top: 6)
    #expect(order.count == 6)
    #expect(order.first == maps.channels(.strength, top: 1).first)
    for pair in stride(from: 0, to: 6, by: 2) { #expect(order[pair] % 3 == order[pair + 1] % 3, "\(order)") }
  }

  @Test("A solo keeps the tone of its channel's bands and drops the other")
  func solo() throws {
    let low = (0..<Toy.bands).map { Float($0 < 4 ? 1 : 0) }
    let model = try Toy.model(Toy.filters([low, low.map { 1 - $0 }]))
    let samples = (0..<8000).map { (place: Int) -> Float in
      let angle = 2 * Double.pi * Double(place) / 8000
      let (low, high) = (sin(400 * angle), sin(2800 * angle))
      return Float(0.3 * (low + high))
    }
    let listening = try model.listen(to: samples)
    try ClipMaps.each([.init(tensor: "passed", kind: .other)], of: model, listening, seconds: 1) { maps, _ in
      for (channel, kept, dropped) in [(0, 400.0, 2800.0), (1, 2800, 400)] {
        let mask = ChannelMask(channel, of: maps, model, frames: listening.logMel.shape[0])
        let (heard, ignored) = mask.split(Recording(channels: [samples], sampleRate: 8000), model)
        #expect(heard.frames == samples.count && ignored.frames == samples.count)
        // The mask is 1 only in the loudest band: a tone between two bands loses part of it.
        #expect(Self.level(heard.channels[0], kept) > 0.5 * 0.3, "channel \(channel)")
        #expect(Self.level(heard.channels[0], dropped) < 0.02 * 0.3, "channel \(channel)")
      }
    }
  }

  /// The amplitude of a tone in the middle of a sound at 8 kHz.
  private static func level(_ samples: [Float], _ hertz: Double) -> Double {
    var (a, b) = (0.0, 0.0)
    for place in 2000..<6000 {
      let angle = 2 * .pi * hertz * Double(place) / 8000
      a += Double(samples[place]) * cos(angle)
      b += Double(samples[place]) * sin(angle)
    }
    return 2 * (a * a + b * b).squareRoot() / 4000
  }

  @Test("Attention to the loudest frame is told at that frame, from every frame")
  func attention() throws {
    let model = try Toy.model(Toy.attention())
    let outline = try LayerOutline(model.network, upTo: model.logits)
    let layer = try #require(outline.layers.first { $0.kind == .attention })
    let picture = Toy.picture(frames: 12, [(7, 1, 1), (7, 4, 1), (2, 3, 0.5)])
    let (maps, attention) = try maps(model, picture, layer: layer.tensor, kind: .attention)
    let heads = try #require(attention)
    #expect(heads.values.shape == [1, 12, 12] && heads.elsewhere == [0])
    for query in 0..<12 {
      #expect(heads.values[0, query, 7] > 0.999)
      #expect(abs((0..<12).reduce(0) { $0 + heads.values[0, query, $1] } - 1) < 1e-5)
    }
    #expect(maps.channelCount == 1 && maps.channels[0].peak.column == 7)
  }

  @Test("Layers are named by tensor, number or pattern; a wrong name tells the list")
  func names() throws {
    let model = try Toy.model(Toy.attention())
    let outline = try LayerOutline(model.network, upTo: model.logits)
    func chosen(_ words: String...) throws -> [String] {
      try outline.layers(words, of: model.network).map(\.tensor)
    }
    #expect(try chosen().count == outline.layers.count)
    #expect(try chosen("1") == [outline.layers[0].tensor])
    #expect(try chosen("ATT*") == ["attention"])
    #expect(try chosen("logit?", "attention") == ["attention", "logits"])
    #expect(try chosen("mixed") == ["mixed"], "not in the outline")
    for word in ["nothing like it", "0", "99", "", "sound?"] {
      #expect {
        try chosen(word)
      } throws: { error in "\(error)".contains("1 'queries', 2 'keys', 3 'attention'") }
    }
  }

  @Test("A run that is cancelled ends")
  func cancelled() throws {
    let model = try Toy.model(Toy.filters(Toy.bandByBand))
    let listening = try model.listen(toLogMel: Toy.random(frames: 24, seed: 1))
    let control = RunControl()
    control.cancel()
    #expect(throws: Cancelled.self) {
      try ClipMaps.each(
        [.init(tensor: "passed", kind: .other)], of: model, listening, seconds: 1, control: control
      ) { _, _ in }
    }
  }
}
