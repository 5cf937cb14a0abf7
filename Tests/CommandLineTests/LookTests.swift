import Files
import TestSupport
import Tensors
import Testing

@Suite("look and filters")
struct LookTests {
  private struct Layer: Decodable {
    var layer: String
    var number: Int?
    var kind: String?
    var channels: Int?
    var channel: Int?
    var dead: [Int]?
    var shown: [Int]?
    var fieldSeconds: Double?
    var peakSeconds: Double?
    var peakHertz: Double?
    var files: [String]

    private enum CodingKeys: String, CodingKey {
      case layer, number, kind, channels, channel, dead, shown, files
      case fieldSeconds = "field_s"
      case peakSeconds = "peak_s"
      case peakHertz = "peak_hz"
    }
  }

  private func withNetwork(_ body: (_ folder: String) throws -> Void) throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      try writeChirp("\(folder)/a.wav", seconds: 2)
      try body(folder)
    }
  }

  @Test("Writes a sheet and arrays a layer, a soloed channel's sounds, and a page that holds them")
  func looks() throws {
    try withNetwork { folder in
      let outcome = try Otoscope.run(
        "look", "a.wav", "--model", "net.onnx", "--layer", "1", "--channel", "0", "--json", "-o", "out",
        in: folder)
      expectSuccess(outcome)
      let lines = try outcome.lines.map { try json(Layer.self, $0) }
      #expect(lines.count == 2)
      let layer = try #require(lines.first)
      #expect(
        layer.layer == "relu" && layer.number == 1 && layer.kind == "convolution" && layer.channels == 2)
      // 8 frames of 10 ms, and their window of 25 ms.
      #expect(abs(try #require(layer.fieldSeconds) - 0.095) < 1e-6)
      for file in lines.flatMap(\.files) {
        let bytes = try WholeFile.read("\(folder)/out/\(file)")
        #expect(!file.hasSuffix(".png") || isPNG(bytes))
      }
      let arrays = try NumPyArchive(npz: WholeFile.read("\(folder)/out/a.1-relu.npz"), from: "a")
      let maps = try #require(arrays.first { $0.name == "maps" }?.tensor)
      #expect(maps.shape[0] == layer.shown?.count && maps.shape[2] == 8)
      #expect(
        Set(arrays.names).isSuperset(of: ["channels", "column_seconds", "band_hertz", "strength", "energy"]))
      let page = String(decoding: try WholeFile.read("\(folder)/out/index.html"), as: UTF8.self)
      #expect(
        page.contains("channel 0, soloed") && page.contains("What the layers of net.onnx make of a.wav"))
    }
  }

  @Test("A wrong layer or channel is misuse, and tells what there is; nothing is written")
  func misuse() throws {
    try withNetwork { folder in
      let layer = try Otoscope.run(
        "look", "a.wav", "--model", "net.onnx", "--layer", "conv7", "-o", "out", in: folder)
      #expect(layer.status == 2 && layer.output.isEmpty)
      #expect(layer.errors.contains("no layer is called 'conv7'") && layer.errors.contains("1  relu"))
      expectFailure(
        try Otoscope.run(
          "look", "a.wav", "--model", "net.onnx", "--layer", "relu", "--channel", "2", "-o", "out", in: folder
        ),
        status: 2, saying: "'relu' has channels 0 to 1, not 2")
      expectMisuse(
        try Otoscope.run("look", "a.wav", "--model", "net.onnx", "--channel", "0", in: folder),
        saying: "say of which layer, with --layer")
      expectMisuse(try Otoscope.run("look", "a.wav", "--top", "0", in: folder), saying: "--top")
      #expect(!WholeFile.exists("\(folder)/out"))
    }
  }

  @Test("Silence, and a sound shorter than a frame, are looked at as well")
  func silence() throws {
    try withNetwork { folder in
      try WholeFile.write(integerWAV([Float](repeating: 0, count: 16000)), to: "\(folder)/silent.wav")
      try WholeFile.write(integerWAV([0.5, -0.5, 0.25]), to: "\(folder)/short.wav")
      for sound in ["silent.wav", "short.wav"] {
        let outcome = try Otoscope.run(
          "look", sound, "--model", "net.onnx", "--json", "-o", sound + ".out", in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let layer = try json(Layer.self, try #require(outcome.lines.first))
        // Silence is one number in every bin: a convolution without padding makes the same of it everywhere.
        if sound == "silent.wav" { #expect(layer.shown == []) }
      }
    }
  }

  @Test("filters tells every kernel's direction and extent, and refuses a network without a convolution")
  func filters() throws {
    struct Filter: Decodable {
      var channel: Int
      var rank: Int
      var orientation: String?
      var extentSeconds: Double
      var extentHertz: Double

      private enum CodingKeys: String, CodingKey {
        case channel, rank, orientation
        case extentSeconds = "extent_s"
        case extentHertz = "extent_hz"
      }
    }
    try withNetwork { folder in
      let outcome = try Otoscope.run("filters", "--model", "net.onnx", "--json", "-o", "out", in: folder)
      expectSuccess(outcome)
      let filters = try outcome.lines.map { try json(Filter.self, $0) }
      #expect(Set(filters.map(\.channel)) == [0, 1] && filters.map(\.rank) == [1, 2])
      #expect(filters.allSatisfy { abs($0.extentSeconds - 0.095) < 1e-6 && $0.extentHertz > 100 })
      for file in ["index.html", "filters.kernels.png", "filters.responses.svg", "filters.npz"] {
        #expect(WholeFile.exists("\(folder)/out/\(file)"))
      }
      var file = HandmadeONNX(input: "sound", ["N", 96, 64])
      file.add("Flatten", ["sound"], "flat")
      file.add("MatMul", ["flat"], "logits", weights: [Tensor([96 * 64, 2], repeating: 0.1)])
      file.metadata = [("otoscope.front_end", "{\"preset\": \"yamnet\"}")]
      try WholeFile.write(file.bytes, to: "\(folder)/dense.onnx")
      expectFailure(
        try Otoscope.run("filters", "--model", "dense.onnx", "-o", "none", in: folder),
        saying: "has no convolution over its input 'sound'")
      #expect(!WholeFile.exists("\(folder)/none"))
    }
  }
}
