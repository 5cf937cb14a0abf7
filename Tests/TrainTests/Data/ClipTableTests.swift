import TestSupport
import Testing
import Train

struct ClipTableTests {
  @Test("a folder with a table called metadata: file, class, fold and group by their names, no option needed")
  func knownNames() throws {
    try withScratchFolder { folder in
      let root = "\(folder)/everyday"
      try writeTable(
        "\(root)/metadata.csv", "filename,class,fold,group,package,licence,seconds,sample_rate",
        "birds/a.wav,birds,1,birds/x,x,\"GPL-2+ (sounds also CC-BY-SA-2.0), or so\",4.0,11025",
        "door/b.wav,door,2,door/y,y,CC0,1.0,44100")
      for (path, number) in [("birds/a.wav", 1), ("door/b.wav", 2)] {
        try writeSound("\(root)/\(path)", number: number)
      }
      let set = try DataSet(reading: root)
      #expect(set.name == "everyday" && set.classes == ["birds", "door"] && !set.isMultiLabel)
      #expect(
        set.clips == [
          LabelledClip(path: "\(root)/birds/a.wav", classes: [0], fold: 1, group: "birds/x"),
          LabelledClip(path: "\(root)/door/b.wav", classes: [1], fold: 2, group: "door/y"),
        ])
      #expect(try DataSet(reading: "\(root)/metadata.csv").clips == set.clips)
    }
  }

  @Test("columns named by hand: stretches of one file, several classes, parts")
  func namedColumns() throws {
    try withScratchFolder { folder in
      try writeSound("\(folder)/long.wav", number: 1, seconds: 2)
      try writeTable(
        "\(folder)/t.tsv", "Datei\tArten\tVon\tBis\tTeil", "long.wav\towl;wren\t0\t0.5\ttrain",
        "long.wav\t\t0.5\t00:01.5\ttest")
      let columns = try TableColumns("path=datei,class=Arten,separator=semicolon,start=Von,end=Bis,part=Teil")
      let set = try DataSet(reading: "\(folder)/t.tsv", columns)
      #expect(set.isMultiLabel && set.classes == ["owl", "wren"])
      #expect(
        set.clips == [
          LabelledClip(path: "\(folder)/long.wav", stretch: 0...0.5, classes: [0, 1], part: .training),
          LabelledClip(path: "\(folder)/long.wav", stretch: 0.5...1.5, classes: [], part: .test),
        ])
    }
  }

  @Test("a column of labels holds several where there are separators in it, else one")
  func pluralColumn() throws {
    try withScratchFolder { folder in
      try writeSound("\(folder)/audio/a.wav", number: 1)
      try writeTable("\(folder)/one.csv", "fname,labels", "a,dog", "b,cat")
      try writeTable("\(folder)/many.csv", "fname,labels", "a,\"dog,cat\"", "b,cat")
      // Without an ending, in the folder that tables take for granted.
      let one = try DataSet(reading: "\(folder)/one.csv")
      #expect(
        !one.isMultiLabel && one.clips.map(\.path) == ["\(folder)/audio/a.wav", "\(folder)/audio/b.wav"])
      let many = try DataSet(reading: "\(folder)/many.csv")
      #expect(many.isMultiLabel && many.clips.map(\.classes) == [[0, 1], [0]])
      #expect(many.classes == ["cat", "dog"])
      // Two tables, and no hint at the one that is meant.
      #expect(throws: DataSetError.severalTables(folder: folder, names: ["many.csv", "one.csv"])) {
        try DataSet(reading: folder)
      }
    }
  }

  @Test("tables called train and test are parts of one set")
  func partTables() throws {
    try withScratchFolder { folder in
      try writeSound("\(folder)/a.wav", number: 1)
      try writeTable("\(folder)/train.csv", "path,label", "a.wav,10", "a.wav,9")
      try writeTable("\(folder)/test.csv", "path,label", "a.wav,9")
      let set = try DataSet(reading: folder)
      #expect(set.classes == ["9", "10"])  // Numbers by value.
      #expect(set.clips.map(\.part) == [.test, .training, .training])
    }
  }

  @Test(
    "what a table lacks is told",
    arguments: [
      (
        table: "a,b\nx.wav,1\n", columns: nil,
        says: "has no column for the path of a file; its columns are a, b"
      ),
      ("\n", nil, "is empty; a table begins with the names of its columns"),
      ("file\nx.wav\n", nil, "has no column for the class"),
      ("file,class\nx.wav,dog\n", "fold=Fold", "fold called 'Fold'; its columns are file, class"),
      ("file,class\nx.wav,\n", nil, "line 2: '' in column 'class' is not a class"),
      (
        "file,class,fold\nx.wav,dog,1\ny.wav,cat,none\n", nil,
        "line 3: 'none' in column 'fold' is not a fold's number"
      ),
      (
        "file,class,start,end\nx.wav,dog,3,2\n", nil,
        "line 2: '2' in column 'end' is not an end behind the start"
      ),
      (
        "file,class,split\nx.wav,dog,dev\n", nil,
        "'dev' in column 'split' is not training, validation or test"
      ),
      ("file,class\nsecret.wav,dog\n", nil, "none of its files is there, such as "),
    ] as [(table: String, columns: String?, says: String)])
  func faults(table: String, columns: String?, says: String) throws {
    try withScratchFolder { folder in
      try writeSound("\(folder)/x.wav", number: 1)
      try writeTable("\(folder)/t.csv", table)
      let error = try #require(throws: DataSetError.self) {
        try DataSet(reading: "\(folder)/t.csv", columns.map { try TableColumns($0) })
      }
      #expect("\(error)".contains(says), "\(error)")
    }
  }

  @Test(
    "lists of columns that cannot be meant",
    arguments: ["file=a", "path", "path=a,path=b", "class=a,separator=dash", "start=a"])
  func badColumns(text: String) {
    #expect(throws: DataSetError.self) { try TableColumns(text) }
  }
}
