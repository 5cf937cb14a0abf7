import Files
import Foundation
import Tensors
import TestSupport
import Testing

@Suite("Models that cannot be used")
struct BadModelTests {
  private static let verbs = [
    ["inspect"], ["classify", "a.wav", "--model"], ["explain", "a.wav", "-o", "out", "--model"],
  ]

  /// Runs every verb with the model at `path` in `folder`, which holds a sound; each must fail alike and leave nothing.
  private func expectFailures(_ path: String, in folder: String, saying parts: String...) throws {
    try writeChirp("\(folder)/a.wav")
    let before = names(in: folder)
    for verb in Self.verbs {
      let outcome = try Otoscope.run(verb + [path], in: folder)
      expectFailure(outcome, saying: path)
      for part in parts { #expect(outcome.errors.contains(part), "\(outcome.errors)") }
      #expect(names(in: folder) == before)
    }
  }

  @Test("Half a file")
  func truncated() throws {
    try withScratchFolder { folder in
      let whole = try WholeFile.read("\(Otoscope.root)/Data/models/yamnet.onnx")
      try WholeFile.write(whole[..<(whole.count / 2)], to: "\(folder)/net.onnx")
      try expectFailures("net.onnx", in: folder, saying: "not a readable ONNX file", "check the download")
    }
  }

  @Test("Random bytes")
  func random() throws {
    try withScratchFolder { folder in
      var generator = SplitMix64(seed: 4)
      let bytes = (0..<5000).map { _ in UInt8.random(in: 0...255, using: &generator) }
      try WholeFile.write(bytes, to: "\(folder)/net.onnx")
      try expectFailures("net.onnx", in: folder, saying: "not a readable ONNX file")
    }
  }

  @Test("No bytes")
  func empty() throws {
    try withScratchFolder { folder in
      try WholeFile.write([], to: "\(folder)/net.onnx")
      try expectFailures("net.onnx", in: folder, saying: "it is empty")
    }
  }

  @Test("Neither a file nor a bundled name")
  func unknownName() throws {
    try withScratchFolder { folder in
      try expectFailures("yament", in: folder, saying: "no such model", "yamnet")
    }
  }

  @Test("A folder")
  func folder() throws {
    try withScratchFolder { folder in
      try WholeFile.makeFolder("\(folder)/net.onnx")
      try expectFailures("net.onnx", in: folder, saying: "is a folder")
    }
  }

  @Test("Operators that are not known are named all at once, each with its nodes")
  func unknownOperators() throws {
    try withScratchFolder { folder in
      var network = TinyNetwork.listener
      network.nodes[1].kind = "Frobnicate"
      network.nodes[3].kind = "Frobnicate"
      network.nodes[2].kind = "Stochastify"
      network.nodes[4].domain = "com.example"
      try network.write(to: "\(folder)/net.onnx")
      try expectFailures(
        "net.onnx", in: folder,
        saying: "Frobnicate ('relu_node', 'flatten_node')", "Stochastify ('pool_node')",
        "com.example.Softmax ('softmax_node')")
    }
  }

  @Test("What the message about an unknown front end advises works to the letter")
  func unknownFrontEnd() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener.write(to: "\(folder)/net.onnx")
      try writeChirp("\(folder)/a.wav")
      let failed = try Otoscope.run("classify", "a.wav", "--model", "net.onnx", in: folder)
      expectFailure(failed, saying: "net.onnx", "'log_mel'", "presets: ")
      let advice = try #require(
        failed.errors.firstMatch(of: /write it into (?<file>[^,]+), for example (?<content>\{.*\}) \(/))
      try WholeFile.write(Array(advice.content.utf8), to: "\(folder)/\(advice.file)")
      let mended = try Otoscope.run("classify", "a.wav", "--model", "net.onnx", "--json", in: folder)
      expectSuccess(mended)
      #expect(Set(try json(Classified.self, mended.output).classes.map(\.label)) == ["siren", "dog"])
    }
  }

  @Test("A preset on the command line is another way")
  func presetOption() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener.write(to: "\(folder)/net.onnx")
      try writeChirp("\(folder)/a.wav")
      let all = ["classify", "a.wav", "--model", "net.onnx", "--front-end"]
      expectSuccess(try Otoscope.run(all + ["yamnet"], in: folder))
      expectFailure(try Otoscope.run(all + ["yament"], in: folder), saying: "'yament'", "yamnet")
      expectFailure(try Otoscope.run(all + ["gone.json"], in: folder), saying: "gone.json: no such file")
      expectFailure(try Otoscope.run(all + ["musicnn"], in: folder), saying: "net.onnx", "[N, 1, 96, 64]")
    }
  }

  @Test(
    "A description that cannot be meant",
    arguments: [
      ("not JSON", "is not valid JSON"),
      ("", "is not valid JSON"),
      ("[]", "is no JSON object"),
      ("{\"lables\": [\"a\", \"b\"]}", "'lables' is an unknown key; the keys are"),
      ("{\"front_end\": {\"preset\": \"yamnet\", \"hopp\": 1}}", "\"hopp\" is an unknown key"),
      ("{\"front_end\": {\"preset\": \"yamnet\", \"hop\": 0}}", "\"hop\" is 0"),
      ("{\"front_end\": {\"preset\": \"yament\"}}", "'yament'"),
      ("{\"front_end\": {\"preset\": \"yamnet\", \"mel\": {\"bands\": 63}}}", "63 bands"),
      ("{\"front_end\": \"yamnet\"}", "is no JSON object"),
      ("{\"front_end\": {\"preset\": \"yamnet\"}, \"labels\": [\"a\"]}", "2 classes and 1 label"),
      ("{\"front_end\": {\"preset\": \"yamnet\"}, \"labels\": \"a\"}", "'labels' is not of the right kind"),
      ("{\"front_end\": {\"preset\": \"yamnet\"}, \"activation\": \"relu\"}", "must be \"softmax\""),
    ])
  func badDescription(content: String, message: String) throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener.write(to: "\(folder)/net.onnx")
      try WholeFile.write(Array(content.utf8), to: "\(folder)/net.json")
      try writeChirp("\(folder)/a.wav")
      expectFailure(
        try Otoscope.run("explain", "a.wav", "--model", "net.onnx", "-o", "out", in: folder),
        saying: "net.json", message)
      #expect(names(in: folder) == ["a.wav", "net.json", "net.onnx"])
    }
  }
}
