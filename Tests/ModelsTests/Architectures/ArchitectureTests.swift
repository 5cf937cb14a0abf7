import Audio
import Files
import Graphs
import Models
import Tensors
import TestSupport
import Testing

/// The published networks, as they are built.
struct ArchitectureTests {
  /// What the published counts count.
  private enum Counted {
    /// All that is learnt.
    case learnt
    /// And the running statistics of batch normalizations.
    case all
    /// What is learnt, batch normalizations apart.
    case withoutNormalizations
  }

  private func isNormalization(_ name: TensorName, in names: Set<TensorName>) -> Bool {
    names.contains(name.split(separator: ".").dropLast().joined(separator: ".") + ".running_mean")
  }

  /// - Parameter prefix: of the names of the weights that count.
  private func count(
    _ file: ONNXFile, _ counted: Counted, where isCounted: (TensorName) -> Bool = { _ in true }
  ) throws -> Int {
    let graph = try file.model().graph
    let weights = file.trainable(in: graph)
    #expect(weights.frozen.isEmpty)
    let names = Set(graph.constants.keys)
    let statistics = names.filter { $0.hasSuffix(".running_mean") || $0.hasSuffix(".running_var") }
    return (weights.trainable + (counted == .all ? statistics.sorted() : [])).filter(isCounted).filter {
      counted != .withoutNormalizations || !isNormalization($0, in: names)
    }.reduce(0) { $0 + (graph.constants[$1]?.count ?? 0) }
  }

  /// A front end of three channels, as ImageNet's networks see.
  private func images() throws -> FrontEnd {
    let published = FrontEnd.hearAndSee
    return try FrontEnd(
      sampleRate: published.sampleRate, analysis: published.analysis, steps: published.steps,
      patch: FrontEnd.Patch(frames: 128, hop: 128, tail: .dropIncomplete, steps: published.patch.steps))
  }

  @Test("SB-CNN has 241,434 parameters")
  func sbCNN() throws {
    #expect(try count(Architecture.sbCNN.network(classes: 10), .learnt) == 241_434)
  }

  @Test("VGGish has 72,141,184 parameters up to its embedding, 4,499,712 of them in convolutions")
  func vggish() throws {
    let file = try Architecture.vggish.network(classes: 10)
    #expect(try count(file, .learnt) { !$0.hasPrefix("classifier.") } == 72_141_184)
    #expect(try count(file, .learnt) { $0.hasPrefix("conv") } == 4_499_712)
  }

  @Test("The released MusicTaggerCNN has 865,950 parameters")
  func musicTagger() throws {
    #expect(
      try count(Architecture.musicTaggerCNN.network(classes: 50, isMultiLabel: true), .learnt) == 865_950)
  }

  /// Computed from the published layers; no count is published.
  @Test("FCN-4 has 17,359,282 parameters without its batch normalizations")
  func fcn4() throws {
    let layers = [(1, 128), (128, 384), (384, 768), (768, 2048)]
    let expected = layers.reduce(2048 * 50 + 50) { $0 + 9 * $1.0 * $1.1 + $1.1 }
    #expect(expected == 17_359_282)
    let file = try Architecture.fcn4.network(classes: 50, isMultiLabel: true)
    #expect(try count(file, .withoutNormalizations) == expected)
    #expect(try count(file, .learnt) == 17_365_938)
  }

  @Test("MM-CNN has 62,763 parameters with a single layer and 743,723 with more, running statistics counted")
  func mmCNN() throws {
    #expect(try count(Architecture.mmCNN.network(classes: 11), .all) == 62_763)
    #expect(try count(Architecture.mmCNNMulti.network(classes: 11), .all) == 743_723)
  }

  /// Computed from the layers of jordipons/musicnn; no count is published there.
  @Test("musicnn has 787,159 parameters")
  func musicnn() throws {
    #expect(try count(Architecture.musicnn.network(classes: 50, isMultiLabel: true), .learnt) == 787_159)
  }

  /// Both towers, the dense layer of 108 on 5040 features and the one sigmoid have 799,417 parameters.
  @Test("TL-IMINET's towers have 167,760 and 87,120 parameters of convolutions")
  func iminet() throws {
    let left = try Architecture.iminetImitation.network(classes: 7)
    let right = try Architecture.iminetRecording.network(classes: 10)
    let towers = try [left, right].map { file in
      try count(file, .withoutNormalizations) { $0.hasPrefix("conv") }
    }
    #expect(towers == [167_760, 87_120])
    #expect(towers[0] + towers[1] + 5040 * 108 + 108 + 108 + 1 == 799_417)
    #expect(try left.model().graph.constants["fc1.weight"]?.shape == [256, 2640])
    #expect(try right.model().graph.constants["fc1.weight"]?.shape == [64, 2400])
  }

  @Test("ResNets have 11,689,512 and 25,557,032 parameters for 1000 classes in colour")
  func resNets() throws {
    let images = try images()
    #expect(
      try count(Architecture.resNet18.network(classes: 1000, frontEnd: images), .learnt) == 11_689_512)
    #expect(
      try count(Architecture.resNet50.network(classes: 1000, frontEnd: images), .learnt) == 25_557_032)
  }

  @Test("MobileNets have 4,253,864 (statistics counted) and 3,504,872 parameters for 1000 classes in colour")
  func mobileNets() throws {
    let images = try images()
    #expect(
      try count(Architecture.mobileNetV1.network(classes: 1000, frontEnd: images), .all) == 4_253_864)
    #expect(
      try count(Architecture.mobileNetV2.network(classes: 1000, frontEnd: images), .learnt) == 3_504_872)
  }

  /// Computed from the layers of the paper, which says 0.5 million.
  @Test("M5 has 559,114 parameters")
  func m5() throws {
    #expect(try count(Architecture.m5.network(classes: 10), .learnt) == 559_114)
  }

  // MARK: - What they make

  @Test(
    "Each network is a model that listens, by what its file says", arguments: Architecture.allCases,
    [false, true])
  func listening(_ architecture: Architecture, isMultiLabel: Bool) throws {
    try withScratchFolder { folder in
      var file = try architecture.network(classes: 3, isMultiLabel: isMultiLabel, seed: 4)
      file.metadata["otoscope.labels"] = "[\"a\", \"b\", \"c\"]"
      try file.write(to: "\(folder)/net.onnx")
      let model = try AudioModel(named: "\(folder)/net.onnx", threads: 2)
      #expect(model.frontEnd == architecture.frontEnd)
      #expect(model.classCount == 3 && model.labels == ["a", "b", "c"])
      #expect(model.logits == "logits")
      // Two seconds of noise.
      let sound = noise([2 * model.sampleRate])
      let patches = model.patches(of: try model.picture(of: sound.values))
      let one = patches.rows(0..<1)
      let half = Tensor(one.shape, one.values.map { $0 * 0.5 })
      let input = model.inputTensor(for: Tensor(joining: [one, half]))
      let scores = try model.network.values(of: ["logits", "probabilities"], at: [model.inputName: input])
      #expect(scores[0].shape == [2, 3] && scores[1].shape == [2, 3])
      // Before training, decibels can be far from what the first layers expect.
      #expect(scores[1].values.allSatisfy { $0 >= 0 && $0 <= 1 })
      #expect(scores[0].rows(0..<1) != scores[0].rows(1..<2))
      guard !isMultiLabel else { return }
      // A sum of three float32 numbers.
      #expect(abs(scores[1].rows(0..<1).values.reduce(0, +) - 1) < 1e-6)
    }
  }

  @Test("The seed decides the weights, and the name of a layer which of them are its own")
  func seeds() throws {
    let weights = try [1, 1, 2].map { seed in
      try Architecture.sbCNN.network(classes: 10, seed: seed).model().graph.constants
    }
    for (name, value) in weights[0] where name.hasSuffix(".weight") {
      #expect(value == weights[1][name])
      #expect(value != weights[2][name])
    }
    // More classes leave the layers before the last as they were.
    let more = try Architecture.sbCNN.network(classes: 11, seed: 1).model().graph.constants
    #expect(more["fc1.weight"] == weights[0]["fc1.weight"])
    #expect(weights[0]["conv2.weight"]?.values.prefix(9) != weights[0]["conv3.weight"]?.values.prefix(9))
  }

  /// `U(±√(6 / (in + out)))` has the deviation `√(2 / (in + out))`, He's `√(2 / in)`: 1 % is ten times what the deviation of
  /// 300,000 numbers varies.
  @Test("Weights have the deviation that their scheme says")
  func deviations() throws {
    func deviation(_ values: [Float]) -> Double {
      let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
      return (values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(values.count))
        .squareRoot()
    }
    let glorot = try #require(
      try Architecture.musicnn.network(classes: 50).model().graph.constants["fc1.weight"])
    #expect(glorot.shape == [200, 1506])
    #expect(abs(deviation(glorot.values) / (2 / 1706.0).squareRoot() - 1) < 0.01)
    let bound = Float((6 / 1706.0).squareRoot())
    #expect(glorot.values.allSatisfy { abs($0) <= bound })
    let he = try #require(
      try Architecture.mmCNNMulti.network(classes: 11).model().graph.constants["conv2.weight"])
    #expect(abs(deviation(he.values) / (2 / (448.0 * 9)).squareRoot() - 1) < 0.01)
    let torch = try #require(
      try Architecture.resNet18.network(classes: 10, frontEnd: try images()).model().graph.constants[
        "fc.bias"])
    #expect(torch.values.allSatisfy { abs($0) <= 1 / Float(512).squareRoot() && $0 != 0 })
  }

  @Test("Patches that are too short for a layer, and front ends of the wrong kind, are refused")
  func refused() throws {
    let short = try FrontEnd(
      sampleRate: 16000, analysis: FrontEnd.yamnet.analysis,
      patch: FrontEnd.Patch(frames: 20, hop: 20, tail: .padToHop))
    #expect(throws: ONNXFileError.self) { try Architecture.sbCNN.network(classes: 2, frontEnd: short) }
    // Pooling takes what there is.
    let tagger = try Architecture.fcn4.network(classes: 2, frontEnd: short)
    #expect(
      try tagger.model().graph.inputs[0].dimensions?.dropFirst() == [.fixed(1), .fixed(20), .fixed(64)])
    #expect(throws: ArchitectureError.self) { try Architecture.m5.network(classes: 2, frontEnd: .yamnet) }
    #expect(throws: ArchitectureError.self) { try Architecture.sbCNN.network(classes: 2, frontEnd: .birdnet) }
    #expect(throws: ArchitectureError.self) { try Architecture.sbCNN.network(classes: 2, frontEnd: .librosa) }
    #expect(throws: ArchitectureError.self) { try Architecture.sbCNN.network(classes: 1) }
    // One class that is there or not.
    _ = try Architecture.sbCNN.network(classes: 1, isMultiLabel: true)
  }
}
