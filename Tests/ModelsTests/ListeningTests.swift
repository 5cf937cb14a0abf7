import Audio
import Glibc
import Models
import Tensors
import TestSupport
import Testing

struct ListeningTests {
  // Log-mel: a frame's loudest magnitude, here about 60, is known to 60 · 2⁻²⁴ ≈ 4e-6 in single precision, which the
  // logarithm of a quiet band, 0.001 at least, makes 4e-3 at worst; 1e-4 is common, and 1e-6 of the whole. A logit
  // of 10 may move by ten times the patches' relative error, 1e-5. Probabilities: what peers keep to.
  @Test("YAMNet hears what ONNX Runtime computes, patch by patch", arguments: ["dog", "tabla"])
  func yamnet(clip: String) throws {
    let model = try Fixture.yamnet()
    let listening = try model.listen(to: Recording.read(Fixture.golden("\(clip).wav")).mono)
    let patches = try NumPy.read(Fixture.golden("\(clip).yamnet.patches.npy"))
    let logits = try NumPy.read(Fixture.golden("\(clip).yamnet.logits.npy"))
    let scores = try NumPy.read(Fixture.golden("\(clip).yamnet.scores.npy"))
    #expect(model.frontEnd.patches(of: listening.logMel).shape == patches.shape)
    #expect(largestDifference(model.frontEnd.patches(of: listening.logMel).values, patches.values) < 4e-3)
    #expect(relativeError(model.frontEnd.patches(of: listening.logMel), patches) < 1e-5)
    #expect(listening.patchStarts == (0..<patches.shape[0]).map { $0 * 48 })
    #expect(listening.logits.shape == logits.shape && listening.scores.shape == scores.shape)
    #expect(largestDifference(listening.logits.values, logits.values) < 10 * 10 * 1e-5)
    #expect(largestDifference(listening.scores.values, scores.values) < 1e-4)
    let heard = Set(listening.ranking.prefix(3).map(model.label))
    #expect(heard.contains(clip == "dog" ? "Dog" : "Music"), "\(heard)")
  }

  // The patch's log-mel is known to 1e-4 and the weights are at most 1, with varying signs: the sums' error grows with
  // the root of their 17,952 terms, and was seen ten times smaller than 1e-2.
  @Test("A network behind musicnn's front end hears librosa's patches", arguments: ["dog", "tabla"])
  func musicnn(clip: String) throws {
    var generator = SplitMix64(seed: 7)
    var onnx = LinearONNX(metadata: [
      ("otoscope.front_end", #"{"preset": "musicnn"}"#), ("otoscope.activation", "sigmoid"),
    ])
    onnx.input = ["N", 187, 96]
    onnx.weights = Tensor(
      [187 * 96, 4], (0..<187 * 96 * 4).map { _ in Float.random(in: -1...1, using: &generator) })
    let model = try withScratchFolder { try onnx.model(in: $0) }
    let listening = try model.listen(to: Recording.read(Fixture.golden("\(clip).wav")).mono)
    let patches = try NumPy.read(Fixture.golden("\(clip).musicnn.patches.npy"))
    #expect(model.frontEnd.patches(of: listening.logMel).shape == patches.shape)
    #expect(largestDifference(model.frontEnd.patches(of: listening.logMel).values, patches.values) < 1e-4)
    let expected = (0..<patches.shape[0]).flatMap { onnx.logits(of: patches.rows($0..<$0 + 1).values) }
    #expect(largestDifference(listening.logits.values, expected) < 1e-2)
  }

  @Test("A clip's logits and probabilities are the means over its patches")
  func means() throws {
    let onnx = LinearONNX.described(("otoscope.activation", "sigmoid"))
    let model = try withScratchFolder { try onnx.model(in: $0) }
    let listening = try model.listen(to: glide(1000))
    let patches = model.frontEnd.patches(of: listening.logMel)
    // (1000 − 224) / 96 hops, rounded up, and the first patch.
    #expect(patches.shape == [10, 6, 5] && listening.logits.shape == [10, 3])
    let rows = (0..<10).map { onnx.logits(of: patches.rows($0..<$0 + 1).values) }
    // Sums of 30 products of order 10 in single precision.
    #expect(largestDifference(listening.logits.values, rows.flatMap { $0 }) < 1e-4)
    let logits = (0..<3).map { column in rows.reduce(0) { $0 + $1[column] } / 10 }
    #expect(largestDifference(listening.clipLogits, logits) < 1e-4)
    let scores = (0..<3).map { column in rows.reduce(0) { $0 + 1 / (1 + exp(-$1[column])) } / 10 }
    #expect(largestDifference(listening.clipScores, scores) < 1e-4)
  }

  private static let endings: [(ending: String?, logitsToo: Bool, activation: String?, kind: String)] = [
    (nil, false, nil, "none"), (nil, false, "softmax", "softmax"), (nil, false, "sigmoid", "sigmoid"),
    (nil, false, "none", "none"), ("Sigmoid", false, nil, "sigmoid"), ("Softmax", false, nil, "softmax"),
    ("Softmax", true, nil, "softmax"), ("Sigmoid", true, nil, "sigmoid"),
    ("LogSoftmax", false, nil, "softmax"), ("Sigmoid", false, "sigmoid", "sigmoid"),
    // Reported as the file's own values, whatever they are.
    ("Sigmoid", true, "none", "sigmoid"),
  ]

  @Test(
    "Probabilities come from the graph, or from the activation that the description names", arguments: endings
  )
  func activation(ending: String?, logitsToo: Bool, activation: String?, kind: String) throws {
    var onnx = LinearONNX.described()
    onnx.ending = ending
    onnx.outputsLogitsToo = logitsToo
    if let activation { onnx.metadata.append(("otoscope.activation", activation)) }
    let model = try withScratchFolder { try onnx.model(in: $0) }
    #expect(model.logits == "logits")
    let clip = Tensor([6, 5], (0..<30).map { Float($0 * 7 % 11) / 3 })
    let listening = try model.listen(toLogMel: clip)
    let logits = onnx.logits(of: clip.values)
    // Logits of order 10, in single precision.
    #expect(largestDifference(listening.clipLogits, logits) < 1e-4)
    let exponentials = logits.map { exp(Double($0)) }
    let expected: [Float] =
      switch kind {
      case "softmax": exponentials.map { Float($0 / exponentials.reduce(0, +)) }
      case "sigmoid": logits.map { Float(1 / (1 + exp(-Double($0)))) }
      default: logits
      }
    #expect(largestDifference(listening.clipScores, expected) < (kind == "none" ? 1e-4 : 1e-5))
    let source: ScoreMeaning.Source =
      activation == "none" || ending == nil && activation != nil
      ? .description : ending == nil ? .unknown : .graph
    #expect(listening.meaning.source == source)
    #expect(listening.meaning.isProbability == (kind != "none" && activation != "none"))
  }

  @Test("Logits in the thousands still give probabilities", arguments: ["softmax", "sigmoid"])
  func extremeLogits(activation: String) throws {
    var onnx = LinearONNX.described(("otoscope.activation", activation))
    onnx.weights = Tensor([30, 3], (0..<90).map { [100, -100, -100][$0 % 3] })
    let model = try withScratchFolder { try onnx.model(in: $0) }
    #expect(try model.listen(toLogMel: Tensor([6, 5], repeating: 1)).clipScores == [1, 0, 0])
  }

  @Test("The ranking goes by probability, equals in the order of the classes")
  func ranking() throws {
    var onnx = LinearONNX.described(("otoscope.activation", "softmax"))
    onnx.weights = Tensor([30, 5], (0..<150).map { [0.1, 0.3, 0.2, 0.3, -0.5][$0 % 5] })
    let model = try withScratchFolder { try onnx.model(in: $0) }
    let listening = try model.listen(toLogMel: Tensor([6, 5], repeating: 0.5))
    #expect(listening.ranking == [1, 3, 2, 0, 4])
    // Nothing but silence, which is 0 here: all classes are equal.
    #expect(try model.listen(to: []).ranking == [0, 1, 2, 3, 4])
  }

  private static let clips: [(samples: Int, tail: String, frames: Int, patches: Int)] = [
    (0, "pad-to-hop", 6, 1), (1, "pad-to-hop", 6, 1), (223, "pad-to-hop", 6, 1), (224, "pad-to-hop", 6, 1),
    (225, "pad-to-hop", 9, 2), (320, "pad-to-hop", 9, 2), (321, "pad-to-hop", 12, 3),
    (0, "drop-incomplete", 6, 1), (224, "drop-incomplete", 6, 1), (319, "drop-incomplete", 8, 1),
    (320, "drop-incomplete", 9, 2),
  ]

  @Test("Clips of nothing, of less than a patch, of exactly one and of more", arguments: clips)
  func lengths(samples: Int, tail: String, frames: Int, patches: Int) throws {
    let onnx = LinearONNX(metadata: [
      ("otoscope.front_end", frontEndJSON(tail: tail)), ("otoscope.activation", "softmax"),
    ])
    let model = try withScratchFolder { try onnx.model(in: $0) }
    let sound = glide(samples)
    let listening = try model.listen(to: sound)
    #expect(listening.logMel.shape == [frames, 5])
    #expect(listening.patchStarts == (0..<patches).map { $0 * 3 })
    #expect(listening.logits.shape == [patches, 3] && listening.scores.shape == [patches, 3])
    #expect(abs(listening.clipScores.reduce(0, +) - 1) < 1e-5)
    // Silence behind a clip that is shorter than a patch changes nothing.
    let padded = try model.listen(to: sound + [Float](repeating: 0, count: max(0, 224 - samples)))
    #expect(padded.logits == listening.logits)
  }

  @Test("A picture that ends within a patch is heard as if silence followed", arguments: [1, 7, 8])
  func anyPicture(frames: Int) throws {
    let model = try withScratchFolder { try LinearONNX.described().model(in: $0) }
    let picture = Tensor([frames, 5], (0..<frames * 5).map { Float($0 % 7) })
    let listening = try model.listen(toLogMel: picture)
    let longer = Tensor(joining: [picture, Tensor([(frames > 6 ? 9 : 6) - frames, 5])])
    #expect(listening.logits == (try model.listen(toLogMel: longer).logits))
  }
}
