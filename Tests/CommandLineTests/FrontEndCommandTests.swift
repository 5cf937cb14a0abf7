import Files
import TestSupport
import Tensors
import Testing

@Suite("front-end")
struct FrontEndCommandTests {
  /// What `front-end --json` prints, as far as the tests look.
  private struct Told: Decodable {
    struct Culprit: Decodable {
      var setting: String
      var theirs: String
      var remaining: Double?
    }
    struct Comparison: Decodable {
      var verdict: String
      var difference: Double
      var culprits: [Culprit]
    }
    var frontEnd: String
    var shape: [Int]
    var comparison: Comparison?

    private enum CodingKeys: String, CodingKey {
      case shape, comparison
      case frontEnd = "front_end"
    }
  }

  @Test("Writes what the network is given in its own layout, and the samples")
  func writes() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      try writeChirp("\(folder)/a.wav")
      let outcome = try Otoscope.run(
        "front-end", "a.wav", "--model", "net.onnx", "-o", "x.npy", "--samples", "s.npy", in: folder)
      expectSuccess(outcome)
      #expect(outcome.lines.count == 1 && outcome.output.contains("of 96 frames x 64 bands at 16000 Hz"))
      let patches = try NumPy.read("\(folder)/x.npy")
      #expect(patches.shape.dimensions.dropFirst() == [1, 96, 64])
      #expect(try NumPy.read("\(folder)/s.npy").shape.rank == 1)
      // The network takes it as it is.
      expectSuccess(try Otoscope.run("run", "net.onnx", "x.npy", "-o", "y.npz", in: folder))
      // A front end alone: [patches, frames, bands].
      expectSuccess(
        try Otoscope.run("front-end", "a.wav", "--front-end", "yamnet", "-o", "p.npy", in: folder))
      let alone = try NumPy.read("\(folder)/p.npy")
      #expect(alone.shape == [patches.shape[0], 96, 64] && alone.values == patches.values)
    }
  }

  @Test("Compares with another program's array: the exit status, words and JSON tell the culprit")
  func compares() throws {
    try withScratchFolder { folder in
      try writeChirp("\(folder)/a.wav")
      let other = "{\"preset\": \"yamnet\", \"mel\": {\"scale\": \"slaney\"}}"
      try WholeFile.write(Array(other.utf8), to: "\(folder)/other.json")
      expectSuccess(
        try Otoscope.run("front-end", "a.wav", "--front-end", "other.json", "-o", "x.npy", in: folder))
      let same = try Otoscope.run(
        "front-end", "a.wav", "--front-end", "other.json", "--compare", "x.npy", in: folder)
      expectSuccess(same)
      #expect(same.lines.last == "they agree")
      let differing = try Otoscope.run(
        "front-end", "a.wav", "--front-end", "yamnet", "--compare", "x.npy", in: folder)
      #expect(differing.status == 1 && differing.errors.isEmpty)
      #expect(
        differing.output.contains("culprit: \"mel.scale\", here htk, there as if slaney"),
        "\(differing.output)")
      let told = try json(
        Told.self,
        try Otoscope.run(
          "front-end", "a.wav", "--front-end", "yamnet", "--compare", "x.npy", "--json", "--figure", "d.png",
          in: folder
        ).output)
      #expect(isPNG(try WholeFile.read("\(folder)/d.png")))
      #expect(told.frontEnd == "yamnet" && told.comparison?.verdict == "culprit")
      #expect(told.comparison?.culprits.first?.setting == "mel.scale")
      #expect(told.comparison?.culprits.first?.remaining.map { $0 < 1e-6 } == true)
    }
  }

  @Test("Questions that cannot be meant, and files that are none")
  func refuses() throws {
    try withScratchFolder { folder in
      try writeChirp("\(folder)/a.wav")
      expectMisuse(try Otoscope.run("front-end", "a.wav", in: folder), saying: "--model", "--front-end")
      expectMisuse(
        try Otoscope.run(
          "front-end", "a.wav", "--front-end", "yamnet", "--compare-scores", "s.json", in: folder),
        saying: "--compare-scores needs a --model")
      expectFailure(
        try Otoscope.run("front-end", "a.wav", "--front-end", "yamnet", "--compare", "none.npy", in: folder),
        saying: "none.npy", "no such file")
      expectFailure(
        try Otoscope.run("front-end", "a.wav", "--front-end", "yamned", in: folder), saying: "yamned",
        "yamnet")
      try WholeFile.write(Array("{\"a\": []}".utf8), to: "\(folder)/s.json")
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      expectFailure(
        try Otoscope.run(
          "front-end", "a.wav", "--model", "net.onnx", "--compare-scores", "s.json", in: folder),
        saying: "s.json", "holds no scores")
    }
  }
}
