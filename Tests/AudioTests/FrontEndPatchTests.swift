import Audio
import FoundationEssentials
import Tensors
import Testing

/// How pictures are cut into what a network is given.
struct FrontEndPatchTests {
  private func frontEnd(_ json: String) throws -> FrontEnd {
    try JSONDecoder().decode(FrontEnd.self, from: Data(json.utf8))
  }

  private func ramp(_ count: Int) -> [Float] { (0..<count).map { Float($0 + 1) } }

  @Test("Samples are a picture of one band, at their own times")
  func samples() throws {
    let frontEnd = try frontEnd(
      "{\"sample_rate\": 8000, \"scaling\": 2, \"samples\": {\"length\": 4, \"hop\": 3}}")
    #expect(
      frontEnd.isSamples && frontEnd.bandCount == 1 && frontEnd.silence == 0 && !frontEnd.hasFrequencies)
    let picture = frontEnd.logMel(ramp(5))
    #expect(picture.shape == [7, 1] && picture.values == [2, 4, 6, 8, 10, 0, 0])
    #expect(frontEnd.patchStarts(frames: 7) == [0, 3])
    #expect(frontEnd.patches(of: picture).values == [2, 4, 6, 8, 8, 10, 0, 0])
    #expect(frontEnd.frameTime(3) == 3.0 / 8000 && frontEnd.frame(at: 0.25) == 2000)
    #expect(frontEnd.patchSeconds == 4.0 / 8000 && frontEnd.bandCentres == [2000])
    #expect(frontEnd.bandRange == 0...4000)
    #expect(frontEnd.magnitudes([-1, 1]).values == [2, 2, 0, 0])
  }

  @Test("Centred windows of samples begin before the sound")
  func centred() throws {
    let frontEnd = try frontEnd(
      """
      {"sample_rate": 8000, "samples": {"length": 4, "hop": 2, "centred": true, "tail": "drop-incomplete"}}
      """)
    let picture = frontEnd.logMel(ramp(5))
    #expect(picture.values == [0, 0, 1, 2, 3, 4, 5, 0, 0])
    #expect(frontEnd.patches(of: picture).values == [0, 0, 1, 2, 1, 2, 3, 4, 3, 4, 5, 0])
    #expect(frontEnd.frameTime(2) == 0 && frontEnd.frame(at: 0) == 2)
    #expect(frontEnd.pullback(Tensor([9, 1], ramp(9)), at: ramp(5)).values == [3, 4, 5, 6, 7])
  }

  @Test("A patch of any length is the whole sound, at least the shortest")
  func free() throws {
    let samples = try frontEnd("{\"sample_rate\": 8000, \"samples\": {\"shortest\": 3}}")
    for count in [0, 1, 3, 10] {
      let picture = samples.logMel(ramp(count))
      #expect(picture.shape == [max(3, count), 1])
      #expect(samples.patches(of: picture).shape == [1, max(3, count), 1])
    }
    let panns = try frontEnd(
      "{\"preset\": \"panns-16k\", \"patch\": {\"frames\": \"any\", \"shortest\": 32}}")
    #expect(panns == .panns16k)
    #expect(panns.logMel(ramp(100)).shape == [32, 64])
    #expect(panns.patchExtents(frames: 77) == PatchExtents(channels: 1, frames: 77, bands: 64))
  }

  @Test(
    "A short last patch is kept or dropped", arguments: [(288_001, 2), (335_999, 2), (336_000, 3), (100, 1)])
  func shortestTail(count: Int, patches: Int) {
    let picture = FrontEnd.birdnet.logMel([Float](repeating: 0.1, count: count))
    #expect(picture.shape[0] == FrontEnd.birdnet.frameCount(samples: count))
    #expect(FrontEnd.birdnet.patches(of: picture).shape == [patches, 144_000, 1])
  }

  @Test("Frames that are missing have the patch's value, or copies of the sound fill it")
  func filling() throws {
    let ast = FrontEnd.ast
    let picture = ast.logMel(tone(500, seconds: 1, rate: 16000))
    #expect(picture.shape == [98, 128])
    let patches = ast.patches(of: picture)
    #expect(patches.shape == [1, 1024, 128] && patches[0, 98, 3] == 0 && patches[0, 97, 3] != 0)
    for (fill, values) in [
      ("copies", [1, 2, 3, 1, 2, 3, 0, 0]), ("wrap", [1, 2, 3, 1, 2, 3, 1, 2]),
      ("edge", [1, 2, 3, 3, 3, 3, 3, 3]),
    ] {
      let frontEnd = try frontEnd(
        "{\"sample_rate\": 8000, \"samples\": {\"length\": 8, \"fill\": \"\(fill)\"}}")
      #expect(frontEnd.logMel(ramp(3)).values == values.map { Float($0) })
      #expect(frontEnd.logMel(ramp(9)).shape == [16, 1])
    }
    let cut = try frontEnd("{\"sample_rate\": 8000, \"length\": 4, \"samples\": {}}")
    #expect(cut.logMel(ramp(6)).values == [1, 2, 3, 4] && cut.logMel(ramp(2)).values == [1, 2, 0, 0])
  }

  @Test("Channels lie side by side, and apart behind the steps of a patch")
  func channels() throws {
    let recording = Recording(channels: [ramp(4), [9, 9, 9, 9]], sampleRate: 8000)
    func json(_ channels: String) -> String {
      "{\"sample_rate\": 8000, \"channels\": \(channels), \"samples\": {\"length\": 2}}"
    }
    #expect(try frontEnd(json("\"mix\"")).channels(of: recording) == [[5, 5.5, 6, 6.5]])
    #expect(try frontEnd(json("1")).channels(of: recording) == [[9, 9, 9, 9]])
    #expect(throws: AudioError.self) { try frontEnd(json("2")).channels(of: recording) }
    let all = try frontEnd(json("\"all\""))
    let picture = try all.logMel(channels: all.channels(of: recording))
    #expect(picture.shape == [4, 2] && picture.values == [1, 9, 2, 9, 3, 9, 4, 9])
    let inputs = all.inputs(of: all.patches(of: picture))
    #expect(inputs.shape == [2, 2, 2, 1] && inputs.values == [1, 2, 9, 9, 3, 4, 9, 9])
    #expect(all.patchExtents(channels: 2) == PatchExtents(channels: 2, frames: 2, bands: 1))
  }

  @Test("Steps on a patch change its size as they say")
  func extents() throws {
    for preset in [FrontEnd.hearAndSee, .openSoundscape, .iminetRecording, .whisper, .perch] {
      let samples = [Float](repeating: 0.1, count: 30000)
      let inputs = preset.inputs(of: preset.patches(of: preset.logMel(samples)))
      let extents = preset.patchExtents()
      #expect(inputs.shape.dimensions.dropFirst() == [extents.channels, extents.frames, extents.bands])
    }
    #expect(FrontEnd.hearAndSee.patchExtents() == PatchExtents(channels: 3, frames: 224, bands: 224))
  }

  @Test("A colour is one of 256, or between two of them")
  func colours() {
    let patch = Tensor([1, 1, 5], [-1, 0, 0.4999, 0.5, 2])
    for (isInterpolated, middle) in [(false, [127, 128]), (true, [127.4745, 127.5])] {
      let step = PatchStep.colours(PatchStep.Colours(.gray, isInterpolated: isInterpolated))
      let made = step.apply(to: patch)
      #expect(made.shape == [3, 1, 5])
      let expected = [0, 0] + middle + [255]
      for colour in 0..<3 {
        for place in 0..<5 { #expect(abs(Double(made[colour, 0, place]) * 255 - expected[place]) < 1e-3) }
      }
    }
    let viridis = PatchStep.colours(PatchStep.Colours(.viridis)).apply(to: Tensor([1, 1, 1], [1]))
    #expect(viridis.values.map { Int(($0 * 255).rounded()) } == [253, 231, 37])
  }

  @Test("Bands have their frequencies, of whatever kind they are")
  func axes() throws {
    let linear = try frontEnd(
      "{\"preset\": \"yamnet\", \"bands\": {\"kind\": \"linear\", \"lowest\": 125, \"highest\": 500}}")
    #expect(linear.bandCount == 13 && linear.bandCentres == (4...16).map { Double($0) * 31.25 })
    #expect(linear.bandRange == 125...500 && linear.bandPosition(ofHertz: 300) == 300)
    let octaves = try frontEnd(
      "{\"preset\": \"yamnet\", \"bands\": {\"kind\": \"logarithmic\", \"count\": 7, \"lowest\": 100, \"highest\": 6400}}"
    )
    #expect(
      zip(octaves.bandCentres, [100, 200, 400, 800, 1600, 3200, 6400]).allSatisfy { abs($0 - $1) < 1e-6 })
    let pure = octaves.logMel(tone(1600, seconds: 1, rate: 16000))
    #expect((0..<7).allSatisfy { pure[40, $0] <= pure[40, 4] })
    let cepstra = try frontEnd(
      "{\"preset\": \"yamnet\", \"steps\": [{\"kind\": \"cepstra\", \"count\": 13}]}")
    #expect(cepstra.bandCount == 13 && !cepstra.hasFrequencies && cepstra.bandCentres.count == 13)
    #expect(
      cepstra.silentBands.count == 13 && abs(cepstra.silentBands[0] - 8 * FrontEnd.yamnet.silence) < 1e-3)
    for name in FrontEnd.presetNames {
      let preset = try FrontEnd.preset(named: name)
      let edges = preset.bandEdges
      #expect(
        edges.count == preset.bandCount + 2 && zip(edges, edges.dropFirst()).allSatisfy { $0 <= $1 },
        "\(name)")
      #expect(preset.silence.isFinite)
      #expect(abs(preset.frame(at: preset.frameTime(3.5)) - 3.5) < 1e-9)
    }
  }
}
