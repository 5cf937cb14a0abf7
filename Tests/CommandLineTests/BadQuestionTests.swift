import Files
import TestSupport
import Testing

@Suite("Questions that cannot be answered")
struct BadQuestionTests {
  @Test(
    "A class, layer or folder that is not there: status 1 and one line",
    arguments: [
      (["--target", "dgo"], ["'dgo'", "'dog'"]),
      (["--target", "2"], ["no class 2", "0 to 1"]),
      (["--target=-1"], ["no class -1", "0 to 1"]),
      (["--layer", "rellu"], ["'rellu'", "'relu'", "inspect"]),
      (["--layer", "logits"], ["'logits'", "no places"]),
      (["--layer", "scores"], ["'scores'", "layer before"]),
      (["--output", "a.wav"], ["a.wav", "a file of that name is in the way"]),
      (["--output", "deep/er/../../a.wav/out"], ["a.wav/out", "cannot be written"]),
      (["--output", "/proc/otoscope"], ["/proc/otoscope", "cannot be written", "another output folder"]),
    ])
  func failures(arguments: [String], words: [String]) throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener(labels: ["dog", "siren"]).write(to: "\(folder)/net.onnx")
      try writeChirp("\(folder)/a.wav")
      let output = arguments.contains("--output") ? [] : ["--output", "out"]
      let all = ["explain", "a.wav", "a.wav", "--model", "net.onnx"] + output + arguments
      let outcome = try Otoscope.run(all, in: folder)
      expectFailure(outcome)
      for word in words { #expect(outcome.errors.contains(word), "\(outcome.errors)") }
      #expect(names(in: folder) == ["a.wav", "net.onnx"])
    }
  }

  @Test("A label asked of a model whose classes have no names")
  func noLabels() throws {
    try withScratchFolder { folder in
      try TinyNetwork.listener.write(to: "\(folder)/net.onnx")
      try writeChirp("\(folder)/a.wav")
      let all = [
        "explain", "a.wav", "--model", "net.onnx", "--front-end", "yamnet", "--output", "out", "--target",
      ]
      expectFailure(try Otoscope.run(all + ["dog"], in: folder), saying: "'dog'", "give an index")
      expectSuccess(try Otoscope.run(all + ["1"], in: folder))
      #expect(names(in: "\(folder)/out").contains("a.grad-cam.class-1.png"))
    }
  }

  @Test(
    "What can never be meant: status 2, the reason, and how it is used",
    arguments: [
      (["frobnicate"], "'frobnicate'"),
      (["explain"], "sounds"),
      (["explain", "a.wav", "--frobnicate"], "--frobnicate"),
      (["explain", "a.wav", "--method", "gradcam"], "no method 'gradcam'; nearest: grad-cam"),
      (["explain", "a.wav", "--method", ""], "there is no method ''"),
      (["explain", "a.wav", "--method", "saliency,"], "there is no method ''"),
      (["explain", "a.wav", "--target", "top:0"], "top:0"),
      (["explain", "a.wav", "--target", "top:x"], "top:x"),
      (["explain", "a.wav", "--target", "-1"], "--target"),
      (["explain", "a.wav", "--samples", "0"], "--samples"),
      (["explain", "a.wav", "--samples", "many"], "'many'"),
      (["explain", "a.wav", "--sigma=-1"], "--sigma"),
      (["explain", "a.wav", "--sigma", "nan"], "--sigma"),
      (["explain", "a.wav", "--start=-1"], "--start"),
      (["explain", "a.wav", "--start", "nan"], "--start"),
      (["explain", "a.wav", "--duration", "0"], "--duration"),
      (["explain", "a.wav", "--duration", "inf"], "--duration"),
      (["explain", "a.wav", "--output", ""], "--output"),
      (["explain", "a.wav", "--threads", "0"], "--threads"),
      (["classify", "a.wav", "--top", "0"], "--top"),
      (["classify", "a.wav", "--top=-3"], "--top"),
      (["classify", "a.wav", "--stretch", "0"], "--stretch"),
      (["classify", "a.wav", "b.wav", "--patches", "p.npy"], "--patches"),
      (["run", "yamnet"], "input"),
      (["run", "yamnet", "x.npy"], "--output"),
      (["attribute", "yamnet", "x.npy", "--method", "gradcam", "--target", "1", "-o", "y.npz"], "'gradcam'"),
      (["attribute", "yamnet", "x.npy", "--method", "saliency", "--target", "dog", "-o", "y.npz"], "'dog'"),
      (["bench", "yamnet", "--batch", "0"], "--batch"),
      (["bench", "yamnet", "--runs=-1"], "--runs"),
      (["inspect", "yamnet", "another"], "'another'"),
    ])
  func misuse(arguments: [String], words: String) throws {
    try withScratchFolder { folder in
      expectMisuse(try Otoscope.run(arguments, in: folder), saying: words)
      #expect(names(in: folder).isEmpty)
    }
  }
}
