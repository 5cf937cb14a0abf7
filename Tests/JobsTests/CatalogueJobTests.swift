import Audio
import Catalogue
import Files
import Glibc
import Jobs
import Reports
import TestSupport
import Tensors
import Testing

/// `index`, `neighbours` and `patches` as jobs, on files that come, change and go.
@Suite("Catalogues as jobs")
struct CatalogueJobTests {
  private struct Setting {
    let folder: String
    let workspace = Workspace(threads: 2)
    var catalogue: String { "\(folder)/catalogue" }

    init(in folder: String) throws {
      self.folder = folder
      try writeListener("\(folder)/net.onnx")
      for (place, hertz) in [("low/a", 400.0), ("low/b", 430), ("high/c", 2800), ("high/d", 2700)] {
        try WholeFile.makeFolder("\(folder)/sounds/\(place.prefix { $0 != "/" })")
        try writeTone("\(folder)/sounds/\(place).wav", hertz: hertz)
      }
    }

    func index(_ change: (inout IndexRequest) -> Void = { _ in }) throws -> (IndexRecord, [String]) {
      var request = IndexRequest(
        sounds: ["\(folder)/sounds"], model: ModelChoice("\(folder)/net.onnx"), catalogue: catalogue)
      change(&request)
      var events: [String] = []
      let record = try IndexJob(request, in: workspace).run { event in
        switch event {
        case .heard(.added(let source, _)): events.append("added \(Folder.name(of: source.path))")
        case .heard(.unchanged(let source)): events.append("unchanged \(Folder.name(of: source.path))")
        case .heard(.failed(let source, _)): events.append("failed \(Folder.name(of: source.path))")
        case .removed(let path): events.append("removed \(Folder.name(of: path))")
        default: break
        }
      }
      return (record, events)
    }
  }

  @Test("Only what is new or changed is heard again")
  func again() throws {
    try withScratchFolder { folder in
      let setting = try Setting(in: folder)
      let (first, _) = try setting.index()
      #expect((first.added, first.sounds, first.known) == (4, 4, 0))
      let catalogue = try Catalogue(reading: setting.catalogue)
      #expect(try catalogue.files().map(\.label) == ["high", "high", "low", "low"])
      #expect(try setting.index().1.isEmpty)
      // The same content at another time; another content; a new one; one that is gone; one that is no sound.
      try WholeFile.write(
        WholeFile.read("\(folder)/sounds/low/a.wav"), to: "\(folder)/sounds/low/a.wav")
      try writeTone("\(folder)/sounds/low/b.wav", hertz: 2000)
      try writeTone("\(folder)/sounds/low/e.wav", hertz: 450)
      try WholeFile.write(Array("text".utf8), to: "\(folder)/sounds/low/f.wav")
      try removeFile("\(folder)/sounds/high/c.wav")
      let (second, events) = try setting.index()
      #expect(events == ["removed c.wav", "unchanged a.wav", "added b.wav", "added e.wav", "failed f.wav"])
      #expect((second.added, second.known, second.failed, second.removed, second.sounds) == (2, 2, 1, 1, 4))
      // What failed is tried again.
      try writeTone("\(folder)/sounds/low/f.wav", hertz: 300)
      #expect(try setting.index().1 == ["added f.wav"])
      // What is back is known.
      try writeTone("\(folder)/sounds/high/c.wav", hertz: 2800)
      #expect(try setting.index().1 == ["unchanged c.wav"])
    }
  }

  @Test("Another model, other layers and other settings are refused")
  func refusals() throws {
    try withScratchFolder { folder in
      let setting = try Setting(in: folder)
      _ = try setting.index { $0.top = 3 }
      #expect { try setting.index { $0.top = 4 } } throws: { "\($0)".contains("--top 3, not 4") }
      #expect { try setting.index { $0.layers = ["sums"] } } throws: {
        "\($0)".contains("the layers logits, not sums")
      }
      try writeListener("\(folder)/net.onnx", bias: -4)
      let other = Workspace(threads: 1)
      let request = IndexRequest(
        sounds: ["\(folder)/sounds"], model: ModelChoice("\(folder)/net.onnx"), catalogue: setting.catalogue)
      #expect { try IndexJob(request, in: other).run { _ in } } throws: {
        "\($0)".contains("give that model")
      }
      let question = NeighboursRequest(sounds: ["\(folder)/new.wav"], catalogue: setting.catalogue)
      try writeTone("\(folder)/new.wav", hertz: 999)
      #expect { try NeighboursJob(question, in: other).run { _ in } } throws: {
        "\($0)".contains("give that model")
      }
    }
  }

  @Test("Tables of labels: classes, groups, several of them")
  func labels() throws {
    try withScratchFolder { folder in
      let setting = try Setting(in: folder)
      try WholeFile.write(
        Array("filename,class,group\nlow/a.wav,tone,one\n\"high/c.wav\",\"a, b\",two\n".utf8),
        to: "\(folder)/one.csv")
      try WholeFile.write(Array("file\tlabel\nb.wav\tother\n".utf8), to: "\(folder)/two.tsv")
      _ = try setting.index { $0.labels = .tables(["\(folder)/one.csv", "\(folder)/two.tsv"]) }
      let files = try Catalogue(reading: setting.catalogue).files()
      #expect(files.map(\.label) == ["a, b", nil, "tone", "other"])
      #expect(files.map(\.group) == ["two", nil, "one", nil])
      // Without tables, known sounds keep their labels.
      _ = try setting.index()
      #expect(
        try Catalogue(reading: setting.catalogue).files().map(\.label) == ["a, b", nil, "tone", "other"])
      try WholeFile.write(Array("x,y\n1,2\n".utf8), to: "\(folder)/bad.csv")
      #expect { try setting.index { $0.labels = .tables(["\(folder)/bad.csv"]) } } throws: {
        "\($0)".contains("has the columns x, y")
      }
    }
  }

  @Test("Neighbours of a known and of a new sound; the strongest places of a class")
  func questions() throws {
    try withScratchFolder { folder in
      let setting = try Setting(in: folder)
      _ = try setting.index()
      try writeTone("\(folder)/new.wav", hertz: 415)
      var request = NeighboursRequest(
        sounds: ["\(folder)/new.wav", "\(folder)/sounds/high/c.wav", "\(folder)/none.wav"],
        catalogue: setting.catalogue)
      request.layer = "logits"
      var (found, failed) = ([String](), [String]())
      try NeighboursJob(request, in: setting.workspace).run { event in
        switch event {
        case .found(let record): found.append("\(record.rank) \(record.label ?? "")")
        case .failed(let sound, _): failed.append(Folder.name(of: sound))
        }
      }
      #expect(found == ["1 low", "2 low", "3 high", "4 high", "1 high", "2 low", "3 low"])
      #expect(failed == ["none.wav"])

      let store = MemoryStore()
      var passed: [String] = []
      try removeFile("\(folder)/sounds/high/d.wav")
      let record = try PatchesJob(
        PatchesRequest(catalogue: setting.catalogue, layer: "logits", channel: 1), in: setting.workspace
      ).run(into: store) { if case .passedOver(let sound, _) = $0 { passed.append(Folder.name(of: sound)) } }
      #expect(
        record.patches.first?.label == "high" && record.classes.map(\.label).sorted() == ["high", "low"])
      #expect(passed.allSatisfy { $0 == "d.wav" } && !passed.isEmpty)
      #expect(Set(["index.html", "patches.json", "excerpts.png", "mean.svg"]).isSubset(of: store.names))
      let wav = try #require(record.patches.first?.sound)
      let path = "\(folder)/excerpt.wav"
      try WholeFile.write(try #require(store.read(wav)), to: path)
      let sound = try Recording.read(path)
      #expect(sound.channels[0].first == 0 && sound.channels[0].last == 0 && sound.peak > 0.2)
      #expect {
        try PatchesJob(
          PatchesRequest(catalogue: setting.catalogue, layer: "embedding", channel: 1), in: setting.workspace
        ).run(into: store) { _ in }
      } throws: { "\($0)".contains("name a layer") }
    }
  }
}

private func removeFile(_ path: String) throws {
  #expect(path.withPath { unlink($0) } == 0)
}
