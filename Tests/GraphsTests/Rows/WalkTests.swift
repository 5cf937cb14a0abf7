import Graphs
import Tensors
import TestSupport
import Testing

/// Networks with state over sequences: what a loop over the steps gives, and the gradients of the unrolled graph.
struct WalkTests {
  // MARK: - A voice detector of PyTorch's

  private struct Detector {
    let network: Network
    let arrays: [String: Tensor]
    let sequence: Tensor

    init(rate: Float) throws {
      let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2).joined(
        separator: "/")
      let model = try ONNXModel(
        contentsOf: "\(folder)/Golden/vad.onnx", values: ["sr": Tensor([], [rate])])
      network = try Network(stepping: model.graph, state: ["stateN": "state"], threads: 2)
      arrays = try NumPy.readArchive("\(folder)/Golden/vad.npz").dictionary
      let x = try #require(arrays["input"])
      sequence = x.reshaped(to: Shape([1] + x.shape.dimensions))
    }
  }

  @Test(
    "the curve is ONNX Runtime's, called step by step", arguments: [(16000, "curve16"), (8000, "curve8")])
  func curve(rate: Float, name: String) throws {
    let detector = try Detector(rate: rate)
    let values = try detector.network.values(of: ["output", "stateN"], at: ["input": detector.sequence])
    let golden = try #require(detector.arrays[name])
    #expect(values[0].shape == [1, 8, 1])
    // Two float32 implementations, a dozen operations a step.
    #expect(distance(values[0].reshaped(to: golden.shape), Values(golden)) < 1e-5)
    if rate == 16000 {
      let last = try #require(detector.arrays["last"])
      let state = values[1].reshaped(to: [8, 16]).rows(7..<8).reshaped(to: last.shape)
      #expect(distance(state, Values(last)) < 1e-5)
    }
  }

  @Test("a moment's gradient is autograd's through all steps before it")
  func moment() throws {
    let detector = try Detector(rate: 16000)
    var seed = Tensor([1, 8, 1])
    // Of the logit: the derivative of the sigmoid is p (1 − p).
    let p = try #require(detector.arrays["curve16"]).values[5]
    seed[0, 5, 0] = 1 / (p * (1 - p))
    let gradient = try detector.network.gradients(
      of: "output", seed: seed, withRespectTo: ["input"], at: ["input": detector.sequence]
    ).gradients[0]
    let golden = try #require(detector.arrays["moment"])
    #expect(gradient.shape == [1, 8, 64])
    #expect(distance(gradient.reshaped(to: golden.shape), Values(golden)) < 1e-4)
    #expect(gradient.values.suffix(128).allSatisfy { $0 == 0 })
  }

  // MARK: - A recurrence in ONNX's own words

  private static let steps = 7

  /// `sN = tanh(x · W + s · U)`, `y = sN · V`; the state `[1, N, 3]`.
  private static func step() -> ToyNetwork {
    var toy = ToyNetwork([1, 2])
    toy.inputs.append(.init(name: "s", dimensions: [1, nil, 3]))
    add(to: &toy, "x", "s", "")
    toy.outputs = ["y", "sN"]
    return toy
  }

  private static func add(to toy: inout ToyNetwork, _ x: TensorName, _ s: TensorName, _ suffix: String) {
    var generator = SplitMix64(seed: 21)
    let weights = [("W", [2, 3] as Shape), ("U", [3, 3]), ("V", [3, 2])].map {
      toy.weight($0.0, generator.tensor($0.1))
    }
    toy.add("MatMul", [x, weights[0]], "xW\(suffix)")
    toy.add("MatMul", [s, weights[1]], "sU\(suffix)")
    toy.add("Add", ["sU\(suffix)", "xW\(suffix)"], "sum\(suffix)")
    toy.add("Tanh", ["sum\(suffix)"], "sN\(suffix)")
    toy.add("Squeeze", ["sN\(suffix)", toy.constant("first", [0])], "flat\(suffix)")
    toy.add("MatMul", ["flat\(suffix)", weights[2]], "y\(suffix)")
  }

  /// All steps in one graph, of `[N, 2]` each.
  private static func unrolled() -> ToyNetwork {
    var toy = ToyNetwork([1, 2])
    toy.inputs = (0..<steps).map { .init(name: "x\($0)", dimensions: [nil, 2]) }
    toy.inputs.append(.init(name: "s", dimensions: [1, nil, 3]))
    for index in 0..<steps {
      add(to: &toy, "x\(index)", index == 0 ? "s" : "sN\(index - 1)", String(index))
    }
    toy.outputs = (0..<steps).map { "y\($0)" }
    return toy
  }

  private static func walk(stateMemory: Int = 1 << 28) throws -> Network {
    try Network(
      stepping: step().graph(), state: ["sN": "s"], threads: 2, rowsPerRun: 2, stateMemory: stateMemory)
  }

  /// The rows' step `index` of a sequence.
  private static func part(_ tensor: Tensor, _ index: Int) -> Tensor {
    Tensor(
      joining: (0..<tensor.shape[0]).map { row in
        tensor.rows(row..<row + 1).reshaped(to: Shape(Array(tensor.shape.dimensions.dropFirst())))
          .rows(index..<index + 1)
      })
  }

  @Test("values and gradients are those of the unrolled graph", arguments: [1, 3, 9], [1 << 28, 0])
  func unrolling(rows: Int, stateMemory: Int) throws {
    var generator = SplitMix64(seed: 31)
    let x = generator.tensor([rows, Self.steps, 2])
    let initial = generator.tensor([rows, 1, 3])
    let seed = generator.tensor([rows, Self.steps, 2])
    let network = try Self.walk(stateMemory: stateMemory)
    let inputs = ["x": x, "s": initial]
    let values = try network.values(of: ["y"], at: inputs)[0]
    let (gradients, alongside) = try network.gradients(
      of: "y", seed: seed, withRespectTo: ["x"], alongside: ["y"], at: inputs)
    #expect(values.shape == [rows, Self.steps, 2] && gradients[0].shape == x.shape)
    #expect(distance(alongside[0], Values(values)) < 2e-6)

    let oracle = try Self.unrolled().network()
    var whole = ["s": initial.reshaped(to: [1, rows, 3])]
    for index in 0..<Self.steps { whole["x\(index)"] = Self.part(x, index) }
    let names = (0..<Self.steps).map { "y\($0)" }
    let expected = try oracle.values(of: names, at: whole)
    let seeds = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Self.part(seed, $0)) })
    let slopes = try oracle.gradients(
      of: seeds, withRespectTo: (0..<Self.steps).map { "x\($0)" }, at: whole
    ).gradients
    for index in 0..<Self.steps {
      #expect(distance(Self.part(values, index), Values(expected[index])) < 2e-6)
      #expect(distance(Self.part(gradients[0], index), Values(slopes[index])) < 2e-6, "step \(index)")
    }
  }

  @Test("multipliers account for the whole gain of the score")
  func multipliers() throws {
    var generator = SplitMix64(seed: 32)
    let (x, baseline) = (generator.tensor([2, Self.steps, 2]), generator.tensor([2, Self.steps, 2]))
    var seed = Tensor([2, Self.steps, 2])
    for row in 0..<2 { seed[row, 5, 1] = 1 }
    let network = try Self.walk()
    let multipliers = try network.gradients(
      of: "y", seed: seed, withRespectTo: ["x"], rule: .rescale, at: ["x": x], from: ["x": baseline]
    ).gradients[0]
    let (score, reference) = (
      try network.values(of: ["y"], at: ["x": x])[0], try network.values(of: ["y"], at: ["x": baseline])[0]
    )
    for row in 0..<2 {
      var sum: Float = 0
      for step in 0..<Self.steps {
        for place in 0..<2 {
          sum += multipliers[row, step, place] * (x[row, step, place] - baseline[row, step, place])
        }
      }
      #expect(abs(sum - (score[row, 5, 1] - reference[row, 5, 1])) < 1e-5)
    }
  }

  @Test("shapes are those of sequences, and arrays may be one sequence")
  func shapes() throws {
    let network = try Self.walk()
    #expect(network.graph.inputs.map(\.name) == ["x"])
    #expect(try network.shape(of: "y", at: ["x": [4, 9, 2]]) == [4, 9, 2])
    let one = try network.evaluate(["y", "sN"], at: ["x": Tensor([9, 2])])
    #expect(one.map(\.shape) == [[9, 2], [9, 1, 3]])
    #expect(try network.evaluate(["y"], at: ["x": Tensor([4, 9, 2])])[0].shape == [4, 9, 2])
  }

  @Test("what is no state, no sequence or no gradient is an error")
  func refused() throws {
    let graph = try Self.step().graph()
    #expect(throws: GraphError.self) { _ = try Network(stepping: graph, state: ["sN": "t"], threads: 1) }
    #expect(throws: GraphError.self) { _ = try Network(stepping: graph, state: ["sM": "s"], threads: 1) }
    let network = try Self.walk()
    #expect(throws: GraphError.self) { _ = try network.values(of: ["y"], at: ["x": Tensor([4, 2])]) }
    #expect(throws: GraphError.self) {
      _ = try network.gradients(
        of: "y", seed: Tensor([1, 3, 2]), withRespectTo: ["x"], rule: .relevance(RelevanceRule(.epsilon)),
        at: ["x": Tensor([1, 3, 2])])
    }
  }
}
