import Files
import Tensors
import TestSupport
import Testing

@Suite("run, attribute, bench, inspect and help")
struct PlainVerbTests {
  /// A folder with a network and an input of two rows for it.
  private func withNetwork(_ body: (_ folder: String) throws -> Void) throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener.write(to: "\(folder)/net.onnx")
      var generator = SplitMix64(seed: 1)
      try NumPy.write(
        Tensor([2, 1, 96, 64], (0..<2 * 96 * 64).map { _ in Float.random(in: -1...1, using: &generator) }),
        to: "\(folder)/x.npy")
      try body(folder)
    }
  }

  @Test("run saves the tensors asked for, or the outputs")
  func run() throws {
    try withNetwork { folder in
      let outcome = try Otoscope.run(
        "run", "net.onnx", "x.npy", "--tensor", "conv", "--tensor", "logits", "--tensor", "conv", "-o",
        "y.npz", in: folder)
      expectSuccess(outcome)
      #expect(outcome.output.isEmpty)
      let arrays = try NumPy.readArchive("\(folder)/y.npz")
      #expect(arrays.map(\.name) == ["conv", "logits"])
      #expect(arrays["conv"]?.shape == [2, 2, 12, 8] && arrays["logits"]?.shape == [2, 2])

      let input = try NumPy.read("\(folder)/x.npy")
      try NumPy.writeArchive([("log_mel", input), ("notes", Tensor([1], [.nan]))], to: "\(folder)/x.npz")
      expectSuccess(try Otoscope.run("run", "net.onnx", "x.npz", "-o", "scores.npz", in: folder))
      let scores = try #require(try NumPy.readArchive("\(folder)/scores.npz")["scores"])
      for row in 0..<2 { #expect(abs(scores.values[2 * row] + scores.values[2 * row + 1] - 1) < 1e-5) }
    }
  }

  @Test("attribute saves an array of the input's shape, or of the layer's places")
  func attribute() throws {
    try withNetwork { folder in
      let all = ["attribute", "net.onnx", "x.npy", "--target", "1", "-o", "a.npz", "--method"]
      func attribution(_ arguments: String...) throws -> Tensor {
        expectSuccess(try Otoscope.run(all + arguments, in: folder))
        return try #require(try NumPy.readArchive("\(folder)/a.npz")["attribution"])
      }
      #expect(try attribution("saliency").shape == [2, 1, 96, 64])
      #expect(try attribution("grad-cam").shape == [2, 1, 12, 8])
      let drawn = try attribution("smoothgrad", "--samples", "3", "--sigma", "0.5")
      #expect(try attribution("smoothgrad", "--samples", "3", "--sigma", "0.5") == drawn)
      #expect(try attribution("smoothgrad", "--samples", "3", "--sigma", "0.5", "--seed", "1") != drawn)
      // Without noise, the mean of the gradients is the gradient.
      try NumPy.write(Tensor([3, 1, 96, 64]), to: "\(folder)/noise.npy")
      let quiet = try attribution("smoothgrad", "--noise", "noise.npy")
      #expect(relativeError(quiet, try attribution("saliency-signed")) < 1e-5)
    }
  }

  @Test(
    "Arrays that do not fit: status 1, the file, what is wrong and what is wanted",
    arguments: [
      ("wrong.npy", ["[2, 1, 96, 63]", "[N, 1, 96, 64]"]),
      ("flat.npy", ["[96, 64]", "[N, 1, 96, 64]"]),
      ("none.npy", ["[0, 1, 96, 64]", "[N, 1, 96, 64]"]),
      ("scalar.npy", ["[]", "[N, 1, 96, 64]"]),
      ("nan.npy", ["NaN or infinity", "element 196"]),
      ("other.npz", ["no array named 'log_mel'", "'foo'"]),
      ("text.npy", ["is not a .npy file"]),
      ("gone.npy", ["no such file"]),
    ])
  func badArrays(file: String, words: [String]) throws {
    try withNetwork { folder in
      let path = "\(folder)/\(file)"
      switch file {
      case "wrong.npy": try NumPy.write(Tensor([2, 1, 96, 63]), to: path)
      case "flat.npy": try NumPy.write(Tensor([96, 64]), to: path)
      case "none.npy": try NumPy.write(Tensor([0, 1, 96, 64]), to: path)
      case "scalar.npy": try NumPy.write(Tensor([], [3]), to: path)
      case "nan.npy":
        var values = [Float](repeating: 0, count: 96 * 64)
        values[196] = .nan
        try NumPy.write(Tensor([1, 1, 96, 64], values), to: path)
      case "other.npz": try NumPy.writeArchive([("foo", Tensor([1, 1, 96, 64]))], to: path)
      case "text.npy": try WholeFile.write(Array("hello".utf8), to: path)
      default: break
      }
      let before = names(in: folder)
      let question = ["--method", "saliency", "--target", "0", "-o", "y.npz"]
      for arguments in [
        ["run", "net.onnx", file, "-o", "y.npz"], ["attribute", "net.onnx", file] + question,
        ["bench", "net.onnx", file, "--runs", "1"],
      ] {
        let outcome = try Otoscope.run(arguments, in: folder)
        expectFailure(outcome, saying: file)
        for word in words { #expect(outcome.errors.contains(word), "\(outcome.errors)") }
      }
      #expect(names(in: folder) == before)
    }
  }

  @Test("Noise that does not fit is refused, with its file")
  func badNoise() throws {
    try withNetwork { folder in
      let all = [
        "attribute", "net.onnx", "x.npy", "--target", "1", "-o", "a.npz", "--method", "smoothgrad", "--noise",
      ]
      for shape in [[3, 96, 64], [0, 1, 96, 64], [3, 1, 96, 63], []] as [Shape] {
        try NumPy.write(Tensor(shape), to: "\(folder)/noise.npy")
        let outcome = try Otoscope.run(all + ["noise.npy"], in: folder)
        expectFailure(outcome, saying: "noise.npy", shape.description, "[samples] + [1, 96, 64]")
      }
      try NumPy.write(
        Tensor([1, 1, 96, 64], [Float](repeating: .infinity, count: 96 * 64)), to: "\(folder)/noise.npy")
      expectFailure(try Otoscope.run(all + ["noise.npy"], in: folder), saying: "noise.npy", "infinity")
      expectFailure(try Otoscope.run(all + ["gone.npy"], in: folder), saying: "gone.npy", "no such file")
      #expect(names(in: folder) == ["net.onnx", "noise.npy", "x.npy"])
    }
  }

  @Test("Tensors, elements and outputs that are not there")
  func badQuestions() throws {
    try withNetwork { folder in
      let question = ["--method", "saliency", "-o", "y.npz", "--target"]
      for (arguments, words) in [
        (["run", "net.onnx", "x.npy", "--tensor", "logit", "-o", "y.npz"], ["'logit'", "'logits'"]),
        (["run", "net.onnx", "x.npy", "-o", "no/y.npz"], ["no/y.npz", "cannot be written"]),
        (["run", "net.onnx", "x.npy", "-o", "."], ["is a folder"]),
        (["attribute", "net.onnx", "x.npy"] + question + ["2"], ["no element 2", "0 to 1"]),
        (["attribute", "net.onnx", "x.npy"] + question + ["0", "--of", "logit"], ["'logit'", "'logits'"]),
        (["attribute", "net.onnx", "x.npy"] + question + ["0", "--layer", "con"], ["'con'", "'conv'"]),
        (["bench", "net.onnx", "--runs", "1", "--method", "saliency", "--target", "5"], ["no element 5"]),
      ] {
        let outcome = try Otoscope.run(arguments, in: folder)
        expectFailure(outcome)
        for word in words { #expect(outcome.errors.contains(word), "\(outcome.errors)") }
      }
      let tooFew = try Otoscope.run("bench", "net.onnx", "x.npy", "--batch", "3", in: folder)
      expectFailure(tooFew, status: 2, saying: "batch of 3", "2 rows")
      #expect(names(in: folder) == ["net.onnx", "x.npy"])
    }
  }

  private struct Measured: Decodable {
    var what: String
    var batch: Int
    var threads: Int
    var median_s: Double
    var runs_s: [Double]
  }

  @Test("bench measures, and tells it as JSON")
  func bench() throws {
    try withNetwork { folder in
      for (arguments, what, batch) in [
        (["--batch", "3"], "forward", 3), (["x.npy"], "forward", 2),
        (["x.npy", "--batch", "1"], "forward", 1),
        (["--method", "grad-cam", "--batch", "2"], "grad-cam", 2),
      ] {
        let all = ["bench", "net.onnx", "--runs", "3", "--threads", "1", "--json"]
        let outcome = try Otoscope.run(all + arguments, in: folder)
        expectSuccess(outcome)
        let measured = try json(Measured.self, outcome.output)
        #expect(measured.what == what && measured.batch == batch && measured.threads == 1)
        #expect(
          measured.runs_s.count == 3 && measured.runs_s.contains(measured.median_s) && measured.median_s > 0)
      }
      let text = try Otoscope.run("bench", "net.onnx", "--runs", "1", in: folder)
      expectSuccess(text)
      #expect(text.lines.count == 3 && text.output.contains("median"))
    }
  }

  private struct Inspected: Decodable {
    struct Layer: Decodable {
      var tensor: String
      var `operator`: String
      var parameters: Int
      var receptive_field_s: Double?
    }
    var inputs: [String]
    var outputs: [String]
    var parameters: Int
    var layers: [Layer]
  }

  @Test("inspect lists the layers")
  func inspect() throws {
    try withNetwork { folder in
      let outcome = try Otoscope.run("inspect", "net.onnx", "--json", in: folder)
      expectSuccess(outcome)
      let network = try json(Inspected.self, outcome.output)
      #expect(network.layers.map(\.tensor) == ["conv", "relu", "pool", "logits", "scores"])
      #expect(
        network.parameters == 128 && network.inputs == ["log_mel [N, 1, 96, 64]"]
          && network.outputs == ["scores"])
      #expect(network.layers.allSatisfy { $0.receptive_field_s == nil })

      let bundled = try Otoscope.run("inspect", "yamnet", "--json", in: folder)
      #expect(try json(Inspected.self, bundled.output).layers.contains { ($0.receptive_field_s ?? 0) > 0.5 })
      let text = try Otoscope.run("inspect", "net.onnx", in: folder)
      expectSuccess(text)
      for name in ["conv", "Conv", "[1, 2, 12, 8]", "128"] { #expect(text.output.contains(name)) }
    }
  }

  @Test(
    "Every verb explains itself with an example",
    arguments: ["", "explain", "classify", "demo", "inspect", "run", "attribute", "measure", "bench"])
  func help(verb: String) throws {
    try withScratchFolder { folder in
      let outcome = try Otoscope.run(verb.isEmpty ? ["--help"] : [verb, "--help"], in: folder)
      expectSuccess(outcome)
      #expect(outcome.output.contains("EXAMPLE"))
      #expect(outcome.output.contains("  otoscope \(verb)"))
    }
  }

  @Test("The version is three numbers")
  func version() throws {
    try withScratchFolder { folder in
      let outcome = try Otoscope.run("--version", in: folder)
      expectSuccess(outcome)
      #expect(outcome.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
    }
  }
}
