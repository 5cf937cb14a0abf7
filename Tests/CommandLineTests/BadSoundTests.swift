import Files
import TestSupport
import Testing

@Suite("Sounds that cannot be heard")
struct BadSoundTests {
  /// What can be wrong with a sound, how the file is made, and what the message must say.
  enum Trouble: String, CaseIterable, CustomTestStringConvertible {
    case missing, empty, text, noSamples, notANumber, infinite, folder, notUTF8

    var testDescription: String { rawValue }

    func make(_ path: String) throws {
      switch self {
      case .missing, .notUTF8: break
      case .empty: try WholeFile.write([], to: path)
      case .text: try WholeFile.write(Array("Dear diary,\ntoday I was named .wav.\n".utf8), to: path)
      case .noSamples: try WholeFile.write(integerWAV([]), to: path)
      case .notANumber:
        var samples = chirp(seconds: 1)
        samples[8000] = .nan
        try WholeFile.write(floatWAV(samples), to: path)
      case .infinite:
        try WholeFile.write(floatWAV(chirp(seconds: 1) + [.infinity]), to: path)
      case .folder: try WholeFile.makeFolder(path)
      }
    }

    var words: [String] {
      switch self {
      case .missing, .notUTF8: ["no such file", "check the path"]
      case .empty: ["is empty", "copied"]
      case .text: ["is not a sound file", "give a WAV"]
      case .noSamples: ["no samples", "longer"]
      case .notANumber: ["the sample at 0.5 s", "NaN"]
      case .infinite: ["the sample at 1.0 s", "infinite"]
      case .folder: ["is a folder", "name a sound file"]
      }
    }
  }

  @Test("One line, status 1, and nothing left behind", arguments: Trouble.allCases, ["explain", "classify"])
  func oneLine(trouble: Trouble, verb: String) throws {
    try withScratchFolder { folder in
      try trouble.make("\(folder)/bad.wav")
      let before = names(in: folder)
      let output = verb == "explain" ? ["--output", "new/folder"] : []
      let sound = trouble == .notUTF8 ? [0xFF, 0x80] + Array(".wav".utf8) : Array("bad.wav".utf8)
      let arguments = [Array(verb.utf8), sound] + output.map { Array($0.utf8) }
      let outcome = try Otoscope.start(arguments, in: folder).finish(within: 30)
      expectFailure(outcome, saying: trouble == .notUTF8 ? ".wav" : "bad.wav")
      for word in trouble.words { #expect(outcome.errors.contains(word), "\(outcome.errors)") }
      #expect(names(in: folder) == before)
    }
  }

  @Test("Standard input without a byte")
  func emptyInput() throws {
    try withScratchFolder { folder in
      expectFailure(try .init(["classify", "-"], in: folder), saying: "standard input", "is empty")
    }
  }

  @Test("Where FFmpeg cannot be loaded, sounds cannot be read, and all else can be done")
  func noFFmpeg() throws {
    try withScratchFolder { folder in
      try writeChirp("\(folder)/short.wav")
      // By the name of FFmpeg's library, whichever version this was built with, what is none.
      _ = try WholeFile.makeFolder("\(folder)/libraries")
      for version in 50..<80 { try WholeFile.write([0], to: "\(folder)/libraries/libavutil.so.\(version)") }
      func run(_ verb: String...) throws -> Otoscope.Outcome {
        let verb = verb.map { Array($0.utf8) }
        return try Otoscope.start(verb, in: folder, setting: ["LD_LIBRARY_PATH": "\(folder)/libraries"])
          .finish(within: 30)
      }
      expectFailure(
        try run("classify", "short.wav"), saying: "FFmpeg, which reads sounds, cannot be loaded", "libavutil",
        "install")
      expectSuccess(try run("inspect", "yamnet"))
    }
  }

  @Test("A start behind the end")
  func startBehindEnd() throws {
    try withScratchFolder { folder in
      try writeChirp("\(folder)/short.wav")
      for verb in [["classify"], ["explain", "-o", "out"]] {
        let outcome = try Otoscope.run(verb + ["short.wav", "--start", "9"], in: folder)
        expectFailure(outcome, saying: "short.wav", "the sound ends at 1.5 s")
      }
      #expect(names(in: folder) == ["short.wav"])
    }
  }

  @Test("One bad sound does not keep the others from being heard, but counts")
  func othersGoOn() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      try writeChirp("\(folder)/a.wav")
      try writeChirp("\(folder)/b.wav")
      let sounds = ["a.wav", "gone.wav", "b.wav", "--model", "net.onnx"]
      let classified = try Otoscope.run(["classify"] + sounds, in: folder)
      #expect(classified.status == 1)
      #expect(classified.lines.map { $0.prefix(5) } == ["a.wav", "b.wav"])
      #expect(classified.errorLines == ["otoscope: gone.wav: no such file; check the path"])

      let explained = try Otoscope.run(["explain", "-o", "out", "--method", "saliency"] + sounds, in: folder)
      #expect(explained.status == 1)
      #expect(explained.lines == ["open out/index.html"])
      #expect(explained.errorLines == ["otoscope: gone.wav: no such file; check the path"])
      #expect(try ExplanationReport(of: "\(folder)/out").explanations.map(\.sound) == ["a.wav", "b.wav"])
    }
  }
}

extension Otoscope.Outcome {
  /// The outcome of running the command to its end.
  init(_ arguments: [String], stdin: [UInt8]? = nil, in folder: String) throws {
    self = try Otoscope.run(arguments, stdin: stdin, in: folder)
  }
}
