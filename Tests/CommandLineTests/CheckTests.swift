import Files
import TestSupport
import Testing

@Suite("check")
struct CheckTests {
  private struct Checked: Decodable {
    struct Class: Decodable {
      var name: String
      var clips: Int
      var sides: Sides?
    }
    struct Sides: Decodable, Equatable {
      var training: Int
      var validation: Int
      var test: Int
    }
    struct Tally: Decodable, Equatable {
      var value: Int
      var clips: Int
    }
    struct Finding: Decodable {
      var kind: String
      var severity: String
      var clips: [String]
      var message: String
    }

    var name: String
    var clips: Int
    var seconds: Double
    var multi_label: Bool
    var folds: [Int]
    var classes: [Class]
    var sides: Sides?
    var sample_rates: [Tally]
    var findings: [Finding]
    var ok: Bool
  }

  /// Five tones for each of two classes, a table of folds and groups beside them.
  private func writeTones(_ folder: String) throws {
    var table = "filename,class,fold,group\n"
    for (label, name) in ["high", "low"].enumerated() {
      try WholeFile.makeFolder("\(folder)/set/\(name)")
      for number in 1...5 {
        try writeTone(
          "\(folder)/set/\(name)/\(number).wav", 200 + 40 * Double(number) + 1000 * Double(1 - label),
          seconds: 0.5)
        table += "\(name)/\(number).wav,\(name),\(number),\(name) \(number)\n"
      }
    }
    try WholeFile.write(Array(table.utf8), to: "\(folder)/set/metadata.csv")
  }

  @Test("A sound set ends with 0: counts by class and side, and nothing to complain about")
  func clean() throws {
    try withScratchFolder { folder in
      try writeTones(folder)
      let outcome = try Otoscope.run(["check", "set", "--json"], in: folder)
      expectSuccess(outcome)
      let checked = try json(Checked.self, outcome.output)
      #expect(checked.ok && checked.findings.isEmpty && checked.clips == 10 && checked.seconds == 5)
      #expect(checked.name == "set" && checked.folds == [1, 2, 3, 4, 5] && !checked.multi_label)
      #expect(checked.classes.map(\.name) == ["high", "low"] && checked.classes.map(\.clips) == [5, 5])
      #expect(checked.sides == Checked.Sides(training: 6, validation: 2, test: 2))
      #expect(checked.sample_rates.map(\.clips) == [10])
      let text = try Otoscope.run(["check", "set", "--test-fold", "1"], in: folder)
      expectSuccess(text)
      #expect(text.lines.first == "set: 10 clips, 5 s, 2 classes, 10 groups, folds 1 to 5")
      #expect(text.lines.last == "nothing to complain about")
    }
  }

  @Test("What would spoil training ends with 1 and is named; a warning ends with 0")
  func faults() throws {
    try withScratchFolder { folder in
      try writeTones(folder)
      try WholeFile.write(try WholeFile.read("\(folder)/set/low/1.wav"), to: "\(folder)/set/low/2.wav")
      let copied = try Otoscope.run(["check", "set", "--json"], in: folder)
      #expect(copied.status == 0)
      #expect(try json(Checked.self, copied.output).findings.map(\.kind) == ["copies"])

      let leaking = try Otoscope.run(["check", "set", "--test-fold", "2", "--json"], in: folder)
      #expect(leaking.status == 1)
      let checked = try json(Checked.self, leaking.output)
      #expect(!checked.ok && checked.findings.first?.kind == "leaked-copy")
      #expect(checked.findings.first?.clips == ["set/low/1.wav", "set/low/2.wav"])

      try WholeFile.write(Array("no sound".utf8), to: "\(folder)/set/high/3.wav")
      let broken = try Otoscope.run(["check", "set"], in: folder)
      #expect(broken.status == 1)
      #expect(broken.output.contains("error: 1 clip cannot be read: set/high/3.wav"))
      #expect(broken.lines.last == "1 error to mend before training")
    }
  }

  @Test("A split that cannot be is an error of the check, and options that cannot be meant are misuse")
  func badSplits() throws {
    try withScratchFolder { folder in
      try writeTones(folder)
      let missing = try Otoscope.run(["check", "set", "--test-fold", "9"], in: folder)
      #expect(missing.status == 1)
      #expect(missing.output.contains("error: no clip is of fold 9; the folds are 1, 2, 3, 4, 5"))
      expectMisuse(
        try Otoscope.run(["check", "set", "--held-out", "a", "--test-fold", "1"], in: folder),
        saying: "--held-out")
      expectMisuse(
        try Otoscope.run(["check", "set", "--test-share", "1"], in: folder), saying: "--test-share")
      expectMisuse(
        try Otoscope.run(["check", "set", "--columns", "where=x"], in: folder), saying: "'where=x'", "path")
      expectFailure(try Otoscope.run(["check", "nowhere"], in: folder), saying: "nowhere: no such file")
      expectFailure(
        try Otoscope.run(["check", "set", "--columns", "class=Art"], in: folder),
        saying: "class called 'Art'; its columns are filename, class, fold", "--columns")
      expectFailure(
        try Otoscope.run(["check", "set", "--corpus", "esc-50"], in: folder), saying: "ESC-50",
        "meta/esc50.csv")
    }
  }
}
