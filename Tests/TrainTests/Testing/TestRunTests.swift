import Audio
import Explain
import Models
import TestSupport
import Testing
import Train

/// Hearing many clips together gives what `listen` gives of each alone.
struct TestRunTests {
  /// Writes a listener for low and high sounds, and clips of different lengths.
  private func bench(in folder: String) throws -> (model: AudioModel, data: DataSet) {
    try Toy.write("\(folder)/net.onnx", labels: ["High", "other", "low"], bias: [0, -1, 0]) {
      label, _, band in
      [band < Toy.bands / 2 ? -1 : 1, 0, band < Toy.bands / 2 ? 1 : -1][label] / 40
    }
    let clips = try (0..<23).map { place -> LabelledClip in
      let path = "\(folder)/clip-\(place).wav"
      try Toy.write(
        Toy.noise(UInt64(place), seconds: 0.3 + 0.13 * Double(place % 7), colour: place % 2 == 0 ? 1 : -1),
        to: path)
      return LabelledClip(path: path, classes: [place % 2], group: "\(place / 4)")
    }
    return (
      try AudioModel(named: "\(folder)/net.onnx", threads: 2),
      DataSet(name: "toy", classes: ["low", "high"], clips: clips)
    )
  }

  @Test("answers are what the model says of each clip alone", arguments: [1, 3])
  func sameAsListening(threads: Int) throws {
    try withScratchFolder { folder in
      let (model, data) = try bench(in: folder)
      let result = try TestRun(model, on: data).run(Array(data.clips.indices), threads: threads)
      #expect(result.failures.isEmpty && result.answers.clips.map(\.place) == Array(data.clips.indices))
      #expect(result.meaning?.activation == .softmax && result.answers.isKnown == [true, true])
      for clip in result.answers.clips {
        let samples = try model.samples(of: Recording.read(data.clips[clip.place].path))
        let scores = try model.listen(to: samples).clipScores
        // Rows in runs of other sizes: other kernels, another order of sums.
        #expect(abs(clip.scores[0] - scores[2]) < 1e-6 && abs(clip.scores[1] - scores[0]) < 1e-6)
        #expect(clip.truth == data.clips[clip.place].classes && clip.group == data.clips[clip.place].group)
      }
      #expect(Measures(result.answers, draws: 10)[.accuracy].value == 1)
    }
  }

  @Test("answers do not depend on threads or on which clips stand beside each other")
  func reproducible() throws {
    try withScratchFolder { folder in
      let (model, data) = try bench(in: folder)
      let run = try TestRun(model, on: data)
      let all = try run.run(Array(data.clips.indices), threads: 3).answers.clips
      let some = try run.run([17, 4, 9], threads: 1).answers.clips
      #expect(some == [4, 9, 17].map { all[$0] })
    }
  }

  @Test("a stretch of a file is heard as that stretch, and changes are made before")
  func stretches() throws {
    try withScratchFolder { folder in
      var (model, data) = try bench(in: folder)
      try Toy.write(Toy.noise(1, colour: 1) + Toy.noise(2, colour: -1), to: "\(folder)/both.wav")
      data.clips = [
        LabelledClip(path: "\(folder)/both.wav", stretch: 0...1, classes: [0]),
        LabelledClip(path: "\(folder)/both.wav", stretch: 1...2, classes: [1]),
      ]
      let answers = try TestRun(model, on: data).run([0, 1]).answers
      #expect(answers.clips.map { answers.answer(to: $0) } == [0, 1])
      let silent = try TestRun(model, on: data) { $0.map { _ in 0 } }.run([0, 1]).answers
      #expect(silent.clips[0].scores == silent.clips[1].scores)
    }
  }

  @Test("what cannot be heard is named, and the rest is heard")
  func unreadable() throws {
    try withScratchFolder { folder in
      var (model, data) = try bench(in: folder)
      data.clips[3].path = "\(folder)/missing.wav"
      let result = try TestRun(model, on: data).run([2, 3, 4])
      #expect(result.answers.clips.map(\.place) == [2, 4])
      #expect(result.failures.map(\.place) == [3] && result.failures[0].reason.contains("missing.wav"))
      #expect(throws: TestingError.self) { try TestRun(model, on: data).run([3]) }
    }
  }

  @Test("a cancelled run ends, and so do its threads")
  func cancelled() throws {
    try withScratchFolder { folder in
      let (model, data) = try bench(in: folder)
      let control = RunControl()
      control.cancel()
      #expect(throws: Cancelled.self) {
        try TestRun(model, on: data).run(Array(data.clips.indices), control: control)
      }
    }
  }
}
