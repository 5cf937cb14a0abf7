import Files
import Foundation
import TestSupport
import Tensors
import Testing

@Suite("maximize and dream")
struct MaximizeTests {
  private struct Answer: Decodable {
    var label: String
    var answer: Int
    var first: Double?
    var value: Double?
    var ending: String
    var rank: Int?
    var files: [String]
  }

  @Test("Classes become pictures, sounds and a page; what is told is what the files are")
  func classes() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog, barking", "siren"]).write(to: "\(folder)/net.onnx")
      let outcome = try Otoscope.run(
        "maximize", "--model", "net.onnx", "--target", "dog, barking", "--target", "siren", "--answers", "2",
        "--steps",
        "8", "--sound-steps", "4", "--film", "--json", "-o", "out", in: folder)
      expectSuccess(outcome)
      let answers = try outcome.lines.map { try json(Answer.self, $0) }
      #expect(answers.map(\.label) == ["dog, barking", "dog, barking", "siren", "siren"])
      #expect(answers.allSatisfy { ($0.value ?? 0) > ($0.first ?? 0) && $0.ending == "finished" })
      let files = names(in: "\(folder)/out")
      #expect(Set(answers.flatMap(\.files)).isSubset(of: Set(files)))
      #expect(files.contains("siren.2.mp4"))
      #expect(Set(["index.html", "report.json", "sheet.png", "sheet.svg"]).isSubset(of: Set(files)))
    }
  }

  @Test("Arrays of a network with two inputs")
  func arrays() throws {
    try withScratchFolder { folder in
      var file = HandmadeONNX(input: "left", ["N", 4])
      file.inputs.append(("right", ["N", "T"]))
      file.add("Concat", ["left", "right"], "both", axis: 1)
      file.add("MatMul", ["both"], "score", weights: [Tensor([7, 1], [1, 2, 3, 4, -1, -2, -3])])
      try WholeFile.write(file.bytes, to: "\(folder)/pair.onnx")
      let maximize = ["maximize", "--model", "pair.onnx", "--target", "0", "--rule", "paper", "-o", "out"]
      expectMisuse(try Otoscope.run(maximize + ["--input", "left=-1"], in: folder), saying: "--input")
      let outcome = try Otoscope.run(
        maximize + [
          "--input", "left=0.1", "--input", "right=0.5", "--shape", "right=1,3", "--steps", "600",
          "--json",
        ],
        in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let answer = try json(Answer.self, try #require(outcome.lines.first))
      let arrays = try NumPy.readArchive("\(folder)/out/\(answer.files[0])")
      // w / 2λ: Adam circles about it within some hundredths.
      let (left, right) = (try #require(arrays["left"]).values, try #require(arrays["right"]).values)
      #expect(zip(left, [5, 10, 15, 20]).allSatisfy { abs($0 - $1) < 0.2 })
      #expect(zip(right, [-1, -2, -3]).allSatisfy { abs($0 - $1) < 0.2 })
    }
  }

  @Test("Questions that cannot be meant are refused and leave nothing")
  func refusals() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      let before = names(in: folder)
      let maximize = ["maximize", "--model", "net.onnx", "-o", "out"]
      expectMisuse(try Otoscope.run(maximize, in: folder), saying: "name what to excite")
      expectMisuse(
        try Otoscope.run(maximize + ["--layer", "relu", "--channel", "3-1"], in: folder), saying: "0-7,12")
      let unknown = try Otoscope.run(maximize + ["--target", "dgo"], in: folder)
      #expect(unknown.status != 0 && unknown.errors.contains("dog"))
      let channel = try Otoscope.run(maximize + ["--layer", "relu", "--channel", "2"], in: folder)
      #expect(channel.status != 0 && channel.errors.contains("channels 0 to 1"))
      let layer = try Otoscope.run(maximize + ["--layer", "reluu", "--channel", "0"], in: folder)
      #expect(layer.status != 0 && layer.errors.contains("relu"))
      #expect(names(in: folder) == before)
    }
  }

  @Test(
    "A dream is a picture, a sound as long as the clip, and a page; a bad file does not keep the others from it"
  )
  func dream() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      try writeChirp("\(folder)/a.wav")
      let outcome = try Otoscope.run(
        "dream", "a.wav", "gone.wav", "--model", "net.onnx", "--layer", "relu", "--channel", "0", "--steps",
        "2",
        "--octaves", "2", "-o", "out", in: folder)
      #expect(outcome.status == 1)
      #expect(outcome.errors.contains("gone.wav"))
      #expect(
        Set(names(in: "\(folder)/out"))
          == ["a.dream.npz", "a.dream.png", "a.dream.svg", "a.dream.wav", "index.html", "report.json"])
      expectMisuse(
        try Otoscope.run(
          ["dream", "a.wav", "--model", "net.onnx", "--target", "dog", "--layer", "relu", "-o", "b"],
          in: folder),
        saying: "choose one")
    }
  }
}
