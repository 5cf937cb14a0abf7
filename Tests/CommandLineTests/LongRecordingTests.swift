import Files
import TestSupport
import Testing

@Suite("Recordings of many hours")
struct LongRecordingTests {
  private static let hour = 3600

  @Test("Explaining ten hours is refused at once, and says how else; a part of them is explained")
  func explain() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      try writeLongRecording("\(folder)/night.wav", seconds: 10 * Self.hour)
      let arguments = ["explain", "night.wav", "--model", "net.onnx", "--output", "out"]
      let refused = try Otoscope.run(arguments, in: folder)
      expectFailure(refused, saying: "night.wav", "36000 s", "--start", "--duration")
      #expect(refused.seconds < 5 && refused.peakMemory < 200 << 20)
      #expect(names(in: folder) == ["net.onnx", "night.wav"])

      let part = try Otoscope.run(arguments + ["--start", "30000", "--duration", "5"], in: folder)
      expectSuccess(part)
      let report = try ExplanationReport(of: "\(folder)/out")
      #expect(report.explanations.allSatisfy { $0.start == 30000 && $0.seconds == 5 })
    }
  }

  @Test("Classifying streams: a line a minute, in memory that does not grow with the length")
  func classify() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      try writeLongRecording("\(folder)/hour.wav", seconds: Self.hour + 30)
      let outcome = try Otoscope.run(["classify", "hour.wav", "--model", "net.onnx", "--json"], in: folder)
      expectSuccess(outcome)
      let stretches = try outcome.lines.map { try json(Classified.self, $0) }
      #expect(stretches.map(\.start) == (0...60).map { Double($0 * 60) })
      #expect(stretches.map(\.seconds) == Array(repeating: 60, count: 60) + [30])
      // The whole hour as 32-bit samples would be 230 MB, and nearly as much again as log-mel patches, besides what the
      // program takes for any sound: 180 to 240 MB, as the heap happens to fall into pieces.
      #expect(outcome.peakMemory < 330 << 20)
    }
  }

  @Test("Classifying begins where it is told to, in stretches, and ends there")
  func stretches() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      try writeLongRecording("\(folder)/night.wav", seconds: 10 * Self.hour)
      func starts(_ arguments: String...) throws -> [Double?] {
        let all = ["classify", "night.wav", "--model", "net.onnx", "--json", "--top", "1"] + arguments
        let outcome = try Otoscope.run(all, in: folder)
        expectSuccess(outcome)
        return try outcome.lines.map { try json(Classified.self, $0).start }
      }
      #expect(try starts("--start", "35000", "--duration", "25", "--stretch", "10") == [35000, 35010, 35020])
      #expect(try starts("--start", "35300") == (0..<12).map { Double(35300 + 60 * $0) })
      #expect(try starts("--start", "35990") == [35990])
      #expect(try starts("--duration", "5") == [nil])
    }
  }
}
