import Explain
import Files
import Reports
import TestSupport
import Testing

@Suite("Records and where they are kept")
struct RecordTests {
  private struct Sample: Codable {
    var b: Float = 0.1
    var a = "a/\"b\"\n"
    @OrNull var none: Int?
  }

  @Test("Keys are sorted, nothing is left out, floats are as short as they can be")
  func line() throws {
    #expect(try RecordCoding.line(Sample()) == #"{"a":"a/\"b\"\n","b":0.1,"none":null}"#)
    #expect(Double.nan.finite == nil && (-0.5).finite == -0.5)
  }

  @Test("A journal holds whole lines, whatever an interruption leaves behind them")
  func journal() throws {
    try withScratchFolder { folder in
      let journal = Journal(in: folder)
      #expect((try journal.read()) == nil, "no journal yet")
      try journal.begin(["asked"])
      try journal.add(1)
      try WholeFile.write(
        WholeFile.read("\(folder)/.otoscope.jsonl") + Array("{\"to".utf8), to: "\(folder)/.otoscope.jsonl")
      #expect(try journal.read()?.entries.count == 1)
      try journal.mend()
      try journal.add(2)
      let lines = try #require(try journal.read())
      #expect(lines.entries.map { String(decoding: $0, as: UTF8.self) } == ["1", "2"])
      #expect(String(decoding: lines.header, as: UTF8.self) == #"["asked"]"#)
      journal.remove()
      #expect(names(in: folder).isEmpty)
    }
  }

  @Test("Results in a folder lie where their names say")
  func folderStore() throws {
    try withScratchFolder { folder in
      let store = FolderStore(folder)
      try store.write([7], to: "sounds/a.wav")
      #expect(try store.read("sounds/a.wav") == [7])
      #expect(try store.read("sounds/b.wav") == nil)
    }
  }
}
