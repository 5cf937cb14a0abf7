import Audio
import Files
import Glibc
import Graphs
import Models
import Tensors
import TestSupport
import Testing

/// Networks that are cut, and given new heads.
struct NewHeadTests {
  private static let graphs =
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    + "/GraphsTests/Golden/"

  /// What the two files make of `tensor`, and what the new one makes of its outputs, for rows of noise.
  private func compare(
    _ old: ONNXFile, _ new: ONNXFile, at tensor: TensorName, rows: Int = 2,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> [Tensor] {
    let (before, after) = (try old.model().graph, try new.model().graph)
    var inputs: [TensorName: Tensor] = [:]
    for input in after.inputs {
      let extents = try #require(input.dimensions).enumerated().map { axis, dimension in
        if case .fixed(let extent) = dimension { extent } else { axis == 0 ? rows : 64 }
      }
      inputs[input.name] = noise(Shape(extents))
    }
    let theirs = try Evaluator(before, threads: 2).values(of: [tensor], at: inputs)[0]
    let ours = try Evaluator(after, threads: 2).values(
      of: [tensor, "logits", "probabilities"], at: inputs)
    // The same kernels on the same numbers; weights that were computed are stored as they were.
    #expect(relativeError(ours[0], theirs) < 1e-6, sourceLocation: sourceLocation)
    return Array(ours)
  }

  @Test("YAMNet is cut at its embedding, listens as before, and forgets its labels")
  func yamnet() throws {
    let yamnet = try ONNXFile(contentsOf: Fixture.data("models/yamnet.onnx"))
    let cut = try yamnet.defaultCut()
    var file = try yamnet.withNewHead(at: nil, classes: 4, dropout: 0.5, seed: 3).file
    let named = try yamnet.withNewHead(at: "embedding", classes: 4, dropout: 0.5, seed: 3).file
    let made = try compare(yamnet, file, at: cut)
    #expect(made[1] == (try compare(yamnet, named, at: "embedding"))[1])
    #expect(made[1].shape == [2, 4])
    #expect(file.outputs == ["probabilities"])
    #expect(file.metadata["otoscope.labels"] == nil && file.metadata["source"] != nil)
    // All of YAMNet but its classifier of 1024 x 521.
    let kept = Set(file.weightNames)
    #expect(kept.isSuperset(of: ["head.weight", "head.bias"]))
    #expect(try !file.model().graph.constants.values.contains { $0.shape.count == 1024 * 521 })
    try withScratchFolder { folder in
      file.metadata["otoscope.labels"] = "[\"a\", \"b\", \"c\", \"d\"]"
      try file.write(to: "\(folder)/new.onnx")
      let model = try AudioModel(named: "\(folder)/new.onnx", threads: 1)
      #expect(model.frontEnd == .yamnet)
      #expect(model.classCount == 4)
    }
  }

  /// As two exporters write them: batch normalizations folded or not, weights stored or made by nodes.
  @Test(
    "Exported networks are cut before their last dense layer",
    arguments: [
      "cnn14.torchscript", "cnn14.dynamo", "separable.keras", "crnn-lstm.keras", "crnn-gru.dynamo",
      "mobilenet-v3-small.dynamo", "ast.torchscript", "attentive.keras",
    ])
  func exported(_ name: String) throws {
    let old = try ONNXFile(contentsOf: Self.graphs + name + ".onnx")
    let cut = try old.defaultCut()
    let new = try old.withNewHead(at: cut, classes: 3, hidden: 8, isMultiLabel: true).file
    let rows: Int
    if case .fixed(let count)? = try old.model().graph.inputs[0].dimensions?.first {
      rows = count
    } else {
      rows = 2
    }
    let made = try compare(old, new, at: cut, rows: rows)
    #expect(made[1].shape == [rows, 3])
    for (logit, probability) in zip(made[1].values, made[2].values) {
      #expect(abs(1 / (1 + exp(-Double(logit))) - Double(probability)) < 1e-6)
    }
    let weights = new.trainable(in: try new.model().graph)
    #expect(weights.trainable.contains("head.weight") && weights.trainable.contains("head.hidden.weight"))
    #expect(weights.frozen.isEmpty, "\(weights.frozen)")
  }

  /// A network on a map with channels first, or last, of 3 channels: `y` = mean over places · W.
  @Test("A map is averaged over its places, wherever its channels are", arguments: [false, true])
  func maps(channelsLast: Bool) throws {
    var file = HandmadeONNX(input: "x", ["N", 1, 4, 5])
    file.add("Conv", ["x"], "map", weights: [Tensor([3, 1, 1, 1], [1, 10, 100])], ["kernel_shape": [1, 1]])
    if channelsLast { file.add("Transpose", ["map"], "turned", ["perm": [0, 2, 3, 1]]) }
    let tensor = channelsLast ? "turned" : "map"
    file.add("Relu", [tensor], "active")
    file.add("Flatten", ["active"], "flat")
    file.add("MatMul", ["flat"], "logits", weights: [Tensor([60, 2], repeating: 1)])
    try withScratchFolder { folder in
      try WholeFile.write(file.bytes, to: "\(folder)/net.onnx")
      let old = try ONNXFile(contentsOf: "\(folder)/net.onnx")
      #expect(try old.defaultCut() == "active")
      var new = try old.withNewHead(at: nil, classes: 3).file
      try new.replaceWeights(["head.weight": Tensor([3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1])])
      let x = Tensor([2, 1, 4, 5], (0..<40).map { Float($0) })
      let logits = try Evaluator(new.model().graph, threads: 1).values(of: ["logits"], at: ["x": x])[0]
      // Means of 0...19 and 20...39; sums of 20 whole numbers are exact.
      #expect(logits.values == [9.5, 95, 950, 29.5, 295, 2950])
    }
  }

  @Test("A head behind the old logits takes their name, and they another")
  func names() throws {
    try withScratchFolder { folder in
      try WholeFile.write(LinearONNX(ending: "Sigmoid").bytes, to: "\(folder)/net.onnx")
      try WholeFile.write(
        Array("{\"front_end\": \(frontEndJSON()), \"labels\": [\"a\", \"b\", \"c\"]}".utf8),
        to: "\(folder)/net.json")
      let old = try ONNXFile(contentsOf: "\(folder)/net.onnx")
      let new = try old.withNewHead(at: "logits", classes: 2).file
      #expect(new.tensorNames.isSuperset(of: ["logits", "logits.before", "probabilities"]))
      try new.write(to: "\(folder)/new.onnx")
      // The front end beside the old file is in the new one.
      let model = try AudioModel(named: "\(folder)/new.onnx", threads: 1)
      #expect(model.frontEnd.bandCount == 5 && model.labels.isEmpty && model.classCount == 2)
      // And again, behind the head before.
      let again = try new.withNewHead(at: nil, classes: 5)
      #expect(again.headWeights == ["head.weight", "head.bias"])
      #expect(try again.file.headWeights() == again.headWeights)
      #expect(again.file.weightNames.filter { $0.hasPrefix("head") } == ["head.weight", "head.bias"])
      // Behind the head before: its weights are the trunk's now, whatever they are called.
      let third = try again.file.withNewHead(at: "logits", classes: 3)
      #expect(third.file.weightNames.contains("head.weight"))
      #expect(third.headWeights == ["head.weight_2", "head.bias_2"])
      #expect(try third.file.headWeights() == third.headWeights)
      expectRefusal(of: "there is none") { try old.withNewHead(at: "there is none", classes: 2).file }
      expectRefusal(of: "sound") { try old.withNewHead(at: "sound", classes: 2).file }
    }
  }

  private func expectRefusal(of name: String, _ body: () throws -> ONNXFile) {
    do {
      _ = try body()
      Issue.record("'\(name)' was cut at")
    } catch {
      #expect("\(error)".contains("'\(name)'"))
    }
  }

  @Test(
    "An image network sees spectrograms of its size, scaled as it wants",
    arguments: [(.efficientNetLite, -127.0 / 128, 1), (.symmetric, -1, 1), (.bytes, 0, 255)]
      as [(ImageScaling, Float, Float)])
  func images(scaling: ImageScaling, lowest: Float, highest: Float) throws {
    var file = HandmadeONNX(input: "image", ["N", 3, 48, 40])
    file.add("Conv", ["image"], "map", weights: [noise([4, 3, 3, 3])], ["kernel_shape": [3, 3]])
    file.add("GlobalAveragePool", ["map"], "mean")
    file.add("Flatten", ["mean"], "flat")
    file.add("MatMul", ["flat"], "logits", weights: [noise([4, 7])])
    try withScratchFolder { folder in
      try WholeFile.write(file.bytes, to: "\(folder)/net.onnx")
      let old = try ONNXFile(contentsOf: "\(folder)/net.onnx")
      let frontEnd = try old.imageFrontEnd(scaling, colours: nil)
      let new = try old.withNewHead(at: nil, classes: 2, frontEnd: frontEnd).file
      try new.write(to: "\(folder)/new.onnx")
      let model = try AudioModel(named: "\(folder)/new.onnx", threads: 1)
      #expect(model.frontEnd == frontEnd)
      // A tone that fades out within 80 dB: the loudest bin is 1, silence is 0.
      let count = 2 * model.sampleRate
      let sound = (0..<count).map { index in
        index < count / 2 ? Float(sin(Double(index) * 0.3)) : 0
      }
      let given = model.given(for: model.patches(of: try model.picture(of: sound)))
      #expect(Array(given.shape.dimensions.dropFirst()) == [3, 48, 40])
      let values = given.values
      #expect(abs((values.min() ?? 0) - lowest) < 1e-3 * (highest - lowest))
      // Between places of the picture, resizing takes a little off the peak.
      #expect((values.max() ?? 0) <= highest && (values.max() ?? 0) > lowest + 0.8 * (highest - lowest))
    }
  }
}
