import Files
import Foundation
import Glibc
import TestSupport
import Testing

@Suite("Sounds with flaws, and folders of all kinds of things")
struct DamagedSoundTests {
  private func network(_ folder: String) throws {
    try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
  }

  private func flaws(_ line: String) throws -> [[String: Any]] {
    let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    return object?["flaws"] as? [[String: Any]] ?? []
  }

  @Test("What is missing is told once in text, JSON, report and page, with status 0")
  func cutShort() throws {
    try withScratchFolder { folder in
      try network(folder)
      try WholeFile.write(Array(integerWAV(chirp(seconds: 3)).dropLast(32000)), to: "\(folder)/cut.wav")
      let told = "cut.wav: the sound ends at 2.0 s, and its header says 3.0 s: it was cut short"
      let classified = try Otoscope.run(["classify", "cut.wav", "--model", "net.onnx", "--json"], in: folder)
      #expect(classified.status == 0 && classified.errorLines == [told])
      let flaw = try #require(try classified.lines.first.map(flaws)?.first)
      #expect(
        flaw["what"] as? String == "truncated" && flaw["from"] as? Double == 2 && flaw["to"] as? Double == 3)
      let arguments = ["classify", "cut.wav", "--model", "net.onnx", "--json", "--stretch", "1"]
      let stretches = try Otoscope.run(arguments, in: folder).lines.map { try flaws($0).count }
      #expect(stretches == [0, 1])

      let explained = try Otoscope.run(
        ["explain", "cut.wav", "--model", "net.onnx", "--method", "saliency", "-o", "out"], in: folder)
      #expect(explained.status == 0 && explained.errorLines == [told])
      let report = String(decoding: try WholeFile.read("\(folder)/out/report.json"), as: UTF8.self)
      let page = String(decoding: try WholeFile.read("\(folder)/out/index.html"), as: UTF8.self)
      #expect(report.contains("\"truncated\"") && page.contains("its header says 3.0 s"))
    }
  }

  @Test("Channels that cancel are told, and one of them can be listened to")
  func cancelling() throws {
    try withScratchFolder { folder in
      try network(folder)
      var bytes = integerWAV(chirp(seconds: 2).flatMap { [$0, -$0] })
      (bytes[22], bytes[32]) = (2, 4)
      try WholeFile.write(bytes, to: "\(folder)/a.wav")
      func run(_ more: String...) throws -> Otoscope.Outcome {
        try Otoscope.run(["classify", "a.wav", "--model", "net.onnx"] + more, in: folder)
      }
      let mix = try run()
      #expect(mix.status == 0 && mix.errorLines.count == 1)
      #expect(mix.errors.contains("cancel") && mix.errors.contains("--channel left"))
      let (left, right) = (try run("--channel", "left"), try run("--channel", "2"))
      #expect(
        left.errors.isEmpty && right.errors.isEmpty && left.lines == right.lines && left.lines != mix.lines)
      expectFailure(try run("--channel", "3"), saying: "a.wav", "has 2 channels")
      expectMisuse(try run("--channel", "both"), saying: "--channel")
    }
  }

  @Test("A folder with a link to itself, a pipe and notes; an empty folder")
  func folders() throws {
    try withScratchFolder { folder in
      try network(folder)
      try WholeFile.makeFolder("\(folder)/sounds/more")
      for name in ["a", "b", "more/c"] { try writeChirp("\(folder)/sounds/\(name).wav") }
      try #require(symlink(".", "\(folder)/sounds/loop") == 0)
      try #require(mkfifo("\(folder)/sounds/x.wav", 0o600) == 0)
      try WholeFile.write([0x61], to: "\(folder)/sounds/notes.txt")
      let arguments = [
        "--model", "net.onnx", "--method", "saliency", "--target", "dog", "--average", "-o", "out",
      ]
      let outcome = try Otoscope.run(["explain", "sounds"] + arguments, in: folder)
      #expect(outcome.status == 0)
      #expect(try Set(ExplanationReport(of: "\(folder)/out").explanations.map(\.sound)).count == 3)
      for word in ["x.wav: is a pipe", "notes.txt: is no sound", "loop: is a link"] {
        #expect(outcome.errors.contains(word))
      }
      try WholeFile.makeFolder("\(folder)/empty")
      let before = names(in: folder)
      expectFailure(
        try Otoscope.run(["explain", "empty"] + arguments, in: folder),
        saying: "empty: there are no sounds in it")
      #expect(names(in: folder) == before)
    }
  }

  @Test("A name that is not UTF-8 is read by every verb and shown escaped")
  func notUTF8() throws {
    try withScratchFolder { folder in
      try network(folder)
      let name = [0x6D, 0xF6] + Array(".wav".utf8)
      try WholeFile.write(integerWAV(chirp(seconds: 1.5)), to: folder + "/" + PathText.text(name))
      let model = ["--model", "net.onnx"].map { Array($0.utf8) }
      let classified = try Otoscope.start([Array("classify".utf8), name] + model, in: folder).finish(
        within: 30)
      #expect(classified.status == 0 && classified.lines.first?.hasPrefix("m\\xF6.wav: ") == true)
      let more = ["--method", "saliency", "-o", "out"].map { Array($0.utf8) }
      let explained = try Otoscope.start([Array("explain".utf8), name] + model + more, in: folder).finish(
        within: 30)
      expectSuccess(explained)
      #expect(try ExplanationReport(of: "\(folder)/out").explanations.map(\.sound) == ["m\\xF6.wav"])
    }
  }
}
