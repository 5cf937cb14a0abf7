import Files
import Foundation
import Tensors
import TestSupport
import Testing

@Suite("explain: embeddings; attribute: channels and directions")
struct EmbeddingCommandTests {
  private struct Report: Decodable {
    struct Entry: Decodable {
      struct Target: Decodable {
        var label: String
        var value: Double
        var kind: String
        var embedding: String
        var sound: String
      }
      var target: Target
      var method: String
      var files: [String]
    }
    var explanations: [Entry]
  }

  @Test("The similarity of two sounds, in report.json, on the page and in the names of files")
  func similarity() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      try writeChirp("\(folder)/a.wav")
      try writeChirp("\(folder)/b.wav", seconds: 2)
      let arguments = ["explain", "a.wav", "--model", "net.onnx", "--embedding", "pool", "--method"]
      for (kind, slug) in [("like", "similarity-to-b-wav"), ("towards", "direction-of-b-wav")] {
        let outcome = try Otoscope.run(
          arguments + ["saliency,grad-cam", "--\(kind)", "b.wav", "-o", kind, "--order"], in: folder)
        expectSuccess(outcome)
        let entries = try json(
          Report.self, String(decoding: try WholeFile.read("\(folder)/\(kind)/report.json"), as: UTF8.self)
        ).explanations
        #expect(entries.map(\.method) == ["saliency", "grad-cam"])
        for entry in entries {
          #expect(
            entry.target.kind == kind && entry.target.embedding == "pool" && entry.target.sound == "b.wav")
          #expect(entry.files.sorted() == explanationFiles("a.\(entry.method).\(slug)"))
        }
        try ExplainTests.checkPage("\(folder)/\(kind)/index.html")
        let page = String(decoding: try WholeFile.read("\(folder)/\(kind)/index.html"), as: UTF8.self)
        #expect(page.contains(entries[0].target.label))
      }
      // Itself: nothing changes a cosine of 1 for the better.
      expectSuccess(
        try Otoscope.run(arguments + ["saliency", "--like", "a.wav", "-o", "self"], in: folder))
      let own = try NumPy.readArchive("\(folder)/self/a.saliency.similarity-to-a-wav.npz")
      let other = try NumPy.readArchive("\(folder)/like/a.saliency.similarity-to-b-wav.npz")
      func largest(_ arrays: NumPyArchive) throws -> Float {
        try #require(arrays["attribution"]).values.max() ?? 0
      }
      #expect(try largest(own) < 1e-3 * largest(other))
    }
  }

  @Test("Questions that cannot be asked are refused on one line")
  func refusals() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      try writeChirp("\(folder)/a.wav")
      let arguments = ["explain", "a.wav", "--model", "net.onnx", "-o", "out"]
      expectFailure(
        try Otoscope.run(arguments + ["--like", "a.wav"], in: folder), saying: "--embedding", "linear layer")
      expectMisuse(
        try Otoscope.run(arguments + ["--like", "a.wav", "--towards", "a.wav"], in: folder),
        saying: "--towards")
      expectMisuse(try Otoscope.run(arguments + ["--embedding", "pool"], in: folder), saying: "--like")
      expectMisuse(
        try Otoscope.run(arguments + ["--like", "a.wav", "--target", "dog"], in: folder), saying: "--target")
      let like = arguments + ["--like", "a.wav", "--embedding"]
      expectFailure(try Otoscope.run(like + ["poll"], in: folder), saying: "poll", "pool")
      expectFailure(
        try Otoscope.run(like + ["pool", "--method", "score-cam"], in: folder), saying: "score-cam",
        "grad-cam")
      #expect(names(in: folder) == ["a.wav", "net.onnx"])
    }
  }

  @Test("attribute explains a channel's mean and a direction")
  func arrays() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      let x = Tensor([1, 1, 96, 64], (0..<96 * 64).map { Float($0 % 17) / 17 })
      try NumPy.write(x, to: "\(folder)/x.npy")
      try NumPy.write(Tensor([2], [0, 1]), to: "\(folder)/unit.npy")
      func attribution(_ question: [String]) throws -> Tensor {
        expectSuccess(
          try Otoscope.run(
            ["attribute", "net.onnx", "x.npy", "--method", "saliency-signed", "-o", "out.npz"] + question,
            in: folder))
        return try #require(try NumPy.readArchive("\(folder)/out.npz")["attribution"])
      }
      // The network's logits are the means over places of its last layer.
      let element = try attribution(["--target", "1"])
      #expect(element.values.contains { $0 != 0 })
      #expect(try attribution(["--of", "pool", "--direction", "unit.npy"]) == element)
      let channel = try attribution(["--of", "relu", "--channel", "1"])
      #expect(zip(channel.values, element.values).allSatisfy { abs($0 - $1) < 1e-6 })
      let arguments = ["attribute", "net.onnx", "x.npy", "--method", "saliency", "-o", "no.npz"]
      expectMisuse(try Otoscope.run(arguments, in: folder), saying: "--target")
      expectMisuse(
        try Otoscope.run(arguments + ["--target", "1", "--channel", "1"], in: folder), saying: "--channel")
      expectFailure(
        try Otoscope.run(arguments + ["--of", "relu", "--channel", "2"], in: folder), saying: "no channel 2")
      expectFailure(
        try Otoscope.run(arguments + ["--of", "relu", "--direction", "unit.npy"], in: folder),
        saying: "the direction has 2 numbers")
    }
  }
}
