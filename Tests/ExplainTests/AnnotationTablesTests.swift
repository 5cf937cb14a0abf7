import Explain
import Files
import TestSupport
import Testing

/// Which table and which row belongs to which sound.
struct AnnotationTablesTests {
  private func write(_ text: String, _ path: String) throws {
    try WholeFile.makeFolder(path.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 })
    try WholeFile.write(Array(text.utf8), to: path)
  }

  private func starts(_ regions: [String: [AnnotatedRegion]]) -> [String: [Double]] {
    regions.mapValues { $0.map(\.start) }
  }

  @Test("Raven's table of two files: each region at its place in its own file")
  func ravenOfTwoFiles() throws {
    try withScratchFolder { folder in
      let path = "\(folder)/session.txt"
      try write(
        "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\tBegin File\tFile Offset (s)\t"
          + "Annotation\n1\tSpectrogram 1\t1\t5.0\t6.5\t100\t6000\ta.wav\t5.0\tDog\n"
          + "2\tSpectrogram 1\t1\t40.0\t41.5\t100\t6000\tb.wav\t10.0\tChicken, rooster\n", path)
      var tables = try AnnotationTables(path)
      let regions = tables.regions(of: ["x/a.wav", "x/b.wav"])
      #expect(
        regions == [
          "x/a.wav": [.init(start: 5, end: 6.5, lowest: 100, highest: 6000, label: "Dog", file: "a.wav")],
          "x/b.wav": [
            .init(start: 10, end: 11.5, lowest: 100, highest: 6000, label: "Chicken, rooster", file: "b.wav")
          ],
        ])
      #expect(tables.notes.isEmpty)
    }
  }

  @Test(
    "Files by the most parts of their paths",
    arguments: [
      ("1.wav", []), ("a/1.wav", ["r/a/1.wav"]), ("D:\\r\\b\\1.wav", ["r/b/1.wav"]),
      ("/else/b/1.wav", ["r/b/1.wav"]),
      ("2.wav", ["r/b/2.wav"]), ("2", ["r/b/2.wav"]), ("./b/1", ["r/b/1.wav"]), ("2.mp3", []), ("3.wav", []),
    ] as [(String, [String])])
  func matches(file: String, sounds: [String]) {
    let found = AnnotationTables.matches(file, ["r/a/1.wav", "r/b/1.wav", "r/b/2.wav"])
    #expect(sounds.isEmpty ? found.count != 1 : found == sounds)
  }

  @Test(
    "A folder of tables: by name, by folder, by the rows' files; one odd table ends nothing, and all is counted"
  )
  func folder() throws {
    try withScratchFolder { folder in
      try write("1\t2\tDog\n", "\(folder)/dog.txt")
      try write("start,end\n8,9\n", "\(folder)/dog.csv")
      try write("2\t3\tCat\n", "\(folder)/cat.wav.txt")
      try write("3 4 Cow\n", "\(folder)/a/1.lab")
      try write("4 5 Cow\n", "\(folder)/b/1.lab")
      try write("start,end,file\n5,6,hen.wav\n6,7,fox.wav\n7,8,1.wav\n", "\(folder)/all.csv")
      try write("Dear diary\n", "\(folder)/diary.txt")
      try write("1\t2\tx\n", "\(folder)/nobody.txt")
      try WholeFile.write([0x30, 0, 0, 0x31], to: "\(folder)/binary.txt")
      var tables = try AnnotationTables(folder)
      let regions = tables.regions(of: [
        "s/dog.wav", "s/cat.wav", "s/a/1.wav", "s/b/1.wav", "s/hen.wav", "s/none.wav",
      ])
      #expect(
        starts(regions) == [
          "s/dog.wav": [1], "s/cat.wav": [2], "s/a/1.wav": [3], "s/b/1.wav": [4], "s/hen.wav": [5],
        ])
      for word in [
        "diary.txt, line 1", "binary.txt: is not text", "dog.csv: passed over: dog.txt",
        "none of the sounds: nobody.txt",
        "not among the sounds: 1, in fox.wav", "several sounds are called: 1, in 1.wav",
      ] { #expect(tables.notes.contains { $0.contains(word) }, "\(word) in \(tables.notes)") }
      #expect(tables.notes.count == 6)
    }
  }

  @Test("A single table without files belongs to a single sound; an unreadable one is an error")
  func single() throws {
    try withScratchFolder { folder in
      try write("1\t2\tDog\n3\t4\tDog\n", "\(folder)/labels.txt")
      var one = try AnnotationTables("\(folder)/labels.txt")
      #expect(starts(one.regions(of: ["any.wav"])) == ["any.wav": [1, 3]])
      var two = try AnnotationTables("\(folder)/labels.txt")
      #expect(two.regions(of: ["a.wav", "b.wav"]).isEmpty)
      #expect(two.notes.count == 1 && two.notes[0].contains("name no file") && two.notes[0].contains("2, in"))
      try write("Dear diary\n", "\(folder)/diary.txt")
      #expect(throws: AnnotationError.self) { try AnnotationTables("\(folder)/diary.txt") }
      #expect(throws: FileError.self) { try AnnotationTables("\(folder)/nothing") }
    }
  }

  @Test("What a region may be called in the model's labels")
  func labels() throws {
    let region = AnnotatedRegion(start: 0, end: 1, label: "Chicken", otherLabels: ["Gallus gallus"])
    #expect(
      LabelMap().names(of: region) == [
        "Chicken", "Gallus gallus", "Chicken_Gallus gallus", "Gallus gallus_Chicken",
      ])
    let map = try LabelMap(["Gallus gallus=Chicken, rooster", "=Dog"])
    #expect(map.names(of: region) == ["Chicken, rooster"])
    #expect(
      map.names(of: .init(start: 0, end: 1)) == ["Dog"]
        && LabelMap().names(of: .init(start: 0, end: 1)).isEmpty)
    for pairs in [["a"], ["a="], ["a=b", "a=c"]] {
      #expect(throws: AnnotationError.self) { try LabelMap(pairs) }
    }
  }
}
