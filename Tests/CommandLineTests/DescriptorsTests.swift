import Files
import TestSupport
import Testing

@Suite("descriptors")
struct DescriptorsTests {
  private struct Described: Decodable {
    var sound: String
    var seconds: Double
    var rms: Double?
    var centroid_hz: Double?
    var loudness_lufs: Double?
    var harmonic_share: Double?
    var mfcc: [Double?]
    var hpcp: [Double?]
    var onsets: [Double]
    var frames: Frames?

    struct Frames: Decodable {
      var times: [Double]
      var centroid_hz: [Double?]
      var chroma: [[Double?]]
    }
  }

  @Test("Measures the sounds of a folder, an object a line")
  func folder() throws {
    try withScratchFolder { folder in
      try WholeFile.makeFolder("\(folder)/in/deep")
      try writeTone("\(folder)/in/a.wav", 440, seconds: 1)
      try writeTone("\(folder)/in/deep/b.wav", 2000, seconds: 1)
      let outcome = try Otoscope.run(["descriptors", "in", "--json"], in: folder)
      expectSuccess(outcome)
      let described = try outcome.lines.map { try json(Described.self, $0) }
      #expect(described.map(\.sound) == ["in/a.wav", "in/deep/b.wav"])
      for (table, hertz) in zip(described, [440.0, 2000]) {
        #expect(abs((table.centroid_hz ?? 0) - hertz) < 0.1 * hertz)
        #expect(table.mfcc.count == 13 && table.hpcp.count == 12 && table.frames == nil)
        #expect((table.harmonic_share ?? 0) > 0.9)
      }
    }
  }

  @Test("Silence is null, a bad file is told and does not keep others from being measured")
  func silence() throws {
    try withScratchFolder { folder in
      try WholeFile.write(floatWAV([Float](repeating: 0, count: 800)), to: "\(folder)/none.wav")
      try WholeFile.write(Array("no sound".utf8), to: "\(folder)/bad.wav")
      let outcome = try Otoscope.run(["descriptors", "bad.wav", "none.wav", "--json"], in: folder)
      #expect(outcome.status == 1 && outcome.errors.contains("bad.wav"))
      let table = try json(Described.self, outcome.output)
      #expect(table.rms == 0 && table.centroid_hz == nil && table.loudness_lufs == nil)
      #expect(outcome.output.contains("\"loudness_lufs\":null"))
      #expect(table.mfcc == Array(repeating: nil, count: 13))
    }
  }

  @Test("Writes a table, with names in quotes where they need them, and one over frames")
  func tables() throws {
    try withScratchFolder { folder in
      let name = "a, \"b\".wav"
      try writeTone("\(folder)/\(name)", 440, seconds: 0.5)
      expectSuccess(try Otoscope.run(["descriptors", name, "-o", "d.csv"], in: folder))
      let lines = try table("\(folder)/d.csv")
      #expect(
        lines.count == 2 && lines[0].hasPrefix("sound,start,seconds,rms,zero_crossing_rate,centroid_hz"))
      #expect(lines[1].hasPrefix("\"a, \"\"b\"\".wav\",0,0.5,"))
      // Three commas less: those of the quoted name.
      #expect(lines[0].split(separator: ",", omittingEmptySubsequences: false).count == 3 + 15 + 13 + 24)

      let outcome = try Otoscope.run(["descriptors", name, "--frames", "--json", "-o", "f.csv"], in: folder)
      expectSuccess(outcome)
      let frames = try #require(try json(Described.self, outcome.output).frames)
      #expect(
        frames.times.count == 22 && frames.centroid_hz.count == 22
          && frames.chroma.allSatisfy { $0.count == 12 })
      #expect(try table("\(folder)/f.csv").count == 23)
    }
  }

  @Test("Says what it needs")
  func misuse() throws {
    try withScratchFolder { folder in
      #expect(try Otoscope.run(["descriptors"], in: folder).status == 2)
      let outcome = try Otoscope.run(["descriptors", "a.wav", "--frames"], in: folder)
      #expect(outcome.status == 2 && outcome.errors.contains("--frames goes with --json or -o"))
    }
  }

  /// The lines of a table; each ends with a carriage return and a line feed.
  private func table(_ path: String) throws -> [String] {
    let text = String(decoding: try WholeFile.read(path), as: UTF8.self)
    #expect(text.hasSuffix("\r\n"))
    return text.split(separator: "\r\n").map(String.init)
  }
}
