import Files
import Glibc
import TestSupport
import Testing

@Suite("dream upon pictures")
struct PictureDreamCommandTests {
  private struct Dreamt: Decodable {
    let width: Int
    let height: Int
    let step_s: Double?
    let first: Double?
    let last: Double?
    let after: [Seen]
    let files: [String]
  }

  private struct Seen: Decodable {
    let label: String
    let probability: Double
  }

  private static func seed(_ name: String) -> String { "\(Otoscope.root)/Data/seeds/\(name)" }

  @Test("A picture is dreamt upon: its files are there, and the objective grows")
  func picture() throws {
    try withScratchFolder { folder in
      let outcome = try Otoscope.run(
        "dream", Self.seed("dog.jpg"), "--size", "96", "--octaves", "2", "--steps", "4", "--film", "--output",
        "out", "--json",
        in: folder)
      expectSuccess(outcome)
      let record = try json(Dreamt.self, try #require(outcome.lines.first))
      #expect((record.width, record.height) == (96, 96) && record.after.count == 5 && record.step_s ?? 0 > 0)
      #expect(record.last ?? 0 > record.first ?? 0)
      #expect(record.files == ["dog.dream.png", "dog.stages.png", "dog.dream.webm", "dog.dream.mp4"])
      #expect(names(in: "\(folder)/out") == (record.files + ["index.html", "report.json"]).sorted())
      #expect(isPNG(try WholeFile.read("\(folder)/out/dog.dream.png")))
    }
  }

  @Test("Without a picture a dream grows from noise; a class of sound is one, too")
  func noise() throws {
    try withScratchFolder { folder in
      let outcome = try Otoscope.run(
        "dream", "--target", "Bark", "--size", "96", "--octaves", "1", "--steps", "3", "--frames", "2",
        "--output", "out",
        "--json", in: folder)
      expectSuccess(outcome)
      #expect(names(in: "\(folder)/out").contains("bark.dream.png"))
    }
  }

  @Test("What cannot be meant is refused in words")
  func misuse() throws {
    try withScratchFolder { folder in
      try writeChirp("\(folder)/a.wav")
      try WholeFile.write(Array("no picture".utf8), to: "\(folder)/b.jpg")
      let dog = Self.seed("dog.jpg")
      expectFailure(
        try Otoscope.run("dream", dog, "a.wav", in: folder), status: 2,
        saying: "pictures and sounds one after the other")
      expectFailure(
        try Otoscope.run("dream", dog, "--model", "yamnet", in: folder), status: 2,
        saying: "is a picture, and yamnet listens")
      expectFailure(
        try Otoscope.run("dream", "--model", "yamnet", in: folder), status: 2, saying: "name the sounds")
      expectFailure(
        try Otoscope.run("dream", dog, "--layer", "nosuch", in: folder), status: 2,
        saying: "no layer is called 'nosuch'")
      expectFailure(
        try Otoscope.run("dream", "b.jpg", "--model", "efficientnet-lite0", in: folder),
        saying: "is not a picture that can be read")
    }
  }

  @Test("Renderings that were killed go on to the same frames, byte for byte; other settings are refused")
  func render() throws {
    try withScratchFolder { folder in
      func arguments(_ output: String, _ more: String...) -> [[UInt8]] {
        (["dream", "render", "--classes", "dog,Chicken", "--frames", "6", "--size", "96", "--output", output]
          + more)
          .map { Array($0.utf8) }
      }
      let whole = try Otoscope.start(arguments("whole"), in: folder)
      expectSuccess(try whole.finish(within: 120))
      // Killed once some frames are there, twice.
      for count in [2, 8] {
        let running = try Otoscope.start(arguments("killed"), in: folder)
        let start = now()
        func made() -> Int {
          ["dog", "chicken"].reduce(0) { $0 + names(in: "\(folder)/killed/\($1)").count }
        }
        while made() < count, now() - start < 60 { usleep(2000) }
        running.send(SIGKILL)
        _ = try running.finish(within: 10)
      }
      let again = try Otoscope.start(arguments("killed"), in: folder)
      expectSuccess(try again.finish(within: 120))
      #expect(
        names(in: "\(folder)/whole") == names(in: "\(folder)/killed").filter { !$0.hasSuffix(".partial") })
      // x264 does not make the same bytes of the same pictures each time; VP9 does.
      for name in ["render.json", "dog.webm", "chicken.webm"] {
        #expect(
          try WholeFile.read("\(folder)/whole/\(name)") == WholeFile.read("\(folder)/killed/\(name)"),
          "\(name)")
      }
      for one in ["dog", "chicken"] {
        let frames = names(in: "\(folder)/whole/\(one)")
        #expect(frames.count == 6)
        for frame in frames {
          #expect(
            try WholeFile.read("\(folder)/whole/\(one)/\(frame)")
              == WholeFile.read("\(folder)/killed/\(one)/\(frame)"),
            "\(one)/\(frame)")
        }
      }
      let other = try Otoscope.start(arguments("whole", "--steps", "5"), in: folder)
      expectFailure(
        try other.finish(within: 30), saying: "was begun with other settings: --steps: 4 there, 5 here")
    }
  }
}
