import Files
import Tensors
import TestSupport
import Testing

@Suite("run, attribute, measure and bench of networks whose files have no free batch")
struct RowVerbTests {
  /// Two convolutions and a classifier; the first axis of its input as given.
  private static func network(rows: HandmadeONNX.Extent, oneRowInside: Bool = false) -> HandmadeONNX {
    var generator = SplitMix64(seed: 1)
    func weight(_ shape: Shape) -> Tensor {
      Tensor(shape, (0..<shape.count).map { _ in Float.random(in: -1...1, using: &generator) })
    }
    var file = HandmadeONNX(input: "x", [rows, 1, 12, 8])
    file.add("Conv", ["x"], "conv", weights: [weight([3, 1, 3, 3])])
    file.add("Relu", ["conv"], "layer")
    file.add("GlobalAveragePool", ["layer"], "means")
    file.add("Flatten", ["means"], "flat", oneRowInside ? ["axis": [0]] : [:])
    file.add("MatMul", ["flat"], "logits", weights: [weight([3, 2])])
    return file
  }

  private static func input(rows: Int) -> Tensor {
    var generator = SplitMix64(seed: 2)
    return Tensor(
      [rows, 1, 12, 8], (0..<rows * 96).map { _ in Float.random(in: -1...1, using: &generator) })
  }

  @Test(
    "a batch of one, and a network that takes one row, give what a free batch gives",
    arguments: [
      "saliency", "integrated-gradients", "smoothgrad", "occlusion", "rise", "lime", "kernel-shap",
      "score-cam",
    ])
  func oneRow(method: String) throws {
    try withScratchFolder { folder in
      try WholeFile.write(Self.network(rows: "N").bytes, to: "\(folder)/free.onnx")
      try WholeFile.write(Self.network(rows: 1).bytes, to: "\(folder)/fixed.onnx")
      try WholeFile.write(Self.network(rows: "N", oneRowInside: true).bytes, to: "\(folder)/inside.onnx")
      try NumPy.write(Self.input(rows: 3), to: "\(folder)/x.npy")
      func attribution(_ network: String) throws -> Tensor {
        expectSuccess(
          try Otoscope.run(
            "attribute", network, "x.npy", "--method", method, "--target", "1", "--samples", "40", "--window",
            "4", "4", "--segments", "4", "4", "-o", "a.npz", in: folder))
        return try #require(try NumPy.readArchive("\(folder)/a.npz")["attribution"])
      }
      let free = try attribution("free.onnx")
      for network in ["fixed.onnx", "inside.onnx"] {
        let own = try attribution(network)
        #expect(own.shape == free.shape)
        // Some roundings of scores, which the regressions of LIME and SHAP enlarge.
        #expect(relativeError(own, free) < 1e-4, "\(network)")
      }
    }
  }

  @Test("a scalar result is one element of each row, for every verb")
  func scalar() throws {
    try withScratchFolder { folder in
      var file = HandmadeONNX(input: "x", ["N", 4])
      file.add("Mul", ["x", "x"], "squares")
      file.add("ReduceMean", ["squares"], "y", ["keepdims": [0]])
      try WholeFile.write(file.bytes, to: "\(folder)/net.onnx")
      let x = Tensor([2, 4], [1, 2, 3, 4, -1, 0, 1, 2])
      try NumPy.write(x, to: "\(folder)/x.npy")
      expectSuccess(
        try Otoscope.run(
          "attribute", "net.onnx", "x.npy", "--method", "saliency-signed", "--target", "0", "-o", "a.npz",
          in: folder))
      // The mean of a row's squares has half of the row for its derivative.
      #expect(
        try NumPy.readArchive("\(folder)/a.npz")["attribution"] == Tensor([2, 4], x.values.map { $0 / 2 }))
      expectSuccess(
        try Otoscope.run(
          "bench", "net.onnx", "--method", "forward,saliency,integrated-gradients", "--runs", "1", "--batch",
          "3", "--json", in: folder))
      expectSuccess(
        try Otoscope.run(
          "measure", "net.onnx", "x.npy", "--attribution", "a.npz", "--target", "0", "--activation", "none",
          in: folder))
      let wrong = try Otoscope.run(
        "attribute", "net.onnx", "x.npy", "--method", "saliency", "--target", "1", "-o", "b.npz", in: folder)
      expectFailure(wrong, saying: "'y' has 1 elements a row, there is no element 1")
      // The whole batch's mean, as ONNX Runtime gives it.
      expectSuccess(try Otoscope.run("run", "net.onnx", "x.npy", "-o", "y.npz", in: folder))
      #expect(try NumPy.readArchive("\(folder)/y.npz")["y"] == Tensor([], [4.5]))
    }
  }

  @Test("a network with state is explained at a moment, its rate taken from the arrays")
  func state() throws {
    try withScratchFolder { folder in
      let golden =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(separator: "/")
        + "/GraphsTests/Golden"
      let arrays = try NumPy.readArchive("\(golden)/vad.npz").dictionary
      let run = ["\(golden)/vad.onnx", "\(golden)/vad.npz", "--state", "stateN=state"]
      let values = try Otoscope.run(["run"] + run + ["-o", "y.npz"], in: folder)
      #expect(values.status == 0 && values.errors.contains("'input': 1 row of 8 steps"))
      let curve = try #require(arrays["curve16"])
      let own = try #require(try NumPy.readArchive("\(folder)/y.npz")["output"])
      #expect(own.shape == curve.shape && relativeError(own, curve) < 1e-5)
      let outcome = try Otoscope.run(
        ["attribute"] + run
          + ["--of", "output", "--target", "0", "--at", "5", "--method", "saliency-signed", "-o", "a.npz"],
        in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let map = try #require(try NumPy.readArchive("\(folder)/a.npz")["attribution"])
      let moment = try #require(arrays["moment"])
      // The golden gradient is the logit's.
      let slope = curve.values[5] * (1 - curve.values[5])
      #expect(map.shape == moment.shape)
      #expect(relativeError(map, Tensor(moment.shape, moment.values.map { $0 * slope })) < 1e-4)
      let beyond = try Otoscope.run(
        ["attribute"] + run
          + ["--of", "output", "--target", "0", "--at", "8", "--method", "saliency", "-o", "b.npz"],
        in: folder)
      #expect(beyond.status == 1 && beyond.errors.contains("'output' has 8 moments, there is no moment 8"))
    }
  }
}
