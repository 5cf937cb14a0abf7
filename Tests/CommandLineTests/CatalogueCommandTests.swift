import Files
import TestSupport
import Testing

@Suite("Catalogues from the command line")
struct CatalogueCommandTests {
  @Test(
    "What can never be meant",
    arguments: [
      (["index", "--output", "c"], "sounds"),
      (["index", "a.wav"], "--output"),
      (["index", "-", "--output", "c"], "standard input"),
      (["index", "a.wav", "--output", "c", "--top", "0"], "--top must be from 1 to 1000"),
      (["index", "a.wav", "--output", "c", "--per-file", "-1"], "--per-file"),
      (["index", "a.wav", "--output", "c", "--layers", ","], "--layers names no tensor"),
      (["neighbours", "--in", "c"], "name a sound"),
      (["neighbours", "a.wav", "--classes", "--in", "c"], "name no others"),
      (["neighbours", "a.wav", "--in", "c", "--metric", "manhattan"], "'manhattan'"),
      (["neighbours", "a.wav", "--in", "c", "--top", "0"], "--top"),
      (["patches", "--in", "c", "--layer", "l", "--output", "o"], "--channel"),
      (
        ["patches", "--in", "c", "--layer", "l", "--channel=-1", "--output", "o"], "--channel must be from 0"
      ),
    ])
  func misuse(arguments: [String], words: String) throws {
    try withScratchFolder { folder in expectMisuse(try Otoscope.run(arguments, in: folder), saying: words) }
  }

  @Test("From sounds to neighbours and excerpts, a JSON object a line")
  func whole() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      try writeChirp("\(folder)/a.wav")
      try writeChirp("\(folder)/b.wav")
      try WholeFile.write(Array("no sound".utf8), to: "\(folder)/c.wav")
      expectFailure(
        try Otoscope.run(["neighbours", "a.wav", "--in", "cat"], in: folder), saying: "there is no catalogue",
        "otoscope index")
      let index = [
        "index", "a.wav", "b.wav", "c.wav", "none.wav", "--model", "net.onnx", "--output", "cat", "--json",
      ]
      let outcome = try Otoscope.run(index, in: folder)
      #expect(outcome.status == 0 && outcome.lines.count == 5, "\(outcome.errors)")
      #expect(
        outcome.errorLines.count == 2 && outcome.errors.contains("c.wav")
          && outcome.errors.contains("none.wav"))
      #expect(outcome.lines.last?.contains("\"added\":2") == true)
      let near = try Otoscope.run(["neighbours", "a.wav", "--in", "cat", "--json"], in: folder)
      expectSuccess(near)
      // The other one is a copy.
      #expect(near.lines.isEmpty)
      expectFailure(
        try Otoscope.run(
          ["patches", "--in", "cat", "--layer", "rellu", "--channel", "0", "--output", "o"], in: folder),
        status: 2, saying: "no layer 'rellu'")
      expectFailure(
        try Otoscope.run(["neighbours", "--classes", "--in", "cat"], in: folder), saying: "no two classes",
        "--labels-from")
      #expect(names(in: folder) == ["a.wav", "b.wav", "c.wav", "cat", "net.onnx"])
      let patches = try Otoscope.run(
        ["patches", "--in", "cat", "--layer", "relu", "--channel", "0", "--output", "o"], in: folder)
      expectSuccess(patches)
      #expect(names(in: "\(folder)/o").contains("index.html"))
    }
  }
}
