import Files
import Foundation
import TestSupport
import Testing

@Suite("explain: stems")
struct StemTests {
  private struct Report: Decodable {
    struct Entry: Decodable {
      var method: String
      var parameters: [String: String]
    }
    var explanations: [Entry]
  }

  @Test("What a sound consists of is kept and left out, and told with what it adds to the score")
  func stems() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      try writeChirp("\(folder)/a.wav")
      try WholeFile.write(integerWAV(chirp(seconds: 1.5).map { $0 / 2 }), to: "\(folder)/half.wav")
      let explain = ["explain", "a.wav", "--model", "net.onnx", "--stem", "half.wav"]
      expectSuccess(try Otoscope.run(explain + ["--samples", "50", "-o", "out"], in: folder))
      let report = try json(
        Report.self, String(decoding: try WholeFile.read("\(folder)/out/report.json"), as: UTF8.self))
      #expect(report.explanations.map(\.method) == ["audio-lime"])
      let parts = report.explanations[0].parameters.keys.filter { $0.hasPrefix("component ") }
      #expect(parts.sorted() == ["component half.wav", "component the rest"])
    }
  }

  @Test("Stems of another sound, of several sounds, or for other methods are refused, and leave nothing")
  func refusals() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      try writeChirp("\(folder)/a.wav")
      try writeChirp("\(folder)/long.wav", seconds: 2)
      let before = names(in: folder)
      let explain = ["explain", "a.wav", "--model", "net.onnx", "-o", "out", "--stem"]
      expectFailure(
        try Otoscope.run(explain + ["long.wav"], in: folder), saying: "long.wav", "2.0 s", "1.5 s")
      expectFailure(try Otoscope.run(explain + ["missing.wav"], in: folder), saying: "missing.wav")
      expectMisuse(
        try Otoscope.run(explain + ["a.wav", "--method", "saliency"], in: folder), saying: "audio-lime")
      expectMisuse(
        try Otoscope.run(explain + ["a.wav", "--method", "recommended"], in: folder), saying: "audio-lime")
      expectMisuse(
        try Otoscope.run(["explain", "long.wav"] + explain.dropFirst() + ["a.wav"], in: folder),
        saying: "one at a time")
      #expect(names(in: folder) == before)
    }
  }
}
