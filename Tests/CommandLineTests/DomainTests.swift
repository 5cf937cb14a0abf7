import Audio
import Files
import Tensors
import TestSupport
import Testing

@Suite("explain --domain")
struct DomainTests {
  private let question = ["explain", "a.wav", "--model", "net.onnx", "--target", "dog"]

  private func withListener(_ body: (_ folder: String) throws -> Void) throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      try writeChirp("\(folder)/a.wav")
      try body(folder)
    }
  }

  @Test("One method in all three domains: pictures, sounds and arrays of each")
  func all() throws {
    try withListener { folder in
      let arguments = ["--method", "saliency", "--domain", "log-mel, stft,waveform", "-o", "out"]
      expectSuccess(try Otoscope.run(question + arguments, in: folder))
      let bases = ["a.saliency.dog", "a.saliency.stft.dog", "a.saliency.waveform.dog"]
      #expect(
        names(in: "\(folder)/out")
          == (explanationFiles(bases[0], bases[1], bases[2]) + ["index.html", "report.json"]).sorted())
      let report = String(decoding: try WholeFile.read("\(folder)/out/report.json"), as: UTF8.self)
      for domain in ["log-mel", "stft", "waveform"] { #expect(report.contains("\"domain\":\"\(domain)\"")) }
      let clip = try Recording.read("\(folder)/a.wav")
      for base in bases {
        #expect(isPNG(try WholeFile.read("\(folder)/out/\(base).png")))
        let parts = try ["heard", "ignored"].map { try Recording.read("\(folder)/out/\(base).\($0).wav") }
        #expect(parts.allSatisfy { $0.frames == clip.frames && $0.peak <= 1 })
        // Rounding to 16 bits twice, and once in the clip itself: within two steps.
        let sums = zip(parts[0].mono, parts[1].mono).map { $0 + $1 }
        #expect(zip(sums, clip.mono).allSatisfy { abs($0 - $1) <= 2 / 32768 })
      }
      let stft = try NumPy.readArchive("\(folder)/out/\(bases[1]).npz")
      let wave = try NumPy.readArchive("\(folder)/out/\(bases[2]).npz")
      #expect(
        stft.map(\.name) == [
          "attribution", "mask", "magnitudes", "frame_seconds", "bin_hertz", "share_over_time",
          "share_over_bins",
        ])
      let frames = try #require(stft["frame_seconds"]).count
      #expect(stft["attribution"]?.shape == [frames, 257] && stft["magnitudes"]?.shape == [frames, 257])
      #expect(
        wave.map(\.name) == [
          "attribution", "mask", "samples", "sample_seconds", "frame_seconds", "share_over_time",
        ])
      #expect(wave["attribution"]?.shape == [24000] && wave["samples"]?.shape == [24000])
      #expect(wave["mask"]?.shape == [frames])
    }
  }

  @Test("Events and every method, as far as they go")
  func every() throws {
    try withListener { folder in
      let outcome = try Otoscope.run(
        question + ["--method", "all", "--domain", "waveform", "--samples", "3", "--events", "-o", "out"],
        in: folder)
      #expect(
        outcome.status == 0 && outcome.errors.contains("grad-cam: left out: grad-cam explains pictures"))
      #expect(outcome.errors.contains("--events"))
      let report = try ExplanationReport(of: "\(folder)/out")
      #expect(report.explanations.count == 10 && report.explanations.allSatisfy { $0.files.count == 5 })
      let tables = try Otoscope.run(
        question + ["--method", "integrated-gradients", "--domain", "stft", "--events", "-o", "tables"],
        in: folder)
      expectSuccess(tables)
      #expect(names(in: "\(folder)/tables").contains("a.integrated-gradients.stft.dog.events.csv"))
    }
  }

  @Test("Without a method, those that explain the domain; a sound is a baseline in each")
  func defaults() throws {
    try withListener { folder in
      expectSuccess(try Otoscope.run(question + ["--domain", "waveform", "-o", "out"], in: folder))
      #expect(try ExplanationReport(of: "\(folder)/out").explanations.map(\.method) == ["saliency"])
      for domain in ["stft", "waveform"] {
        let arguments = [
          "--domain", domain, "--method", "integrated-gradients", "--steps", "4", "--baseline", "a.wav",
        ]
        expectSuccess(try Otoscope.run(question + arguments + ["-o", domain], in: folder))
        // The clip itself as what counts as nothing leaves nothing to explain.
        let archive = try NumPy.readArchive("\(folder)/\(domain)/a.integrated-gradients.\(domain).dog.npz")
        #expect(try #require(archive["attribution"]).values.allSatisfy { $0 == 0 })
      }
    }
  }

  @Test("What cannot be is refused in a line")
  func refusals() throws {
    try withListener { folder in
      func run(_ arguments: String...) throws -> Otoscope.Outcome {
        try Otoscope.run(question + arguments + ["-o", "out"], in: folder)
      }
      expectMisuse(try run("--domain", "cepstrum"), saying: "no domain 'cepstrum'", "log-mel, stft, waveform")
      // Known once the model is.
      let refused = try run("--domain", "waveform", "--method", "saliency,grad-cam")
      #expect(
        refused.status == 2 && refused.errors.contains("grad-cam explains pictures"), "\(refused.errors)")
      expectFailure(
        try run("--domain", "waveform", "--method", "integrated-gradients", "--baseline", "local-mean"),
        saying: "local mean", "waveform")
      #expect(names(in: folder) == ["a.wav", "net.onnx"])
    }
  }
}
