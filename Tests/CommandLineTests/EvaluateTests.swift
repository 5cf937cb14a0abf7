import Files
import Foundation
import TestSupport
import Testing

/// One after another: the place where recommendations are kept is the process's.
@Suite("evaluate", .serialized)
struct EvaluateTests {
  /// A network, and a folder of sounds that it tells apart or not.
  private func prepare(_ folder: String, sounds: Int = 4) throws {
    setenv("XDG_DATA_HOME", "\(folder)/own", 1)
    try TinyNetwork.listener(labels: ["<Ding>", "Dong, loud"]).write(to: "\(folder)/net.onnx")
    _ = try WholeFile.makeFolder("\(folder)/sounds/inner")
    for index in 0..<sounds {
      let place = index.isMultiple(of: 2) ? "" : "inner/"
      try writeChirp("\(folder)/sounds/\(place)chirp-\(index).wav", seconds: 0.6 + 0.5 * Double(index))
    }
    try WholeFile.write(Array("not a sound".utf8), to: "\(folder)/sounds/readme.md")
    try WholeFile.write(Array("nor is this".utf8), to: "\(folder)/sounds/broken.wav")
  }

  private func record(_ folder: String) throws -> [String: Any] {
    let bytes = try WholeFile.read("\(folder)/evaluation.json")
    return try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
  }

  @Test("Writes what the help says, and keeps the recommendation for explain")
  func files() throws {
    try withScratchFolder { folder in
      try prepare(folder)
      let early = try Otoscope.run(
        ["explain", "sounds/chirp-0.wav", "--model", "net.onnx", "--method", "recommended"], in: folder)
      expectFailure(early, saying: "otoscope evaluate")

      let outcome = try Otoscope.run(
        [
          "evaluate", "sounds", "--model", "net.onnx", "--method", "grad-cam,saliency,occlusion",
          "--mixtures", "2",
          "--close-looks", "1", "--evaluations", "8", "--output", "out",
        ], in: folder)
      expectSuccess(outcome)
      #expect(outcome.lines.last == "open out/index.html")
      #expect(
        names(in: "\(folder)/out") == [
          "curves.csv", "evaluation.json", "index.html", "measurements.csv", "ranking.csv", "sounds",
        ])
      let record = try record("\(folder)/out")
      #expect(record["clips"] as? Int == 4)
      let ranking = try #require(record["ranking"] as? [[String: Any]])
      #expect(
        Set(ranking.compactMap { $0["method"] as? String })
          == ["grad-cam", "saliency", "occlusion", "random", "loudness"])
      let notes = try #require(record["notes"] as? [String])
      #expect(notes.contains { $0.contains("broken.wav") })
      #expect(notes.contains { $0.contains("passed over: readme.md: is no sound") })

      // As many fields in every line; names with commas in quotes.
      for table in ["ranking.csv", "curves.csv"] {
        let lines = String(decoding: try WholeFile.read("\(folder)/out/\(table)"), as: UTF8.self)
          .split(separator: "\n")
        #expect(lines.count > 3)
        #expect(
          Set(lines.map { $0.split(separator: ",", omittingEmptySubsequences: false).count }).count == 1)
      }
      let page = String(decoding: try WholeFile.read("\(folder)/out/index.html"), as: UTF8.self)
      #expect(page.contains("&lt;Ding&gt;") || page.contains("Dong, loud"))
      #expect(!page.contains("<Ding>"))

      let explained = try Otoscope.run(
        [
          "explain", "sounds/chirp-0.wav", "--model", "net.onnx", "--method", "recommended", "--output",
          "why",
        ], in: folder)
      if let method = record["recommended"] as? String {
        #expect(explained.status == 0 && explained.errors.contains(method))
        #expect(names(in: "\(folder)/why").contains { $0.hasPrefix("chirp-0.\(method).") })
      } else {
        expectFailure(explained, saying: "recommends no method")
      }
    }
  }

  @Test("What an evaluation of the bundled model recommends comes with it")
  func bundled() throws {
    try withScratchFolder { folder in
      setenv("XDG_DATA_HOME", "\(folder)/own", 1)
      try writeChirp("\(folder)/a.wav")
      let explained = try Otoscope.run(
        ["explain", "a.wav", "--method", "cam, recommended", "--output", "why"], in: folder)
      #expect(explained.status == 0 && explained.errors.contains("recommended for yamnet: "))
      #expect(names(in: "\(folder)/why").contains { $0.hasPrefix("a.cam.") })
      #expect(explained.errors.contains(", which rests on 40 clips and 40 mixtures"))
      let method =
        explained.errors.split(separator: "\n")[0].split(separator: ",")[0].split(separator: " ").last ?? ""
      #expect(names(in: "\(folder)/why").contains { $0.hasPrefix("a.\(method).") })
    }
  }

  @Test("Regions that somebody has marked are known answers")
  func annotations() throws {
    try withScratchFolder { folder in
      try prepare(folder, sounds: 3)
      try WholeFile.write(
        Array("file,start_s,end_s,low_hz,high_hz,label\nchirp-0.wav,0.1,0.3,200,900,\"Dong, loud\"\n".utf8),
        to: "\(folder)/marks.csv")
      let outcome = try Otoscope.run(
        [
          "evaluate", "sounds", "--model", "net.onnx", "--method", "saliency", "--mixtures", "0",
          "--close-looks",
          "0", "--annotations", "marks.csv", "--output", "out", "--json",
        ], in: folder)
      expectSuccess(outcome)
      let record = try record("\(folder)/out")
      #expect(record["annotated"] as? Int == 1 && record["mixtures"] as? Int == 0)
      let criteria = try #require(record["criteria"] as? [[String: Any]]).compactMap { $0["name"] as? String }
      #expect(criteria.contains("relevance-mass") && !criteria.contains("max-sensitivity"))
      #expect(outcome.lines.count == 1 && outcome.lines[0].hasPrefix("{"))
    }
  }

  @Test(
    "Refuses what cannot be meant, and leaves nothing behind",
    arguments: [
      (["sounds", "--clips", "0"], Int32(2), "--clips"),
      (["sounds", "--evaluations", "1"], 2, "--evaluations"),
      (["sounds", "--method", "grad-kam"], 2, "grad-cam"),
      (["sounds", "--least-probability", "2"], 2, "0 to 1"),
      (["nowhere"], 1, "nowhere"), (["sounds/broken.wav"], 1, "nothing to evaluate on"),
      (["sounds", "--annotations", "sounds/readme.md"], 1, "readme.md"),
      (["sounds", "--annotations", "nowhere"], 1, "nowhere"),
    ])
  func refusals(_ given: [String], _ status: Int32, _ saying: String) throws {
    try withScratchFolder { folder in
      try prepare(folder, sounds: 1)
      let outcome = try Otoscope.run(
        ["evaluate"] + given + ["--model", "net.onnx", "--output", "out"], in: folder)
      #expect(outcome.status == status)
      #expect(outcome.errors.contains(saying))
      #expect(!names(in: folder).contains("out"))
    }
  }
}
