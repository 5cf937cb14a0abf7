import Graphs
import Tensors
import TestSupport
import Testing

/// `RNN`, `LSTM` and `GRU`: every operand, direction and result against the equations, and gradients with respect to
/// everything by finite differences.
struct RecurrenceTests {
  /// A layer of 5 units over `[6, 2, 3]`, its operands from the third on inputs of the network, so that gradients with
  /// respect to them can be asked for.
  private func layer(
    _ kind: String, _ attributes: [String: Attribute] = [:], result: Int = 0, operands: Set<Int> = [3, 5, 6],
    units: Int = 5, computesWeights: Bool = true
  ) -> ToyNetwork {
    var toy = ToyNetwork([1, 2, 3])
    toy.inputs[0].dimensions[0] = 6
    let directions = attributes.string("direction", default: "forward") == "bidirectional" ? 2 : 1
    let gates = kind == "LSTM" ? 4 : kind == "GRU" ? 3 : 1
    let shapes: [[Int]] = [
      [directions, gates * units, 3], [directions, gates * units, units], [directions, 2 * gates * units],
      [2], [directions, 2, units], [directions, 2, units], [directions, 3 * units],
    ]
    let names = ["w", "r", "b", "lengths", "h", "c", "p"]
    var generator = SplitMix64(seed: 3)
    var inputs = ["x"]
    for place in 1...(kind == "LSTM" ? 7 : 5) {
      guard place < 3 || operands.contains(place) else {
        inputs.append("")
        continue
      }
      inputs.append(names[place - 1])
      if place == 4 {
        toy.weights["lengths"] = Tensor([2], [6, 4])
      } else if computesWeights || place > 4 {
        toy.inputs.append(.init(name: names[place - 1], dimensions: shapes[place - 1]))
      } else {
        toy.weights[names[place - 1]] = generator.tensor(Shape(shapes[place - 1]))
      }
    }
    toy.add(kind, inputs, "y", attributes)
    toy.operations[0].skippedResults = result
    return toy
  }

  private func check(_ toy: ToyNetwork) throws {
    try expectNaive(toy)
    try expectDifferences(toy)
  }

  @Test(
    "each direction and result", arguments: ["RNN", "LSTM", "GRU"], ["forward", "reverse", "bidirectional"])
  func directions(_ kind: String, _ direction: String) throws {
    for result in 0..<(kind == "LSTM" ? 3 : 2) {
      try check(layer(kind, ["direction": .string(direction)], result: result))
    }
  }

  @Test("with constant weights, and without bias and first states", arguments: ["RNN", "LSTM", "GRU"])
  func bare(_ kind: String) throws {
    try check(layer(kind, operands: [], computesWeights: false))
    try check(layer(kind, operands: [3], units: 17, computesWeights: false))
  }

  @Test("sequences of several lengths", arguments: ["RNN", "LSTM", "GRU"], [0, 1])
  func lengths(_ kind: String, _ result: Int) throws {
    for direction in ["forward", "reverse", "bidirectional"] {
      try check(layer(kind, ["direction": .string(direction)], result: result, operands: [3, 4, 5, 6]))
    }
  }

  @Test("an LSTM's peepholes and coupled gates", arguments: [0, 1], 0..<3)
  func peepholes(_ couples: Int, _ result: Int) throws {
    try check(layer("LSTM", ["input_forget": .integer(couples)], result: result, operands: [3, 5, 6, 7]))
  }

  @Test("a GRU that resets behind the product", arguments: ["forward", "bidirectional"], [0, 1])
  func resetsAfter(_ direction: String, _ result: Int) throws {
    try check(layer("GRU", ["linear_before_reset": 1, "direction": .string(direction)], result: result))
  }

  @Test(
    "other functions, clipped",
    arguments: ["Relu", "LeakyRelu", "HardSigmoid", "Elu", "Softsign", "Softplus"])
  func functions(_ name: String) throws {
    for clip in [0.7, 100] as [Float] {
      let activations = Attribute.strings([name, "Softsign", "Tanh"])
      try check(layer("LSTM", ["activations": activations, "clip": .float(clip)]))
      try check(layer("GRU", ["activations": .strings([name, "Affine"]), "clip": .float(clip)]))
      try check(layer("RNN", ["activations": .strings([name]), "clip": .float(clip)]))
    }
  }

  @Test("the batch in front", arguments: ["RNN", "LSTM", "GRU"])
  func batchFirst(_ kind: String) throws {
    var plain = layer(kind, ["direction": "bidirectional"], operands: [3, 4], computesWeights: false)
    plain.inputs[0].dimensions = [6, 2, 3]
    var toy = plain
    toy.inputs[0].dimensions = [2, 6, 3]
    toy.operations[0].attributes["layout"] = 1
    let x = SplitMix64.sample([6, 2, 3])
    let turned = Tensor([2, 6, 3], indices([2, 6, 3]).map { x[$0[1], $0[0], $0[2]] })
    let expected = try plain.network().values(of: ["y"], at: ["x": x])[0]
    let y = try toy.network().values(of: ["y"], at: ["x": turned])[0]
    #expect(y.shape == [2, 6, 2, 5])
    for i in indices([2, 6, 2, 5]) { #expect(y[i[0], i[1], i[2], i[3]] == expected[i[1], i[2], i[0], i[3]]) }
    let seed = SplitMix64.sample([6, 2, 2, 5])
    let back = Tensor([2, 6, 2, 5], indices([2, 6, 2, 5]).map { seed[$0[1], $0[2], $0[0], $0[3]] })
    let gradient = try plain.network()
      .gradients(of: "y", seed: seed, withRespectTo: ["x"], at: ["x": x]).gradients[0]
    let other = try toy.network()
      .gradients(of: "y", seed: back, withRespectTo: ["x"], at: ["x": turned]).gradients[0]
    for i in indices([2, 6, 3]) { #expect(abs(other[i[0], i[1], i[2]] - gradient[i[1], i[0], i[2]]) < 1e-6) }
  }

  @Test("several lanes compute what one does", arguments: ["LSTM", "GRU"])
  func lanes(_ kind: String) throws {
    var toy = layer(kind, operands: [3], units: 32, computesWeights: false)
    toy.inputs[0].dimensions = [6, 8, 3]
    let x = SplitMix64.sample([6, 8, 3])
    let alone = try toy.network(threads: 1).values(of: ["y"], at: ["x": x])[0]
    let shared = try toy.network(threads: 3).values(of: ["y"], at: ["x": x])[0]
    // Six steps, each a sum over 32 states and 3 inputs, of values up to 1: a lane's fewer rows may be summed otherwise.
    let tolerance = Float(Rounding.sum(of: 6 * (32 + 3)))
    #expect(zip(alone.values, shared.values).allSatisfy { abs($0 - $1) < tolerance })
  }

  @Test("layers whose operands do not fit, or that ask for what is not known")
  func refused() {
    func expect(
      _ message: String, _ change: (inout ToyNetwork) -> Void,
      sourceLocation: SourceLocation = #_sourceLocation
    ) {
      var toy = layer("LSTM", operands: [3], computesWeights: false)
      change(&toy)
      expectError("node 'node y' (LSTM): \(message)", sourceLocation: sourceLocation) { _ = try toy.graph() }
    }
    expect("direction = sideways") { $0.operations[0].attributes["direction"] = "sideways" }
    expect("clip = 0.0") { $0.operations[0].attributes["clip"] = 0.0 }
    expect("2 activations where 3 are needed") {
      $0.operations[0].attributes["activations"] = .strings(["Tanh", "Tanh"])
    }
    expect("activation 'Sine' is not known") {
      $0.operations[0].attributes["activations"] = .strings(["Tanh", "Tanh", "Sine"])
    }
    expect("it has 2 operands and needs 3") { $0.operations[0].inputs = ["x", "w"] }
    expect("a bias of shape [1, 20] where [1, 40] is expected") { $0.weights["b"] = Tensor([1, 20]) }
    expect("input weights of shape [1, 20, 3] where [2, 20, 3] is expected") {
      $0.operations[0].attributes["direction"] = "bidirectional"
    }
    expect("recurrent weights of shape [1, 20, 4] where [1, 16, 4] is expected") {
      $0.weights["r"] = Tensor([1, 20, 4])
      $0.weights["w"] = Tensor([1, 16, 3])
    }
  }
}

extension SplitMix64 {
  fileprivate static func sample(_ shape: Shape) -> Tensor {
    var generator = SplitMix64(seed: 21)
    return generator.tensor(shape)
  }
}
