import Files
import Glibc
import TestSupport
import Testing

@Suite("train")
struct TrainTests {
  /// Tones of two pitches, a folder for each.
  private func writeSounds(in folder: String, count: Int = 8) throws {
    for (name, hertz) in [("low", 300.0), ("high", 1900.0)] {
      _ = try WholeFile.makeFolder("\(folder)/sounds/\(name)")
      for index in 0..<count {
        try writeTone(
          "\(folder)/sounds/\(name)/\(index).wav", hertz * (1 + 0.02 * Double(index)), seconds: 1.1)
      }
    }
  }

  private let small = [
    "train", "sounds", "--architecture", "iminet-recording", "--epochs", "6", "--batch", "4",
    "--learning-rate", "3e-4", "--validation-share", "0.2", "--test-share", "0.2", "--cache", "cache",
    "--threads", "1",
  ]

  @Test("A folder of sounds becomes a network that every verb takes")
  func training() throws {
    try withScratchFolder { folder in
      try writeSounds(in: folder)
      let outcome = try Otoscope.run(small + ["-o", "net.onnx", "--json"], in: folder)
      expectDone(outcome)
      #expect(outcome.lines.count == 7)
      let record = try json(Record.self, outcome.lines[6])
      #expect(record.classes == ["high", "low"] && record.epochs == 6)
      #expect(record.test_accuracy == 1)
      #expect(Set(names(in: folder)).isSuperset(of: ["net.onnx", "net.onnx.epochs.csv", "net.onnx.events"]))
      #expect(!names(in: folder).contains("net.onnx.checkpoint.npz"))

      let heard = try Otoscope.run("classify", "sounds/low/0.wav", "--model", "net.onnx", in: folder)
      expectDone(heard)
      #expect(heard.output.contains("low 0.") && heard.output.hasPrefix("sounds/low/0.wav: low"))

      // The same weights learn on, and a new head takes other classes.
      let more = try Otoscope.run(
        "train", "sounds", "--from", "net.onnx", "--epochs", "1", "-o", "more.onnx", "--cache", "cache",
        "--validation-share", "0.2", in: folder)
      expectDone(more)
      #expect(more.errors.contains("has these classes already"))
      let other = try Otoscope.run(
        "train", "sounds", "--from", "net.onnx", "--new-head", "--freeze-trunk", "--epochs", "2", "-o",
        "head.onnx", "--cache", "cache", "--json", "--validation-share", "0.2", in: folder)
      expectDone(other)
      #expect(other.lines.last?.contains("frozen_up_to") == true)
    }
  }

  @Test("With the trunk frozen the last dense layer is learnt, whatever layers are called")
  func frozenTrunk() throws {
    try withScratchFolder { folder in
      try writeSounds(in: folder)
      expectDone(try Otoscope.run(small + ["-o", "net.onnx"], in: folder))
      func learnt(_ arguments: String...) throws -> Int {
        let outcome = try Otoscope.run(
          [
            "train", "sounds", "--freeze-trunk", "--epochs", "1", "--cache", "cache", "--json", "--restart",
            "--validation-share", "0.2",
          ] + arguments, in: folder)
        expectDone(outcome)
        return try json(Record.self, outcome.lines.last ?? "").parameters
      }
      // A new head, and the one that is there: 64 features, two classes.
      #expect(try learnt("--from", "net.onnx", "--new-head", "-o", "head.onnx") == 2 * 64 + 2)
      #expect(try learnt("--from", "head.onnx", "-o", "again.onnx") == 2 * 64 + 2)
      // Behind a head, which becomes a part of the trunk.
      #expect(try learnt("--from", "head.onnx", "--cut", "logits", "-o", "behind.onnx") == 2 * 2 + 2)
    }
  }

  /// Epochs and remarks are told on standard error.
  private func expectDone(_ outcome: Otoscope.Outcome, at location: SourceLocation = #_sourceLocation) {
    #expect(outcome.status == 0, "\(outcome.errors)", sourceLocation: location)
  }

  private struct Record: Decodable {
    var classes: [String]
    var epochs: Int
    var parameters: Int
    var test_accuracy: Double?
  }

  @Test("Killed and started again, a training ends in the same file")
  func killed() throws {
    try withScratchFolder { folder in
      try writeSounds(in: folder)
      expectDone(try Otoscope.run(small + ["-o", "whole.onnx"], in: folder))
      let running = try Otoscope.start((small + ["-o", "killed.onnx"]).map { Array($0.utf8) }, in: folder)
      for _ in 0..<3000 where !names(in: folder).contains("killed.onnx.checkpoint.npz") { usleep(10_000) }
      running.send(SIGKILL)
      _ = try? running.finish(within: 60)
      let again = try Otoscope.run(small + ["-o", "killed.onnx"], in: folder)
      expectDone(again)
      #expect(try WholeFile.read("\(folder)/killed.onnx") == WholeFile.read("\(folder)/whole.onnx"))
    }
  }

  @Test("What cannot be meant is said at once")
  func misuse() throws {
    try withScratchFolder { folder in
      try writeSounds(in: folder, count: 4)
      func run(_ arguments: String...) throws -> Otoscope.Outcome {
        try Otoscope.run(["train", "sounds", "--cache", "cache"] + arguments, in: folder)
      }
      expectMisuse(try run("-o", "net.onnx"), saying: "--architecture", "--from")
      expectMisuse(
        try run("-o", "net.onnx", "--architecture", "m5", "--from", "yamnet"), saying: "--architecture")
      expectMisuse(try run("-o", "net", "--architecture", "m5"), saying: ".onnx")
      expectMisuse(try run("-o", "net.onnx", "--architecture", "m5", "--batch", "0"), saying: "--batch")
      expectMisuse(try run("-o", "net.onnx", "--architecture", "m5", "--freeze-trunk"), saying: "--from")
      expectFailure(
        try run("-o", "net.onnx", "--architecture", "m5", "--patch", "2", "--validation-share", "0.3"),
        status: 2, saying: "patches are 4 s", "--patch")
      expectFailure(
        try run("-o", "net.onnx", "--from", "nothing.onnx", "--validation-share", "0.3"),
        saying: "nothing.onnx")
      expectFailure(
        try Otoscope.run(
          "train", "nowhere", "--architecture", "m5", "-o", "net.onnx", "--cache", "cache", in: folder),
        saying: "nowhere")
      #expect(!names(in: folder).contains("net.onnx"))
    }
  }
}
