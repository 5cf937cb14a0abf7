import Audio
import Files
import Foundation
import FoundationXML
import Tensors
import TestSupport
import Testing

@Suite("explain")
struct ExplainTests {
  @Test("Writes exactly the documented files, each valid, of the bundled model")
  func files() throws {
    try withScratchFolder { folder in
      let sound = Otoscope.sound("misc_crow.flac")
      let outcome = try Otoscope.run(
        ["explain", sound, "--method", "grad-cam,saliency", "--target", "Crow", "--output", "why/crow"],
        in: folder)
      expectSuccess(outcome)
      #expect(outcome.lines == ["open why/crow/index.html"])
      let output = "\(folder)/why/crow"
      let bases = ["misc_crow.grad-cam.crow", "misc_crow.saliency.crow"]
      #expect(
        names(in: output) == (explanationFiles(bases[0], bases[1]) + ["index.html", "report.json"]).sorted())
      #expect(names(in: folder) == ["why"])

      let clip = try Recording.read(sound).scaledToFullScaleIfLouder()
      for base in bases { try Self.check("\(output)/\(base)", clip: clip) }
      let report = try ExplanationReport(of: output)
      #expect(report.model == "yamnet")
      #expect(report.explanations.map(\.method) == ["grad-cam", "saliency"])
      for (explanation, base) in zip(report.explanations, bases) {
        #expect(explanation.sound == sound && explanation.target.label == "Crow")
        #expect(explanation.files.sorted() == explanationFiles(base))
        #expect(abs(explanation.seconds - clip.duration) < 1e-3)
      }
      try Self.checkPage("\(output)/index.html")
    }
  }

  /// The five files of an explanation of `clip`.
  private static func check(_ base: String, clip: Recording) throws {
    #expect(isPNG(try WholeFile.read("\(base).png")))
    #expect(XMLParser(data: Data(try WholeFile.read("\(base).svg"))).parse())

    let arrays = try NumPy.readArchive("\(base).npz")
    #expect(
      arrays.map(\.name) == [
        "attribution", "mask", "log_mel", "frame_seconds", "band_hertz", "share_over_time",
        "share_over_bands",
      ])
    let attribution = try #require(arrays["attribution"])
    #expect(attribution.shape == arrays["log_mel"]?.shape && attribution.shape == arrays["mask"]?.shape)
    #expect(attribution.shape == [arrays["frame_seconds"]?.count ?? 0, arrays["band_hertz"]?.count ?? 0])
    for (_, tensor) in arrays { #expect(tensor.values.allSatisfy { $0.isFinite }) }
    #expect(arrays["mask"]?.values.allSatisfy { (0...1).contains($0) } == true)

    let heard = try Recording.read("\(base).heard.wav")
    let ignored = try Recording.read("\(base).ignored.wav")
    for part in [heard, ignored] {
      #expect(
        (part.sampleRate, part.frames, part.channels.count) == (
          clip.sampleRate, clip.frames, clip.channels.count
        ))
      #expect(part.peak <= 1)
    }
    // Rounding to 16 bits twice, and once in the clip itself: within two steps.
    var largest: Float = 0
    for (channel, whole) in clip.channels.enumerated() {
      for index in whole.indices {
        largest = max(
          largest, abs(heard.channels[channel][index] + ignored.channels[channel][index] - whole[index]))
      }
    }
    #expect(largest <= 2 / 32768)
  }

  /// The page needs nothing but itself, and leads nowhere but to pages beside it.
  static func checkPage(_ path: String, linksToPages: Bool = false) throws {
    let page = String(decoding: try WholeFile.read(path), as: UTF8.self)
    #expect(page.hasPrefix("<!DOCTYPE html>") || page.hasPrefix("<!doctype html>"))
    let references = page.matches(of: /\b(?:src|href|action|data|poster)\s*=\s*["']?([^"'\s>]{0,24})/).map(
      \.output.1)
    #expect(!references.isEmpty)
    for reference in references {
      #expect(
        reference.hasPrefix("data:") || reference.hasPrefix("#")
          || linksToPages && reference.hasPrefix("./"), "\(reference)")
    }
    #expect(!page.contains("http://") && !page.contains("https://") && !page.contains("@import"))
    #expect(!page.contains(/url\((?!["']?(data:|#))/))
  }

  @Test("The same question twice gives the same bytes")
  func repeatable() throws {
    try withScratchFolder { folder in
      for output in ["one", "two"] {
        let outcome = try Otoscope.run(
          [
            "explain", Otoscope.sound("misc_crow.flac"), "--method", "smoothgrad,guided-backprop",
            "--samples", "4", "-o", output,
          ],
          in: folder)
        expectSuccess(outcome)
      }
      let files = names(in: "\(folder)/one")
      #expect(files == names(in: "\(folder)/two") && files.count == 12)
      // Cairo counts its surfaces in an SVG's ids, and pictures are drawn side by side.
      for name in files where ["png", "npz", "wav"].contains(where: name.hasSuffix) {
        #expect(
          try WholeFile.read("\(folder)/one/\(name)") == WholeFile.read("\(folder)/two/\(name)"), "\(name)")
      }
    }
  }

  @Test("--json tells each explanation as it is in report.json; every method works on every target")
  func jsonLines() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      try writeChirp("\(folder)/a.wav")
      let outcome = try Otoscope.run(
        [
          "explain", "a.wav", "--model", "net.onnx", "--method", "all", "--target", "top:2", "--target",
          "DOG", "--samples",
          "3", "--json", "-o", "out",
        ], in: folder)
      expectSuccess(outcome)
      let told = try outcome.lines.map { try json(Explained.self, $0) }
      let report = try ExplanationReport(of: "\(folder)/out")
      #expect(told.map(\.files) == report.explanations.map(\.files))
      #expect(told.count % 2 == 0 && told.count >= 12)
      #expect(Set(told.map(\.target.label)) == ["dog", "siren"])
      #expect(names(in: "\(folder)/out") == (told.flatMap(\.files) + ["index.html", "report.json"]).sorted())
    }
  }

  @Test("Methods named twice, with blanks, are run once")
  func methodList() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      try writeChirp("\(folder)/a.wav")
      let arguments = [
        "explain", "a.wav", "--model", "net.onnx", "--method", "saliency, grad-cam,saliency", "-o", "out",
      ]
      expectSuccess(try Otoscope.run(arguments, in: folder))
      #expect(
        try ExplanationReport(of: "\(folder)/out").explanations.map(\.method) == ["saliency", "grad-cam"])
    }
  }

  @Test("A folder with older files: its own are replaced, others stay; a failed run touches none")
  func olderFiles() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      try writeChirp("\(folder)/a.wav")
      try WholeFile.makeFolder("\(folder)/out")
      for name in ["notes.txt", "index.html", "a.saliency.dog.png"] {
        try WholeFile.write([65], to: "\(folder)/out/\(name)")
      }
      let all = ["explain", "--model", "net.onnx", "--method", "saliency", "--target", "dog", "-o", "out/"]
      #expect(try Otoscope.run(all + ["gone.wav"], in: folder).status == 1)
      for name in names(in: "\(folder)/out") { #expect(try WholeFile.read("\(folder)/out/\(name)") == [65]) }
      let outcome = try Otoscope.run(all + ["a.wav"], in: folder)
      expectSuccess(outcome)
      #expect(outcome.lines == ["open out/index.html"])
      #expect(
        names(in: "\(folder)/out")
          == (explanationFiles("a.saliency.dog") + ["index.html", "report.json", "notes.txt"]).sorted())
      #expect(try WholeFile.read("\(folder)/out/notes.txt") == [65])
      #expect(isPNG(try WholeFile.read("\(folder)/out/a.saliency.dog.png")))
    }
  }

  @Test("Sounds of one name, and labels of one spelling, do not overwrite each other's files")
  func sameNames() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["Dog!", "(dog)"]).write(to: "\(folder)/net.onnx")
      try WholeFile.makeFolder("\(folder)/other")
      let sounds = ["a.wav", "other/a.wav", "A.WAV", "a-2.wav"]
      for (index, sound) in sounds.enumerated() {
        try writeChirp("\(folder)/\(sound)", seconds: 1 + Double(index) / 8)
      }
      let outcome = try Otoscope.run(
        ["explain"] + sounds + [
          "--model", "net.onnx", "--method", "saliency", "--target", "top:2", "-o", "out",
        ], in: folder)
      expectSuccess(outcome)
      let report = try ExplanationReport(of: "\(folder)/out")
      let files = report.explanations.flatMap(\.files)
      #expect(files.count == 4 * 2 * 5 && Set(files.map { $0.lowercased() }).count == files.count)
      #expect(names(in: "\(folder)/out") == (files + ["index.html", "report.json"]).sorted())
      for explanation in report.explanations {
        let heard = try #require(explanation.files.first { $0.hasSuffix(".heard.wav") })
        #expect(abs(try Recording.read("\(folder)/out/\(heard)").duration - explanation.seconds) < 1e-4)
      }
    }
  }

  @Test("Labels in any script make usable file names")
  func labelsOfAnyScript() throws {
    try withScratchFolder { folder in
      let long = String(repeating: "long ", count: 100)
      try TinyNetwork.listener(labels: ["犬 / ../../etc", long]).write(to: "\(folder)/net.onnx")
      try writeChirp("\(folder)/a.wav")
      expectSuccess(
        try Otoscope.run(
          [
            "explain", "a.wav", "--model", "net.onnx", "--method", "saliency", "--target", "0", "--target",
            "1", "-o", "out",
          ], in: folder))
      #expect(names(in: "\(folder)/out").filter { $0.hasSuffix(".png") }.count == 2)
      #expect(names(in: folder) == ["a.wav", "net.onnx", "out"])
    }
  }

  @Test("Names of files that would break a shell, a page or a file system are harmless")
  func hostileNames() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      let hostile = [
        "two words.wav", "it's \"quoted\".wav", "<script>alert(1)<script>.wav", "&lt;b&gt;.wav", "-x.wav",
        "new\nline\u{1B}[31m.wav", String(repeating: "long", count: 60) + ".wav", "犬 ünï.wav",
        "%s%n$(id)`id`.wav",
        "..wav", ".hidden.wav", "noextension", "a.b.c.wav", "file:x.wav", "http:y.wav",
      ]
      for name in hostile { try writeChirp("\(folder)/\(name)", seconds: 0.5) }
      let sounds = hostile.map { "./\($0)" }
      let options = ["--model", "net.onnx", "--method", "saliency", "--target", "dog"]
      let outcome = try Otoscope.run(["explain"] + sounds + options + ["-o", "out dir's"], in: folder)
      expectSuccess(outcome)
      #expect(outcome.lines == ["open out dir's/index.html"])
      #expect(names(in: folder) == (hostile + ["net.onnx", "out dir's"]).sorted())
      let output = "\(folder)/out dir's"
      let report = try ExplanationReport(of: output)
      #expect(report.explanations.map(\.sound) == sounds)
      // So many sounds have a page each.
      let pages = report.explanations.map { $0.files[0].replacing(".saliency.dog.png", with: ".html") }
      #expect(
        names(in: output)
          == (report.explanations.flatMap(\.files) + pages + ["index.html", "report.json"]).sorted())
      for name in names(in: output) {
        #expect(!name.hasPrefix(".") && !name.unicodeScalars.contains { $0.value < 32 })
        if name.hasSuffix(".svg") {
          #expect(XMLParser(data: Data(try WholeFile.read("\(output)/\(name)"))).parse())
        }
      }
      for name in ["index.html"] + pages {
        try ExplainTests.checkPage("\(output)/\(name)", linksToPages: true)
        let page = String(decoding: try WholeFile.read("\(output)/\(name)"), as: UTF8.self)
        #expect(!page.contains("<script>alert") && !page.contains("\u{1B}"))
      }
      let page = String(decoding: try WholeFile.read("\(output)/index.html"), as: UTF8.self)
      #expect(!page.contains("<script>alert"))
      #expect(page.contains("&lt;script&gt;alert(1)"))
      #expect(!page.contains("\u{1B}"))

      let classified = try Otoscope.run(["classify"] + sounds + ["--model", "net.onnx"], in: folder)
      expectSuccess(classified)
      #expect(classified.lines.count == hostile.count)
      #expect(!classified.output.contains("\u{1B}"))
      let lines = try Otoscope.run(["classify", "--json"] + sounds + ["--model", "net.onnx"], in: folder)
        .lines
      #expect(try lines.map { try json(Classified.self, $0).sound } == sounds)
      let missing = try Otoscope.run("explain", "gone\nfor\u{1B}[31m good.wav", in: folder)
      expectFailure(missing, saying: "gone?for?[31m good.wav")
    }
  }

  @Test("Why this and not that, from another baseline, with tables of the events")
  func contrastAndEvents() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      try writeChirp("\(folder)/a.wav")
      let question = ["explain", "a.wav", "--model", "net.onnx", "--target", "dog"]
      let arguments = [
        "--against", "siren", "--baseline", "a.wav", "--method", "deeplift,occlusion", "--events",
      ]
      expectSuccess(try Otoscope.run(question + arguments + ["-o", "out"], in: folder))
      let base = "\(folder)/out/a.occlusion.dog-rather-than-siren"
      let table = String(decoding: try WholeFile.read("\(base).events.csv"), as: UTF8.self)
      #expect(table.hasPrefix("start_s,end_s,low_hz,high_hz,label,share\n"))
      let report = try ExplanationReport(of: "\(folder)/out")
      #expect(report.explanations.allSatisfy { $0.files.count == 8 })
      #expect(
        names(in: "\(folder)/out")
          == (report.explanations.flatMap(\.files) + ["index.html", "report.json"]).sorted())
      // The clip itself as what counts as nothing leaves nothing to explain.
      let deepLIFT = try NumPy.readArchive("\(folder)/out/a.deeplift.dog-rather-than-siren.npz")[
        "attribution"]
      #expect(try #require(deepLIFT).values.allSatisfy { $0 == 0 })
      expectFailure(
        try Otoscope.run(question + ["--against", "dog", "-o", "no"], in: folder), status: 2,
        saying: "--against")
    }
  }
}
