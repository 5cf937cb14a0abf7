import Audio
import Files
import Graphs
import Jobs
import Models
import Reports
import TestSupport
import Testing
import Train

/// `test` as a job: what it hears, tells and writes.
struct TestJobTests {
  /// Tones in a folder for each class, one of them in the wrong folder, and a file that is no sound.
  private func writeTones(in folder: String) throws {
    for name in ["low", "high"] { try WholeFile.makeFolder("\(folder)/tones/\(name)") }
    for number in 0..<8 {
      try writeTone("\(folder)/tones/low/\(number).wav", hertz: 400 + 20 * Double(number))
      try writeTone("\(folder)/tones/high/\(number).wav", hertz: 2600 + 50 * Double(number))
    }
    try writeTone("\(folder)/tones/high/misplaced.wav", hertz: 500)
    try WholeFile.write(Array("no sound".utf8), to: "\(folder)/tones/low/broken.wav")
    try writeListener("\(folder)/net.onnx")
  }

  private func request(in folder: String) -> TestRequest {
    var request = TestRequest(ModelChoice("\(folder)/net.onnx"), on: DataChoice("\(folder)/tones"))
    (request.side, request.draws) = (.all, 50)
    return request
  }

  private func run(_ request: TestRequest, in folder: String, _ store: MemoryStore?) throws -> TestRecord {
    let workspace = Workspace(
      threads: 2, recommendations: RecommendationStore(folder: "\(folder)/kept", bundled: "\(folder)/bundled")
    )
    return try TestJob(request, in: workspace).run(in: store, command: "otoscope test").record
  }

  @Test("the record holds the numbers, and null where nothing is known")
  func record() throws {
    try withScratchFolder { folder in
      try writeTones(in: folder)
      let record = try run(request(in: folder), in: folder, nil)
      #expect(record.clips == 17 && record.unreadable.count == 1)
      #expect(record.unreadable.first?.sound.hasSuffix("broken.wav") == true)
      #expect(abs((record.accuracy ?? 0) - 16.0 / 17) < 1e-12)
      let places = record.classes.map { record.confusion?[record.classes.firstIndex(of: $0) ?? 0] }
      #expect(record.classes == ["high", "low"] && places == [[8, 1], [0, 8]])
      #expect(record.worst.map(\.answer) == ["low"] && record.worst.first?.classes == ["high"])
      #expect(record.systems.count == 1 && record.files.isEmpty)

      let json = try RecordCoding.line(record)
      for key in [
        "accuracy", "macro_f1", "per_class", "confusion", "intervals", "calibration", "per_fold", "support",
        "worst",
      ] {
        #expect(json.contains("\"\(key)\":"), "\(key)")
      }
      // Two classes have no top 3.
      #expect(json.contains("\"top_3_accuracy\":null") && !json.contains("\"shortcuts\""))
      let known = try RecordCoding.read(TestRecord.self, from: Array(json.utf8))
      #expect(try RecordCoding.line(known) == json)
    }
  }

  @Test(
    "shortcuts of a network that takes samples are refused before a clip is heard, with what to do instead")
  func shortcutsOfSamples() throws {
    try withScratchFolder { folder in
      try writeTones(in: folder)
      var file = try Architecture.m5.network(classes: 2)
      file.metadata["otoscope.labels"] = "[\"low\", \"high\"]"
      try file.write(to: "\(folder)/net.onnx")
      var request = request(in: folder)
      request.findsShortcuts = true
      let error = #expect(throws: TestingError.self) { try TestJob(request, in: Workspace(threads: 1)) }
      #expect(error == .noPicture(model: "net.onnx"))
      #expect(error.map { "\($0)".contains("--domain stft") } == true)
    }
  }

  @Test("a page, tables and pictures are written, with both explanations of a mistake")
  func report() throws {
    try withScratchFolder { folder in
      try writeTones(in: folder)
      var request = request(in: folder)
      (request.worst, request.method, request.findsShortcuts) = (3, "occlusion", true)
      let store = MemoryStore()
      let record = try run(request, in: folder, store)
      #expect(Set(record.files).isSubset(of: store.names) && record.files.contains("confusion.svg"))
      let page = String(decoding: store.read("index.html") ?? [], as: UTF8.self)
      for text in ["misplaced.wav", "high, taken for low", "For low", "For high", "Shortcuts", "broken.wav"] {
        #expect(page.contains(text), "\(text)")
      }
      #expect(record.worst.map(\.method) == ["occlusion"] && record.shortcuts != nil)
      let table = String(decoding: store.read("answers.csv") ?? [], as: UTF8.self)
      #expect(
        table.split(separator: "\r\n").count == 18 && table.hasPrefix("sound,start_s,end_s,fold,group,class,")
      )
      let written = try RecordCoding.read(TestRecord.self, from: store.read("test.json") ?? [])
      #expect(written.accuracy == record.accuracy)
    }
  }

  @Test("a side without clips, and a model of other classes, are refused")
  func refusals() throws {
    try withScratchFolder { folder in
      try writeTones(in: folder)
      let workspace = Workspace(threads: 1)
      for name in ["dog", "cat"] {
        try WholeFile.makeFolder("\(folder)/others/\(name)")
        for number in 0..<3 { try writeTone("\(folder)/others/\(name)/\(number).wav", hertz: 400) }
      }
      var other = request(in: folder)
      other.data = DataChoice("\(folder)/others")
      #expect(throws: TestingError.self) { try TestJob(other, in: workspace) }
      var table = "file,class,part\n"
      for number in 0..<6 {
        table += "tones/low/\(number).wav,low,training\n"
        table += "tones/high/\(number).wav,high,\(number < 2 ? "training" : "test")\n"
      }
      try WholeFile.write(Array(table.utf8), to: "\(folder)/parts.csv")
      var request = request(in: folder)
      (request.data, request.side) = (DataChoice("\(folder)/parts.csv"), .test)
      let record = try run(request, in: folder, nil)
      #expect(record.clips == 4 && record.absentClasses == ["low"])
      #expect(record.perClass.map(\.f1) == [1, nil] || record.perClass.map(\.f1) == [nil, 1])
    }
  }
}
