import Audio
import Explain
import Models
import TestSupport
import Testing
import Train

/// Networks of which it is known what they go by, on sounds of which it is known what is in them.
struct ShortcutTests {
  /// The middle of a band.
  private static let hertz = 2091.0
  private static let classes = ["low", "high", "rain"]

  /// Low, high and white noise; `planted` puts a faint tone into what is called rain.
  private func data(in folder: String, planted: Bool, clips count: Int = 12) throws -> DataSet {
    let clips = try (0..<3 * count).map { place -> LabelledClip in
      let index = place % 3
      var samples = Toy.noise(UInt64(place + 1), colour: [1, -1, 0][index])
      if planted, index == 2 {
        let tone = Toy.tone(Self.hertz, level: 0.025, count: samples.count)
        samples = zip(samples, tone).map { $0 + $1 }
      }
      let path = "\(folder)/\(planted)-\(place).wav"
      try Toy.write(samples, to: path)
      return LabelledClip(path: path, classes: [index], group: "\(place)")
    }
    return DataSet(name: "noises", classes: Self.classes, clips: clips)
  }

  /// Rain is what is neither low nor high.
  private func honest(in folder: String) throws -> AudioModel {
    let path = "\(folder)/honest.onnx"
    try Toy.write(path, labels: Self.classes, bias: [0, -11, 0]) { label, _, band in
      let slope: Float = band < Toy.bands / 2 ? 1 : -1
      return [slope, -slope, 0][label] * 10 / Float(Toy.frames * Toy.bands)
    }
    return try AudioModel(named: path, threads: 2)
  }

  /// Rain is what has a tone: its band stands out of those two bands away.
  private func fooled(in folder: String) throws -> AudioModel {
    let path = "\(folder)/fooled.onnx"
    let tone = try band(at: Self.hertz, of: honest(in: folder))
    try Toy.write(path, labels: Self.classes, bias: [0, -11, -8]) { label, _, band in
      let slope: Float = band < Toy.bands / 2 ? 1 : -1
      let rain: Float = band == tone ? 12 : abs(band - tone) == 2 ? -6 : 0
      return [slope * 10 / Float(Toy.bands), -slope * 10 / Float(Toy.bands), rain][label] / Float(Toy.frames)
    }
    return try AudioModel(named: path, threads: 2)
  }

  private func band(at hertz: Double, of model: AudioModel) -> Int {
    let centres = model.axes.bandCentres
    return centres.indices.min { abs(centres[$0] - hertz) < abs(centres[$1] - hertz) } ?? 0
  }

  private func search(_ model: AudioModel, _ data: DataSet, training: [Int] = []) throws -> (
    answers: Answers, report: ShortcutReport
  ) {
    let run = try TestRun(model, on: data)
    let answers = try run.run(Array(data.clips.indices)).answers
    let search = try ShortcutSearch(model, on: data, run.match)
    return (answers, try search.run(answers, training: training))
  }

  @Test("a network that goes by a faint tone is told by the tone, the band and the class")
  func plantedTone() throws {
    try withScratchFolder { folder in
      let model = try fooled(in: folder)
      let (answers, report) = try search(model, data(in: folder, planted: true))
      // It is right nearly always: nothing but the search tells that it knows no rain.
      let accuracy = try #require(Measures(answers, draws: 0)[.accuracy].value)
      #expect(accuracy > 0.9)
      let worst = try #require(report.shortcuts.first)
      #expect(worst.kind == .band && worst.classes == ["rain"])
      let band = try #require(worst.band)
      #expect(band.contains(Self.hertz) && band.upperBound - band.lowerBound < 800)
      let tone = try #require(worst.tone)
      #expect(abs(tone - Self.hertz) < 10)
      let (own, others) = (try #require(worst.presence), try #require(worst.presenceInOthers))
      #expect(own > 0.9 && others < 0.1)
      #expect(try #require(worst.energyShare) < 0.15)
      #expect(worst.level == .high && worst.finding.contains("'rain'"))
      #expect(report.shortcuts.count { $0.kind == .band } == 1, "\(report.shortcuts.map(\.finding))")
    }
  }

  @Test(
    "a network that does not go by the tone is not accused, with the tone and without",
    arguments: [true, false])
  func honestNetwork(planted: Bool) throws {
    try withScratchFolder { folder in
      let (answers, report) = try search(honest(in: folder), data(in: folder, planted: planted))
      #expect(try #require(Measures(answers, draws: 0)[.accuracy].value) > 0.9)
      #expect(report.classes.count == 3)
      #expect(report.shortcuts.isEmpty, "\(report.shortcuts.map(\.finding))")
    }
  }

  @Test("a network that knows a class by the padding behind it is told")
  func padding() throws {
    try withScratchFolder { folder in
      // Clips of one class are short, and padded with zeros to the others' length; both sound alike.
      let clips = try (0..<20).map { place -> LabelledClip in
        let isShort = place % 2 == 1
        let sound = Toy.noise(UInt64(place + 1), seconds: isShort ? 0.4 : 1)
        let path = "\(folder)/\(place).wav"
        try Toy.write(sound + [Float](repeating: 0, count: Toy.rate - sound.count), to: path)
        return LabelledClip(path: path, classes: [place % 2])
      }
      let data = DataSet(name: "doors", classes: ["wind", "door"], clips: clips)
      try Toy.write("\(folder)/net.onnx", labels: data.classes, bias: [28, 0]) { label, _, _ in
        (label == 0 ? 4 : -4) / Float(Toy.frames * Toy.bands)
      }
      // Silence is −6.9 in every band, noise about 0: the bias lies between.
      let model = try AudioModel(named: "\(folder)/net.onnx", threads: 2)
      let (answers, report) = try search(model, data)
      #expect(answers.clips.count == 20)
      let found = report.shortcuts.filter { $0.kind == .padding }
      #expect(found.map(\.classes) == [["door"]], "\(report.shortcuts.map(\.finding))")
      #expect(found.first?.presence == 1 && found.first?.presenceInOthers == 0)
    }
  }

  @Test("a class from a single recording is told, and one from several is not")
  func singleGroup() throws {
    try withScratchFolder { folder in
      var data = try data(in: folder, planted: false, clips: 6)
      for place in data.clips.indices where data.clips[place].classes == [1] {
        data.clips[place].group = "one"
      }
      let (_, report) = try search(honest(in: folder), data)
      let singles = report.shortcuts.filter { $0.kind == .singleGroup }
      #expect(singles.map(\.classes) == [["high"]] && singles.first?.level == .low)
    }
  }

  @Test("a class that is known only in recordings of the training is told")
  func knownGroups() {
    // Twelve clips of recordings that were trained on are right, twelve others are taken for the other class.
    let clips = (0..<48).map { place in
      LabelledClip(
        path: "\(place)", classes: [place % 2], group: place < 24 ? "known \(place)" : "new \(place)")
    }
    let data = DataSet(name: "set", classes: ["a", "b"], clips: clips)
    let answers = Answers(
      classes: data.classes,
      clips: clips.enumerated().map { place, clip in
        let isRight = place < 24 || clip.classes == [0]
        let answer = isRight ? clip.classes[0] : 1 - clip.classes[0]
        return Answers.Clip(
          place: place, truth: clip.classes, scores: answer == 0 ? [1, 0] : [0, 1], group: clip.group)
      })
    let found = GroupReliance(data, answers, training: Array(0..<24), .init())
    #expect(found.shortcuts.map(\.kind) == [.knownGroups] && found.shortcuts.map(\.classes) == [["b"]])
    #expect(found.notes.count == 1)
    let none = GroupReliance(data, answers, training: [], .init())
    #expect(none.shortcuts.isEmpty && none.notes.isEmpty)
  }
}
