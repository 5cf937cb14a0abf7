import Files
import TestSupport
import Testing
import Train

/// Small folders in the very layout of the corpora.
struct CorpusTests {
  @Test("a folder is a class, with what lies below it; hidden files and other files are none")
  func classFolders() throws {
    try withScratchFolder { folder in
      try writeSound("\(folder)/set/dog/a.wav", number: 1)
      try writeSound("\(folder)/set/dog/near/far/b.wav", number: 2)
      try writeSound("\(folder)/set/cat/c.wav", number: 3)
      try writeSound("\(folder)/set/cat/.hidden.wav", number: 4)
      try writeSound("\(folder)/set/.cache/d.wav", number: 5)
      try writeTable("\(folder)/set/cat/notes.txt", "not a sound")
      let set = try DataSet(reading: "\(folder)/set")
      #expect(set.name == "set")
      #expect(set.classes == ["cat", "dog"])
      #expect(
        set.summary(in: "\(folder)/set") == [
          "dog/a.wav": ["dog"], "dog/near/far/b.wav": ["dog"], "cat/c.wav": ["cat"],
        ])
      #expect(set.clips.allSatisfy { $0.group == nil && $0.fold == nil && $0.part == nil })
    }
  }

  @Test("folders called train and test are parts, with a folder for each class")
  func partFolders() throws {
    try withScratchFolder { folder in
      for (number, part) in ["train", "val", "test"].enumerated() {
        try writeSound("\(folder)/\(part)/dog/1.wav", number: 2 * number)
        try writeSound("\(folder)/\(part)/cat/1.wav", number: 2 * number + 1)
      }
      let set = try DataSet(reading: folder)
      #expect(set.classes == ["cat", "dog"])
      let split = try set.split(by: .asDistributed)
      #expect(
        split.training.map { set.clips[$0].path } == [
          "\(folder)/train/cat/1.wav", "\(folder)/train/dog/1.wav",
        ])
      #expect(split.validation.count == 2)
      #expect(split.test.allSatisfy { set.clips[$0].path.hasPrefix("\(folder)/test/") })
    }
  }

  @Test(
    "UrbanSound8K: folds, slices of a recording as a group, classes by number; start and end are the recording's"
  )
  func urbanSound8K() throws {
    try withScratchFolder { folder in
      let root = "\(folder)/UrbanSound8K"
      try writeTable(
        "\(root)/metadata/UrbanSound8K.csv",
        "slice_file_name,fsID,start,end,salience,fold,classID,class",
        "100032-3-0-0.wav,100032,0.0,0.317551,1,5,3,dog_bark",
        "100263-2-0-117.wav,100263,58.5,62.5,1,5,2,children_playing",
        "100263-2-0-121.wav,100263,60.5,64.5,1,10,2,children_playing",
        "102857-5-0-0.wav,102857,0,4,1,1,5,engine_idling")
      let set = try DataSet(reading: folder)  // As unpacked: a folder in the folder.
      #expect(set.name == "UrbanSound8K")
      #expect(set.classes == ["children_playing", "dog_bark", "engine_idling"])
      #expect(
        set.clips[1]
          == LabelledClip(
            path: "\(root)/audio/fold5/100263-2-0-117.wav", classes: [0], fold: 5, group: "100263"))
      #expect(set.clips.map(\.fold) == [5, 5, 10, 1])
      #expect(try DataSet(reading: "\(root)/metadata/UrbanSound8K.csv").clips == set.clips)
      #expect(try DataSet(reading: root, kind: .urbanSound8K) == set)
    }
  }

  @Test("ESC-50: five folds, clips of a recording as a group, classes by target")
  func esc50() throws {
    try withScratchFolder { folder in
      try writeTable(
        "\(folder)/meta/esc50.csv", "filename,fold,target,category,esc10,src_file,take",
        "1-100032-A-0.wav,1,0,dog,True,100032,A", "5-9032-A-0.wav,5,0,dog,True,9032,A",
        "1-172649-B-40.wav,1,40,helicopter,True,172649,B")
      let set = try DataSet(reading: folder)
      #expect(set.name == "ESC-50" && set.classes == ["dog", "helicopter"])
      #expect(
        set.clips[2]
          == LabelledClip(
            path: "\(folder)/audio/1-172649-B-40.wav", classes: [1], fold: 1, group: "172649"))
    }
  }

  @Test("FSD50K: several classes a clip in the vocabulary's order, and the parts it is distributed in")
  func fsd50k() throws {
    try withScratchFolder { folder in
      let truth = "\(folder)/FSD50K.ground_truth"
      try writeTable(
        "\(truth)/vocabulary.csv", "0,Accordion,/m/0mkg", "1,Guitar,/m/0342h", "2,Music,/m/04rlf")
      try writeTable(
        "\(truth)/dev.csv", "fname,labels,mids,split",
        "64760,\"Guitar,Music\",\"/m/0342h,/m/04rlf\",train", "16399,Accordion,/m/0mkg,val")
      try writeTable(
        "\(truth)/eval.csv", "fname,labels,mids", "37199,\"Music,Accordion\",\"/m/04rlf,/m/0mkg\"")
      let set = try DataSet(reading: folder)
      #expect(set.isMultiLabel && set.classes == ["Accordion", "Guitar", "Music"])
      #expect(
        set.clips == [
          LabelledClip(path: "\(folder)/FSD50K.dev_audio/64760.wav", classes: [1, 2], part: .training),
          LabelledClip(path: "\(folder)/FSD50K.dev_audio/16399.wav", classes: [0], part: .validation),
          LabelledClip(path: "\(folder)/FSD50K.eval_audio/37199.wav", classes: [0, 2], part: .test),
        ])
    }
  }

  @Test("FSD50K: a label that the vocabulary does not have is told with its line")
  func strangeLabel() throws {
    try withScratchFolder { folder in
      let truth = "\(folder)/FSD50K.ground_truth"
      try writeTable("\(truth)/vocabulary.csv", "0,Accordion,/m/0mkg")
      try writeTable("\(truth)/dev.csv", "fname,labels,mids,split", "1,Accordion,/m,train", "2,Gong,/m,train")
      #expect(
        throws: DataSetError.badValue(
          path: "\(truth)/dev.csv", line: 3, column: "labels", value: "Gong", expected: "in vocabulary.csv")
      ) { try DataSet(reading: folder) }
    }
  }

  @Test("what is said to be a corpus and is none, and what holds no sounds, is told")
  func notACorpus() throws {
    try withScratchFolder { folder in
      try writeSound("\(folder)/sounds/a.wav", number: 1)
      #expect(throws: DataSetError.self) { try DataSet(reading: folder, kind: .esc50) }
      #expect(throws: DataSetError.noClips(path: "\(folder)/sounds")) {
        try DataSet(reading: "\(folder)/sounds")
      }
      #expect(throws: FileError.notFound(path: "\(folder)/nothing")) {
        try DataSet(reading: "\(folder)/nothing")
      }
    }
  }
}
