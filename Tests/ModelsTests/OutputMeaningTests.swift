import FoundationEssentials
import Graphs
import Models
import Tensors
import TestSupport
import Testing

/// What the results of networks mean: which output, which axis, which activation.
struct OutputMeaningTests {
  struct Ending: Decodable, Sendable, CustomTestStringConvertible {
    var name: String
    var kind: String
    var output: String
    var outputs: Int
    var labels: Bool
    var logarithm: Bool
    var quantizes: Bool
    var expected: [Float]

    var testDescription: String { "\(name) (\(kind))" }
  }

  static func golden() throws -> [Ending] {
    let bytes = try Data(contentsOf: .init(filePath: Fixture.golden("endings/expected.json")))
    return try JSONDecoder().decode([Ending].self, from: bytes)
  }

  // Values of order 1 after a handful of operations in single precision; where the network quantizes to 8 bits, a value
  // on the edge of a step may fall to either side.
  @Test("The scores are those of the file's own output, however it ends", arguments: try golden())
  func endings(_ ending: Ending) throws {
    let model: AudioModel
    do { model = try AudioModel(named: Fixture.golden("endings/\(ending.name).onnx"), threads: 1) } catch let
      error as ModelError
    {
      // Without labels or an activation, nothing tells apart two axes or two outputs.
      switch error {
      case .severalOutputs: #expect(ending.outputs > 1 && ending.kind == "nothing")
      case .outputAxes: #expect(!ending.labels)
      default: Issue.record(error)
      }
      return
    }
    let picture = try NumPy.read(Fixture.golden("endings/picture.npy"))
    let listening = try model.listen(toLogMel: picture)
    let tolerance: Float = ending.quantizes ? 1.01 / 255 : 2e-6 * max(1, ending.expected.map(abs).max() ?? 1)
    #expect(model.output.tensor == ending.output)
    #expect(largestDifference(listening.clipScores, ending.expected) < tolerance)
    if ending.kind == "nothing" {
      #expect(listening.meaning.source != .graph)
    } else {
      #expect(listening.meaning.source == .graph && listening.meaning.isProbability)
    }
    // Logits in the order of the classes: a sigmoid grows with its own.
    if model.output.quantity == .logit, listening.meaning.activation == .sigmoid {
      let pairs = zip(listening.logits.values, listening.scores.values).sorted { $0.0 < $1.0 }
      #expect(zip(pairs, pairs.dropFirst()).allSatisfy { $0.1 <= $1.1 + 1e-6 })
    }
  }

  // MARK: - Which output

  /// An embedding of 8 numbers, 3 logits of it, and perhaps what becomes of them.
  private func embeddingFirst(_ ending: String? = nil) -> HandmadeONNX {
    var file = HandmadeONNX(input: "sound", ["N", 6, 5])
    file.add("Flatten", ["sound"], "flat")
    file.add(
      "MatMul", ["flat"], "embedding", weights: [Tensor([30, 8], (0..<240).map { Float($0 % 7) - 3 })])
    file.add(
      "MatMul", ["embedding"], "logits", weights: [Tensor([8, 3], (0..<24).map { Float($0 % 5) - 2 })])
    file.outputs = ["embedding", "logits"]
    if let ending {
      file.add(ending, ["logits"], "scores")
      file.outputs = ["embedding", "scores"]
    }
    return file
  }

  private func model(_ file: HandmadeONNX, _ description: String = "") throws -> AudioModel {
    let json = "{\"front_end\": \(frontEndJSON())\(description)}"
    let graph = try ONNXModel(file.bytes, from: "toy.onnx").graph
    return try AudioModel(
      Network(graph, threads: 1), ModelDescription(json: Array(json.utf8), from: "toy.json"), name: "toy",
      path: "toy.onnx")
  }

  private static let named: [(ending: String?, description: String)] = [
    (nil, #", "output": "logits""#), (nil, #", "output": {"tensor": "logits"}"#),
    (nil, #", "labels": ["a", "b", "c"]"#), ("Softmax", ""), ("Sigmoid", #", "labels": ["a", "b", "c"]"#),
    ("Sigmoid", #", "output": "logits", "activation": "sigmoid""#),
  ]

  @Test("An embedding is never taken for classes", arguments: named)
  func embedding(ending: String?, description: String) throws {
    let model = try model(embeddingFirst(ending), description)
    #expect(model.classCount == 3 && model.logits == "logits")
    #expect(
      model.output.tensor
        == (ending == nil || description.contains("output") ? model.output.tensor : "scores"))
  }

  @Test("Where nothing tells which output holds the classes, all of them are told")
  func severalOutputs() throws {
    let error = #expect(throws: ModelError.self) { _ = try model(embeddingFirst()) }
    let message = try #require(error).description
    #expect(message.contains("'embedding' [1, 8]") && message.contains("'logits' [1, 3]"), "\(message)")
    #expect(throws: GraphError.self) { try model(embeddingFirst(), #", "output": "logit""#) }
  }

  // MARK: - Which activation

  @Test("An activation that contradicts the network, or a softmax of one number, is refused")
  func contradictions() throws {
    let other = #expect(throws: ModelError.self) {
      try model(embeddingFirst("Softmax"), #", "activation": "sigmoid""#)
    }
    #expect(try #require(other).description.contains("already goes through a softmax"))
    var single = LinearONNX.described(("otoscope.activation", "softmax"))
    single.weights = Tensor([30, 1], repeating: 0.1)
    let one = #expect(throws: ModelError.self) { try withScratchFolder { try single.model(in: $0) } }
    #expect(try #require(one).description.contains("one number"))
  }

  private static let guesses: [(values: [Float], patches: Int, guess: ScoreMeaning.Source, kind: String)] = [
    ([0.2, 0.3, 0.5], 1, .values, "softmax"), ([0.2, 0.3, 0.9], 1, .unknown, "none"),
    ([0.2, 0.3, 0.9], 6, .values, "sigmoid"), ([0.2, 0.3, 1.2], 6, .unknown, "none"),
    ([0.2, -0.3, 0.9], 6, .unknown, "none"), ([0.7], 1, .unknown, "none"), ([0.7], 16, .values, "sigmoid"),
    ([0, 1, 0], 6, .unknown, "none"),
  ]

  @Test("Values of which nothing is known are looked at", arguments: guesses)
  func guess(values: [Float], patches: Int, guess: ScoreMeaning.Source, kind: String) throws {
    var onnx = LinearONNX.described()
    // Each patch is one number in its first bin, so that its scores are these.
    onnx.weights = Tensor([30, values.count], (0..<30).flatMap { $0 == 0 ? values : values.map { _ in 0 } })
    let model = try withScratchFolder { try onnx.model(in: $0) }
    let frames = 3 + 3 * patches
    let listening = try model.listen(toLogMel: Tensor([frames, 5], repeating: 1))
    #expect(listening.moments.count == patches)
    #expect(listening.meaning.source == guess && listening.meaning.activation.rawValue == kind)
    #expect(listening.clipScores == values)
    #expect((model.remark(on: listening.meaning) != nil))
    if listening.meaning.isProbability {
      try model.requireProbabilities(of: listening)
    } else {
      #expect(throws: ModelError.self) { try model.requireProbabilities(of: listening) }
    }
  }

  // MARK: - Which axis

  private static let layouts:
    [(description: String, moments: Int, classes: Int, rule: AudioModel.MomentRule)] = [
      (#", "output": {"axes": ["batch", "time", "class"]}"#, 5, 4, .even),
      (#", "output": {"axes": ["batch", "class", "time"]}"#, 4, 5, .even),
    ]

  /// Classes for each band, which nothing tells from classes for each moment.
  private var bandWise: HandmadeONNX {
    var file = HandmadeONNX(input: "sound", ["N", 6, 5])
    file.add("Transpose", ["sound"], "turned", ["perm": [0, 2, 1]])
    file.add("MatMul", ["turned"], "out", weights: [Tensor([6, 4], (0..<24).map { Float($0 % 5) })])
    return file
  }

  @Test("The description says what the axes are", arguments: layouts)
  func declared(description: String, moments: Int, classes: Int, rule: AudioModel.MomentRule) throws {
    let model = try model(bandWise, description)
    #expect(model.output.layout.moments == moments && model.classCount == classes && model.momentRule == rule)
    let listening = try model.listen(toLogMel: Tensor([6, 5], (0..<30).map { Float($0) }))
    let values = try model.network.values(
      of: ["out"], at: ["sound": Tensor([1, 6, 5], (0..<30).map { Float($0) })])[0]
    for moment in 0..<moments {
      for index in 0..<classes {
        let expected = classes == 4 ? values[0, moment, index] : values[0, index, moment]
        #expect(listening.logits[moment, index] == expected)
      }
    }
    // Six frames, shared evenly.
    let share = 0.024 / Double(moments)
    for (place, moment) in listening.moments.enumerated() {
      #expect(abs(moment.start - (0.002 + Double(place) * share)) < 1e-9)
      #expect(abs(moment.end - moment.start - share) < 1e-9)
    }
  }

  private static let refusedAxes = [
    "", #", "output": {"axes": ["batch", "class"]}"#, #", "output": {"axes": ["batch", "class", "class"]}"#,
    #", "output": {"axes": ["batch", "frequency", "class"]}"#,
  ]

  @Test("Axes that nothing tells are asked for; wrong ones are refused", arguments: refusedAxes)
  func wrongAxes(description: String) throws {
    let error = #expect(throws: ModelError.self) { try model(bandWise, description) }
    #expect(try #require(error).description.contains(description.isEmpty ? "5 x 4" : "'output.axes'"))
  }

  @Test("One number a frame is a class in time")
  func detector() throws {
    var file = HandmadeONNX(input: "sound", ["N", 6, 5])
    file.add("MatMul", ["sound"], "logits", weights: [Tensor([5, 1], [1, 2, 3, 4, 5])])
    file.add("Sigmoid", ["logits"], "speech")
    let model = try model(file, #", "labels": ["speech"]"#)
    #expect(model.classCount == 1 && model.output.layout.moments == 6 && model.momentRule == .receptiveFields)
  }
}
