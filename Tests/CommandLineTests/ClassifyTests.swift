import Files
import Tensors
import TestSupport
import Testing

@Suite("classify")
struct ClassifyTests {
  @Test("Says what bundled sounds are, a JSON object a line")
  func bundledSounds() throws {
    try withScratchFolder { folder in
      let expected = [("dog.mp3", "Animal"), ("rooster.mp3", "Chicken, rooster"), ("misc_crow.flac", "Crow")]
      let sounds = expected.map { Otoscope.sound($0.0) }
      let outcome = try Otoscope.run(["classify"] + sounds + ["--json", "--top", "6"], in: folder)
      expectSuccess(outcome)
      #expect(outcome.lines.count == sounds.count)
      for (line, (sound, (_, label))) in zip(outcome.lines, zip(sounds, expected)) {
        let classified = try json(Classified.self, line)
        #expect(classified.sound == sound)
        #expect(classified.start == nil)
        #expect(classified.classes.count == 6)
        #expect(classified.classes.contains { $0.label == label && $0.probability > 0.3 }, "\(line)")
        let probabilities = classified.classes.map(\.probability)
        #expect(
          probabilities == probabilities.sorted(by: >) && probabilities.allSatisfy { (0...1).contains($0) })
      }
    }
  }

  @Test("Standard input is heard like the file, by file, by pipe and by relative path")
  func standardInput() throws {
    try withScratchFolder { folder in
      let bytes = try WholeFile.read(Otoscope.sound("misc_crow.flac"))
      try WholeFile.write(bytes, to: "\(folder)/crow.flac")
      let options = ["--json", "--top", "3"]
      let absolute = try Otoscope.run(["classify", "\(folder)/crow.flac"] + options, in: "/")
      let relative = try Otoscope.run(["classify", "./crow.flac"] + options, in: folder)
      let piped = try Otoscope.run(["classify", "-"] + options, stdin: bytes, in: folder)
      let heard = try [absolute, relative, piped].map { outcome in
        expectSuccess(outcome)
        return try json(Classified.self, outcome.output)
      }
      #expect(heard.map(\.sound) == ["\(folder)/crow.flac", "./crow.flac", "-"])
      #expect(heard[0].classes == heard[1].classes && heard[0].classes == heard[2].classes)
      #expect(heard[0].seconds == heard[2].seconds)
    }
  }

  @Test("For people: a line a sound, the most probable classes")
  func text() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      try writeChirp("\(folder)/a.wav")
      let outcome = try Otoscope.run(
        ["classify", "a.wav", "-", "--model", "net.onnx"], stdin: integerWAV(chirp(seconds: 1)), in: folder)
      expectSuccess(outcome)
      #expect(outcome.lines.count == 2)
      for (line, name) in zip(outcome.lines, ["a.wav", "standard input"]) {
        #expect(
          line.wholeMatch(of: /([a-z.]+|standard input): (dog|siren) 0\.\d{3}, (dog|siren) 0\.\d{3}/) != nil,
          "\(line)")
        #expect(line.hasPrefix(name))
      }
    }
  }

  @Test("A part of a sound is heard as the same part cut out")
  func part() throws {
    try withScratchFolder { folder in
      let samples = chirp(seconds: 8)
      try WholeFile.write(integerWAV(samples), to: "\(folder)/whole.wav")
      try WholeFile.write(integerWAV(Array(samples[80000..<112000])), to: "\(folder)/part.wav")
      let part = try Otoscope.run(
        "classify", "whole.wav", "--start", "5", "--duration", "2", "--json", in: folder)
      let cut = try Otoscope.run("classify", "part.wav", "--json", in: folder)
      expectSuccess(part)
      expectSuccess(cut)
      let (heardPart, heardCut) = (
        try json(Classified.self, part.output), try json(Classified.self, cut.output)
      )
      #expect(heardPart.classes == heardCut.classes)
      #expect((heardPart.start, heardPart.seconds) == (5, 2))
      #expect((heardCut.start, heardCut.seconds) == (nil, 2))
    }
  }

  @Test("A pipe longer than ten minutes is cut, and every line tells its start")
  func longPipe() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      let bytes = integerWAV([Float](repeating: 0.1, count: 1000 * 610), rate: 1000)
      let outcome = try Otoscope.run(
        ["classify", "-", "--model", "net.onnx", "--json"], stdin: bytes, in: folder)
      expectSuccess(outcome)
      let heard = try outcome.lines.map { try json(Classified.self, $0) }
      // The header tells the length, even in a pipe.
      #expect(heard.first?.start == 0)
      #expect(heard.count > 1 && heard.allSatisfy { $0.start != nil })
      #expect(heard.map(\.seconds).reduce(0, +) == 610)
    }
  }

  @Test("--patches saves a row of probabilities for each patch, or nothing")
  func patches() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      try writeChirp("\(folder)/a.wav", seconds: 3)
      let all = ["classify", "a.wav", "--model", "net.onnx", "--patches"]
      expectSuccess(try Otoscope.run(all + ["p.npy"], in: folder))
      let scores = try NumPy.read("\(folder)/p.npy")
      #expect(scores.shape.rank == 2 && scores.shape[0] > 1 && scores.shape[1] == 2)
      expectFailure(try Otoscope.run(all + ["no/p.npy"], in: folder), saying: "no/p.npy", "cannot be written")
      let cut = try Otoscope.run(all + ["q.npy", "--stretch", "1"], in: folder)
      expectFailure(cut, status: 2, saying: "--duration", "a.wav", "scores of patches")
      #expect(names(in: folder) == ["a.wav", "net.onnx", "p.npy"])
    }
  }
}
