import Audio
import Explain
import Files
import Jobs
import Reports
import TestSupport
import Tensors
import Testing

/// `atlas` and `correlate` as jobs, on a corpus of tones.
@Suite("Maps and correspondence as jobs")
struct AtlasJobTests {
  /// Tones of two classes, one with a name that tables have to quote, and their catalogue.
  private struct Setting {
    let folder: String
    let workspace = Workspace(threads: 2)
    var catalogue: String { "\(folder)/catalogue" }

    init(in folder: String, sounds: Int) throws {
      self.folder = folder
      try writeListener("\(folder)/net.onnx")
      for number in 0..<sounds {
        let place = number % 2 == 0 ? "low, deep" : "high"
        try WholeFile.makeFolder("\(folder)/sounds/\(place)")
        try writeTone(
          "\(folder)/sounds/\(place)/tone \"\(number)\".wav",
          hertz: (number % 2 == 0 ? 400 : 2800) + 40 * Double(number))
      }
      _ = try IndexJob(
        IndexRequest(
          sounds: ["\(folder)/sounds"], model: ModelChoice("\(folder)/net.onnx"), catalogue: catalogue),
        in: workspace
      ).run { _ in }
    }
  }

  @Test(
    "A map has its page, pictures, table, arrays and record; names are quoted",
    arguments: AtlasRequest.Method.allCases)
  func map(method: AtlasRequest.Method) throws {
    try withScratchFolder { folder in
      let setting = try Setting(in: folder, sounds: 12)
      var request = AtlasRequest(catalogue: setting.catalogue)
      (request.method, request.colouring, request.unit) = (method, .unit, 1)
      request.layer = "logits"
      let store = MemoryStore()
      let record = try AtlasJob(request).run(in: store, folder: nil, command: "otoscope atlas")
      #expect(record.clips == 12 && record.trustworthiness != nil)
      #expect((record.divergence != nil) == (method == .tsne))
      #expect(
        Set(store.names) == ["index.html", "atlas.png", "atlas.svg", "atlas.csv", "atlas.npz", "atlas.json"])
      let table = String(decoding: try #require(store.read("atlas.csv")), as: UTF8.self)
      let lines = table.split(separator: "\n")
      #expect(lines.count == 13 && lines[0] == "name,path,class,recording,x,y,red,green,blue,unit")
      #expect(table.contains("\"tone \"\"0\"\".wav\""))
      let arrays = try NumPyArchive(npz: try #require(store.read("atlas.npz")), from: "atlas.npz")
      #expect(arrays["coordinates"]?.shape == [12, 2] && arrays["vectors"]?.shape == [12, 2])
      #expect(arrays["unit"]?.shape == [12] && arrays["rgb"]?.shape == [12, 3])
      let page = String(decoding: try #require(store.read("index.html")), as: UTF8.self)
      #expect(page.split(separator: "data:audio/wav;base64,").count == 13)
      let again = MemoryStore()
      _ = try AtlasJob(request).run(in: again, folder: nil, command: "otoscope atlas")
      #expect(again.read("atlas.csv") == store.read("atlas.csv"))
    }
  }

  @Test(
    "Few sounds have a map, sounds that are gone stay points, and sounds that are too many are linked",
    arguments: [1, 2, 3])
  func few(count: Int) throws {
    try withScratchFolder { folder in
      let setting = try Setting(in: folder, sounds: count)
      var request = AtlasRequest(catalogue: setting.catalogue)
      request.mostBytes = 0
      let store = MemoryStore()
      var record = try AtlasJob(request).run(in: store, folder: "\(folder)/out", command: "")
      #expect(
        record.clips == count && record.divergence == nil && (record.trustworthiness == nil) == (count < 3))
      let page = String(decoding: try #require(store.read("index.html")), as: UTF8.self)
      #expect(page.contains("\"s\":\"./../sounds/") && !page.contains("data:audio"))
      try WholeFile.write([], to: "\(folder)/sounds/low, deep/tone \"0\".wav")
      var notes: [String] = []
      record = try AtlasJob(request).run(in: store, folder: nil, command: "") { notes.append($0) }
      #expect(record.clips == count && notes.contains { $0.contains("1 of \(count) sounds cannot be read") })
    }
  }

  @Test("A channel that the layer does not have, and an unknown layer, are refused")
  func refused() throws {
    try withScratchFolder { folder in
      let setting = try Setting(in: folder, sounds: 2)
      var request = AtlasRequest(catalogue: setting.catalogue)
      request.layer = "nothing"
      #expect(throws: (any Error).self) {
        try AtlasJob(request).run(in: MemoryStore(), folder: nil, command: "")
      }
      request.layer = "logits"
      (request.colouring, request.unit) = (.unit, 99)
      #expect(throws: (any Error).self) {
        try AtlasJob(request).run(in: MemoryStore(), folder: nil, command: "")
      }
    }
  }

  @Test("Units are held against descriptors; the numbers are finite and the same each time")
  func correlate() throws {
    try withScratchFolder { folder in
      let setting = try Setting(in: folder, sounds: 10)
      var request = CorrelateRequest(catalogue: setting.catalogue)
      (request.permutations, request.comparedSounds) = (50, 3)
      let store = MemoryStore()
      let record = try CorrelateJob(request, in: setting.workspace).run(in: store)
      #expect(record.clips == 10 && !record.best.isEmpty)
      // The network hears low and high: the centroid is what its units follow.
      let centroid = try #require(record.best.first { $0.descriptor == "centroid_hz" })
      #expect(abs(centroid.r) > 0.8 && centroid.q < 0.01 && (centroid.permutationP ?? 1) <= 0.05)
      #expect(centroid.line.hasPrefix("unit \(centroid.unit) of layer"))
      #expect(store.names.contains("correlations.csv") && store.names.contains("pairs/centroid-hz.png"))
      let again = try CorrelateJob(request, in: setting.workspace).run(in: MemoryStore())
      #expect(try RecordCoding.line(again) == RecordCoding.line(record))
    }
  }

  @Test("A table of one's own takes the place of the catalogue's descriptors; others are refused by name")
  func ownTable() throws {
    try withScratchFolder { folder in
      let setting = try Setting(in: folder, sounds: 6)
      var request = CorrelateRequest(catalogue: setting.catalogue)
      (request.permutations, request.comparedSounds) = (0, 0)
      let lines = (0..<6).map { number in
        "\"tone \"\"\(number)\"\".wav\",\(number % 2 == 0 ? 1 : 5),\(number == 3 ? "" : "\(number)"),word"
      }
      try WholeFile.write(
        Array((["filename,height,place,remark"] + lines).joined(separator: "\n").utf8),
        to: "\(folder)/own.csv")
      request.descriptors = "\(folder)/own.csv"
      let record = try CorrelateJob(request, in: setting.workspace).run(in: MemoryStore())
      #expect(record.descriptors == ["height", "place"])
      #expect(abs(try #require(record.best.first { $0.descriptor == "height" }).r) > 0.8)
      #expect(record.best.first { $0.descriptor == "place" }?.clips ?? 5 == 5)
      for table in ["a,b\n1,2\n", "sound,b\nx,word\n", "sound,b\nnowhere.wav,2\n"] {
        try WholeFile.write(Array(table.utf8), to: "\(folder)/own.csv")
        #expect(throws: (any Error).self) {
          try CorrelateJob(request, in: setting.workspace).run(in: MemoryStore())
        }
      }
    }
  }
}

/// How pairs and parts are told.
struct CorrelationWordsTests {
  @Test("A pair is one sentence")
  func line() {
    let record = CorrelationRecord(
      layer: "conv5", layerNumber: 5, unit: 37, descriptor: "onset_rate_hz", clips: 965, r: 0.7612,
      interval: [0.7, 0.812],
      rho: 0.7, distance: 0.2, p: 1e-30, q: 1e-28, permutationP: 0.001, recordingsR: nil, recordings: nil)
    #expect(
      record.line
        == "unit 37 of layer 5 (conv5) follows onset rate (r = .76, 95 % .70 to .81, q < .001, permutation p = .001)"
    )
  }

  @Test(
    "Shares have two decimals",
    arguments: [(0.7612, ".76"), (-0.05, "-.05"), (0.999, "1.00"), (-0.001, ".00"), (0, ".00")])
  func share(value: Double, text: String) { #expect(CorrelationRecord.share(value) == text) }

  @Test("Descriptors are called in plain words")
  func names() {
    #expect(DescriptorName("onset_rate_hz").title == "onset rate (Hz)")
    #expect(DescriptorName("loudness_lufs").title == "loudness (LUFS)")
    #expect(DescriptorName("rms").title == "rms" && DescriptorName("hz").words == "hz")
  }
}
