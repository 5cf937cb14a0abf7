import Audio
import Explain
import Files
import Jobs
import Reports
import TestSupport
import Tensors
import Testing

@Suite("What a network is given, and what another program does otherwise")
struct FrontEndJobTests {
  /// A front end of everything that is told apart here: centred frames, power, area-normalised triangles, decibels.
  private static let settings = [
    "sample_rate": "8000", "window": "200", "hop": "80", "fft": "256", "framing": "\"centred\"",
    "spectrum": "\"power\"",
    "mel": """
    {"bands": 24, "lowest": 50, "highest": 3800, "scale": "slaney", "norm": "slaney", "construction": "librosa"}
    """,
    "compression": "{\"kind\": \"log\", \"base\": \"natural\", \"scale\": 1, \"offset\": 1e-6}",
    "patch": "{\"frames\": 20, \"hop\": 10, \"tail\": \"drop-incomplete\"}",
  ]

  private static func json(_ changes: [String: String] = [:]) -> String {
    let settings = settings.merging(changes) { $1 }.sorted { $0.key < $1.key }
    return "{" + settings.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ") + "}"
  }

  /// A sound with something at every frequency and time: two chirps and noise, different in its two channels.
  private static func sound(seconds: Double, rate: Int) -> Recording {
    var state: UInt32 = 12345
    func channel(_ start: Double, _ slope: Double) -> [Float] {
      (0..<Int(seconds * Double(rate))).map { index in
        state = state &* 1_664_525 &+ 1_013_904_223
        let t = Double(index) / Double(rate)
        let noise = Double(state) / 0x1p32 - 0.5
        return Float(0.4 * sine(2 * .pi * (start * t + slope * t * t)) + 0.05 * noise)
      }
    }
    return Recording(channels: [channel(200, 900), channel(3000, -700)], sampleRate: rate)
  }

  /// What the command would be given: our own result with other settings stands for the other program's; those of other
  /// people's programs are in Benchmarks/culprits.py.
  private func withPrograms(
    _ changes: [String: String], sound: Recording = Self.sound(seconds: 1.5, rate: 8000),
    _ body: (_ folder: String, _ request: FrontEndRequest, _ theirs: Tensor) throws -> Void
  ) throws {
    try withScratchFolder { folder in
      try writeWAV(sound, to: "\(folder)/sound.wav")
      try WholeFile.write(Array(Self.json().utf8), to: "\(folder)/ours.json")
      try WholeFile.write(Array(Self.json(changes).utf8), to: "\(folder)/theirs.json")
      let other = FrontEndRequest(sound: "\(folder)/sound.wav", frontEnd: "\(folder)/theirs.json")
      let theirs = try FrontEndJob(other, in: Workspace(threads: 2)).run().patches
      try NumPy.write(theirs, to: "\(folder)/theirs.npy")
      var request = FrontEndRequest(sound: "\(folder)/sound.wav", frontEnd: "\(folder)/ours.json")
      request.theirs = "\(folder)/theirs.npy"
      try body(folder, request, theirs)
    }
  }

  private func compared(_ request: FrontEndRequest) throws -> ComparisonRecord {
    try #require(try FrontEndJob(request, in: Workspace(threads: 2)).run().record.comparison)
  }

  @Test("A model's patches in its own layout, and the samples they are of")
  func ofModel() throws {
    try withScratchFolder { folder in
      try writeListener("\(folder)/net.onnx")
      try writeTone("\(folder)/tone.wav", hertz: 440)
      let request = FrontEndRequest(sound: "\(folder)/tone.wav", model: ModelChoice("\(folder)/net.onnx"))
      let result = try FrontEndJob(request, in: Workspace(threads: 2)).run()
      #expect(result.samples.shape == [576])
      #expect(result.patches.shape.dimensions.suffix(2) == [8, 8])
      #expect(result.record.shape == result.patches.shape.dimensions)
      #expect(result.record.sampleRate == 8000 && result.record.agrees)
    }
  }

  @Test("What is the same agrees, whatever the order of its axes says")
  func agrees() throws {
    try withPrograms([:]) { folder, request, theirs in
      let comparison = try compared(request)
      #expect(comparison.verdict == .agrees && comparison.difference == 0 && comparison.tried == 0)
      // [patches, frames, bands] as [patches, bands, frames]: the axes are named.
      let (count, frames, bands) = (theirs.shape[0], theirs.shape[1], theirs.shape[2])
      let values = (0..<theirs.count).map { place in
        let (patch, rest) = (place / (frames * bands), place % (frames * bands))
        return theirs[patch, rest % frames, rest / frames]
      }
      try NumPy.write(Tensor([count, bands, frames], values), to: "\(folder)/theirs.npy")
      let exchanged = try compared(request)
      #expect(exchanged.verdict == .culprit && exchanged.culprits.map(\.setting) == [.axes])
      #expect(exchanged.axes == [.patches, .bands, .frames])
    }
  }

  private static let mel = { @Sendable (change: String) in
    let values = [
      "bands": "24", "lowest": "50", "highest": "3800", "scale": "\"slaney\"", "norm": "\"slaney\"",
      "construction": "\"librosa\"",
    ]
    let (key, value) = (String(change.prefix { $0 != "=" }), String(change.drop { $0 != "=" }.dropFirst()))
    return "{" + values.merging([key: value]) { $1 }.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}"
  }

  @Test(
    "One setting that another program has otherwise is named, with its value there",
    arguments: [
      (["mel": mel("norm=\"none\"")], HearingSetting.melNorm, "none"),
      (["mel": mel("scale=\"htk\"")], .melScale, "htk"),
      (["mel": mel("construction=\"tensorflow\"")], .melConstruction, "tensorflow"),
      (["mel": mel("lowest=87")], .melLowest, "87"),
      (["mel": mel("highest=3333")], .melHighest, "3333"),
      (["spectrum": "\"magnitude\""], .spectrum, "magnitude"),
      (["framing": "\"from-start\""], .framing, "from-start"),
      (["padding": "\"reflect\""], .padding, "reflect"),
      (["window_symmetry": "\"symmetric\""], .windowSymmetry, "symmetric"),
      (["window_shape": "\"hamming\""], .windowShape, "hamming"),
      (["hop": "100"], .hop, "100"),
      (["fft": "512"], .fft, "512"),
      (["scaling": "32768"], .scaling, "32768"),
      (["pre_emphasis": "0.97"], .preEmphasis, "0.97"),
      (["channels": "1"], .channels, "channel 2"),
      (
        ["compression": "{\"kind\": \"log\", \"base\": \"ten\", \"scale\": 1, \"offset\": 1e-6}"],
        .compressionBase, "ten"
      ),
      (
        ["compression": "{\"kind\": \"log\", \"base\": \"natural\", \"scale\": 1, \"offset\": 0.003}"],
        .compressionOffset, "0.003"
      ),
      (["compression": "{\"kind\": \"none\"}"], .compressionKind, "none"),
      (["steps": "[{\"kind\": \"standardise\"}]"], .steps, nil),
    ] as [([String: String], HearingSetting, String?)])
  func culprit(changes: [String: String], setting: HearingSetting, value: String?) throws {
    try withPrograms(changes) { _, request, _ in
      let comparison = try compared(request)
      #expect(comparison.verdict == .culprit)
      #expect(comparison.culprits.first?.setting == setting, "\(comparison.culprits)")
      if let value { #expect(comparison.culprits.first?.theirs == value) }
    }
  }

  @Test("Of two settings none alone explains the difference")
  func noneAlone() throws {
    try withPrograms(["mel": Self.mel("norm=\"none\""), "window_shape": "\"hamming\""]) { _, request, _ in
      let comparison = try compared(request)
      #expect(comparison.verdict == .noneAlone && comparison.culprits.isEmpty)
      #expect(comparison.nearest.first?.setting == .melNorm)
      #expect(comparison.tried > 100)
    }
  }

  @Test("Another first sample is found to the sample")
  func firstSample() throws {
    try withPrograms([:]) { folder, request, _ in
      let sound = Self.sound(seconds: 1.5, rate: 8000)
      let late = Recording(channels: sound.channels.map { Array($0.dropFirst(37)) }, sampleRate: 8000)
      try writeWAV(late, to: "\(folder)/late.wav")
      let other = FrontEndRequest(sound: "\(folder)/late.wav", frontEnd: "\(folder)/ours.json")
      try NumPy.write(
        FrontEndJob(other, in: Workspace(threads: 2)).run().patches, to: "\(folder)/theirs.npy")
      let comparison = try compared(request)
      #expect(comparison.culprits.first?.setting == .firstSample)
      #expect(comparison.culprits.first?.theirs == "37")
    }
  }

  @Test("A file that is not resampled is recognised")
  func rate() throws {
    try withPrograms([:], sound: Self.sound(seconds: 1.5, rate: 11025)) { folder, request, _ in
      let wrong = Recording(channels: Self.sound(seconds: 1.5, rate: 11025).channels, sampleRate: 8000)
      try writeWAV(wrong, to: "\(folder)/wrong.wav")
      let other = FrontEndRequest(sound: "\(folder)/wrong.wav", frontEnd: "\(folder)/ours.json")
      try NumPy.write(
        FrontEndJob(other, in: Workspace(threads: 2)).run().patches, to: "\(folder)/theirs.npy")
      let comparison = try compared(request)
      #expect(comparison.culprits.first?.setting == .sampleRate)
      #expect(comparison.culprits.first?.theirs == "11025 (not resampled), taken for 8000")
    }
  }

  @Test("Says where the largest difference is, in seconds and hertz")
  func place() throws {
    try withPrograms([:]) { folder, request, theirs in
      var spoiled = theirs
      spoiled[2, 5, 7] += 3
      try NumPy.write(spoiled, to: "\(folder)/theirs.npy")
      let comparison = try compared(request)
      #expect([comparison.patch, comparison.channel, comparison.frame, comparison.band] == [2, 0, 5, 7])
      #expect(abs(comparison.difference - 3) < 1e-5)
      // Frame 2 · 10 + 5 is centred on its hop.
      #expect(abs(comparison.seconds - 25 * 80 / 8000) < 1e-9)
      #expect(comparison.hertz.map { (50...3800).contains($0) } == true)
      #expect(comparison.verdict == .noneAlone)
    }
  }

  @Test("Arrays that cannot be patches, or hold no numbers, are refused with the reason")
  func refused() throws {
    try withPrograms([:]) { folder, request, theirs in
      var spoiled = theirs
      spoiled[1, 2, 3] = .nan
      try NumPy.write(spoiled, to: "\(folder)/theirs.npy")
      let message = "\(folder)/theirs.npy: the value at [1, 2, 3] is not a number"
      #expect { try compared(request) } throws: { "\($0)".hasPrefix(message) }
      try NumPy.write(Tensor([2, 2, 2, 2, 2]), to: "\(folder)/theirs.npy")
      #expect { try compared(request) } throws: { "\($0)".contains("cannot be compared") }
    }
  }

  @Test("Scores alone tell the setting, too")
  func scores() throws {
    try withScratchFolder { folder in
      try writeListener("\(folder)/net.onnx")
      try writeWAV(Self.sound(seconds: 1, rate: 8000), to: "\(folder)/sound.wav")
      // The same model told otherwise.
      let other = """
        {"sample_rate": 8000, "window": 64, "hop": 32, "fft": 64, "framing": "from-start", "spectrum": "magnitude",
         "mel": {"bands": 8, "lowest": 100, "highest": 3900, "scale": "slaney", "norm": "none",
                 "construction": "librosa"},
         "compression": {"kind": "none"}, "patch": {"frames": 8, "hop": 4, "tail": "pad-to-hop"}}
        """
      try WholeFile.write(Array(other.utf8), to: "\(folder)/other.json")
      let workspace = Workspace(threads: 2)
      var heard = ClassifyRequest(
        sounds: ["\(folder)/sound.wav"],
        model: ModelChoice("\(folder)/net.onnx", frontEnd: "\(folder)/other.json"))
      heard.keepsPatches = true
      try ClassifyJob(heard, in: workspace).run { event in
        guard case .heard(let record, let patches) = event else { return }
        try NumPy.write(try #require(patches), to: "\(folder)/scores.npy")
        try WholeFile.write(RecordCoding.file(record), to: "\(folder)/scores.json")
      }
      for file in ["scores.npy", "scores.json"] {
        var request = FrontEndRequest(sound: "\(folder)/sound.wav", model: ModelChoice("\(folder)/net.onnx"))
        request.theirScores = "\(folder)/\(file)"
        let scores = try #require(try FrontEndJob(request, in: workspace).run().record.scores)
        #expect(scores.verdict == .culprit)
        // Two classes tell little: from their means alone others may explain it as well.
        #expect(scores.culprits.contains { $0.setting == .melScale && $0.theirs == "slaney" }, "\(scores)")
      }
      var alone = FrontEndRequest(sound: "\(folder)/sound.wav", frontEnd: "\(folder)/other.json")
      alone.theirScores = "\(folder)/scores.npy"
      #expect { try FrontEndJob(alone, in: workspace) } throws: {
        ($0 as? any RemediableError)?.isMisuse == true
      }
    }
  }
}
