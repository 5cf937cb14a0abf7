import Audio
import Files
import Glibc
import Tensors
import TestSupport
import Testing

@Suite("Ctrl-C and closed pipes")
struct InterruptionTests {
  @Test("Explaining ends at once and keeps what was finished, whole", arguments: [SIGINT, SIGTERM, SIGHUP])
  func explain(signal: Int32) throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      try writeChirp("\(folder)/short.wav")
      try writeChirp("\(folder)/long.wav", seconds: 100)
      let arguments = ["explain", "short.wav", "long.wav", "--model", "net.onnx", "--method", "smoothgrad"]
      let running = try Otoscope.start(
        (arguments + ["--samples", "2000", "--target", "dog", "--json", "-o", "out"]).map { Array($0.utf8) },
        in: folder)
      try running.wait { $0.contains("\n") }
      usleep(50_000)
      running.send(signal)
      let sent = now()
      let outcome = try running.finish(within: 10)
      #expect(now() - sent < 1)
      #expect(outcome.status == 130)
      #expect(outcome.errorLines == ["otoscope: interrupted; files already finished are whole and kept"])
      #expect(
        names(in: "\(folder)/out")
          == [".otoscope.jsonl", "index.html", "report.json"] + explanationFiles("short.smoothgrad.dog"))
      let base = "\(folder)/out/short.smoothgrad.dog"
      #expect(isPNG(try WholeFile.read("\(base).png")))
      #expect(try Recording.read("\(base).heard.wav").frames == 24000)
      #expect(try NumPy.readArchive("\(base).npz")["attribution"] != nil)
    }
  }

  @Test("Whenever it comes, no half file stays behind")
  func noPartialFile() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      try writeChirp("\(folder)/a.wav", seconds: 20)
      for step in 0..<8 {
        let arguments = ["explain", "a.wav", "--model", "net.onnx", "--output", "out-\(step)"]
        let running = try Otoscope.start(arguments.map { Array($0.utf8) }, in: folder)
        usleep(UInt32(step) * 40_000)
        running.send(SIGINT)
        let outcome = try running.finish(within: 10)
        // Before the first instruction of its own the process ends as any does; behind the last it is done.
        #expect([130, 0, -SIGINT].contains(outcome.status), "\(outcome.errors)")
        #expect(outcome.errorLines.count <= 1)
        let left = names(in: "\(folder)/out-\(step)")
        #expect(!left.contains { $0.hasSuffix(".partial") }, "\(left)")
        for name in left where name.hasSuffix(".png") {
          #expect(isPNG(try WholeFile.read("\(folder)/out-\(step)/\(name)")))
        }
      }
    }
  }

  @Test("Classifying ends at once; every line told is whole")
  func classify() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      try writeLongRecording("\(folder)/night.wav", seconds: 36000)
      let arguments = ["classify", "night.wav", "--model", "net.onnx", "--json"]
      let running = try Otoscope.start(arguments.map { Array($0.utf8) }, in: folder)
      try running.wait { $0.contains("\n") }
      running.send(SIGINT)
      let sent = now()
      let outcome = try running.finish(within: 10)
      #expect(now() - sent < 1)
      #expect(outcome.status == 130)
      #expect(outcome.errorLines.count == 1)
      #expect(outcome.output.hasSuffix("}\n"))
      for line in outcome.lines { #expect(try json(Classified.self, line).sound == "night.wav") }
    }
  }

  @Test("Somebody who reads no further (head -1) ends it quietly")
  func closedPipe() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      try writeLongRecording("\(folder)/night.wav", seconds: 36000)
      for arguments in [
        ["inspect", "yamnet"], ["inspect", "yamnet", "--json"], ["--help"],
        ["classify", "night.wav", "--model", "net.onnx"],
      ] {
        let outcome = try Otoscope.run(arguments, output: .closedPipe, in: folder, timeout: 20)
        expectSuccess(outcome)
      }
    }
  }

  @Test("An explanation is written to its end even if nobody reads along")
  func explainToClosedPipe() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      try writeChirp("\(folder)/a.wav")
      let arguments = ["explain", "a.wav", "--model", "net.onnx", "--json", "-o", "out"]
      expectSuccess(try Otoscope.run(arguments, output: .closedPipe, in: folder))
      #expect(try ExplanationReport(of: "\(folder)/out").explanations.count == 2)
      #expect(names(in: "\(folder)/out").contains("index.html"))
    }
  }

  @Test("Results that find no room are a failure")
  func fullDisk() throws {
    try withScratchFolder { folder in
      for arguments in [["inspect", "yamnet"], ["inspect", "yamnet", "--json"]] {
        let outcome = try Otoscope.run(arguments, output: .file("/dev/full"), in: folder)
        expectFailure(outcome, saying: "standard output", "No space left")
      }
    }
  }
}
