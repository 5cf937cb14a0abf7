import Files
import TestSupport
import Testing

@Suite("--resume")
struct ResumeTests {
  @Test("What was finished is kept, and the rest is explained; another question is refused")
  func explain() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      try writeChirp("\(folder)/a.wav")
      try WholeFile.write(Array("no sound".utf8), to: "\(folder)/b.wav")
      let arguments = [
        "explain", "a.wav", "b.wav", "--model", "net.onnx", "--method", "saliency", "--target", "dog", "-o",
        "out",
      ]
      // The page of what could be explained is there to be opened.
      let first = try Otoscope.run(arguments, in: folder)
      #expect(first.status == 1 && first.errors.contains("b.wav") && first.lines == ["open out/index.html"])
      #expect(names(in: "\(folder)/out").contains(".otoscope.jsonl"))
      let picture = try WholeFile.read("\(folder)/out/a.saliency.dog.png")
      try WholeFile.write(Array("kept".utf8), to: "\(folder)/out/a.saliency.dog.png")

      let other = try Otoscope.run(arguments + ["--resume", "--samples", "7"], in: folder)
      expectFailure(other, saying: "parameters of the methods", "another folder")

      try writeChirp("\(folder)/b.wav")
      let resumed = try Otoscope.run(arguments + ["--resume"], in: folder)
      #expect(resumed.status == 0 && resumed.errorLines == ["resumed: 1 of 2 sounds are finished already"])
      #expect(try WholeFile.read("\(folder)/out/a.saliency.dog.png") == Array("kept".utf8))
      #expect(try ExplanationReport(of: "\(folder)/out").explanations.map(\.sound) == ["a.wav", "b.wav"])
      #expect(!names(in: "\(folder)/out").contains(".otoscope.jsonl"))

      // Without it, all is explained anew.
      expectSuccess(try Otoscope.run(arguments, in: folder))
      #expect(try WholeFile.read("\(folder)/out/a.saliency.dog.png") == picture)
    }
  }

  @Test("An evaluation of few clips is called weak")
  func weak() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      try writeChirp("\(folder)/a.wav", seconds: 2)
      let arguments = [
        "evaluate", "a.wav", "--model", "net.onnx", "--front-end", "yamnet", "--method", "saliency",
        "--mixtures", "0",
        "--close-looks", "0", "--evaluations", "4", "--least-probability", "0", "--output", "out", "--resume",
      ]
      let running = try Otoscope.start(
        arguments.map { Array($0.utf8) }, in: folder, setting: ["XDG_DATA_HOME": "\(folder)/own"])
      let outcome = try running.finish(within: 60)
      expectSuccess(outcome)
      #expect(outcome.output.contains("This is weak: it rests on 1 clip"))
      let record = String(decoding: try WholeFile.read("\(folder)/out/evaluation.json"), as: UTF8.self)
      #expect(record.contains("\"foundation\":{") && record.contains("\"clips\":1"))
    }
  }
}
