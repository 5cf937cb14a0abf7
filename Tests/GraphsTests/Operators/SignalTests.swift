import Graphs
import Tensors
import TestSupport
import Testing

/// `DFT` and `STFT` against their definitions, and the constants of signal processing.
struct SignalTests {
  private func check(_ toy: ToyNetwork, rows: Int = 2) throws {
    try expectNaive(toy, rows: rows)
    try expectDifferences(toy, rows: rows)
  }

  @Test(
    "lengths with small factors, with large ones, and primes",
    arguments: [1, 2, 3, 4, 12, 13, 17, 30, 34, 64, 97])
  func lengths(_ length: Int) throws {
    for inverse in [0, 1] {
      for parts in [1, 2] {
        var toy = ToyNetwork([1, length, parts])
        toy.add("DFT", ["x"], "y", ["inverse": .integer(inverse)])
        try check(toy)
      }
    }
    var half = ToyNetwork([1, length, 1])
    half.add("DFT", ["x"], "y", ["onesided": 1])
    try check(half)
    guard length > 1 else { return }
    for count in [2 * length - 2, 2 * length - 1] {
      var back = ToyNetwork([1, length, 2])
      back.add("DFT", ["x", back.constant("n", [count])], "y", ["onesided": 1, "inverse": 1])
      try check(back)
    }
  }

  @Test("signals cut and filled up, along every axis", arguments: [-3, -2, 0, 1, 2], [3, 7])
  func axes(_ axis: Int, _ length: Int) throws {
    var toy = ToyNetwork([1, 5, 4, 2])
    toy.inputs[0].dimensions = [5, 5, 5, 2]
    toy.add("DFT", ["x", toy.constant("n", [length])], "y", ["axis": .integer(axis)])
    try check(toy)
    toy.operations[0].attributes["inverse"] = 1
    try check(toy)
  }

  @Test("from opset 20 on the axis is an operand")
  func axisOperand() throws {
    var toy = ToyNetwork([1, 5, 4, 2], opset: 20)
    toy.add("DFT", ["x", "", toy.constant("a", [1])])
    var same = ToyNetwork([1, 5, 4, 2])
    same.add("DFT", ["x"], "y", ["axis": 1])
    let inputs = toy.sample(rows: 2)
    #expect(try toy.network().values(of: ["y"], at: inputs) == same.network().values(of: ["y"], at: inputs))
  }

  @Test("frames of a signal", arguments: [1, 3, 20], [0, 1])
  func frames(_ step: Int, _ onesided: Int) throws {
    for length in [nil, 8, 9] as [Int?] {
      for parts in onesided == 1 ? [1] : [1, 2] {
        var generator = SplitMix64(seed: 8)
        var toy = ToyNetwork([1, 20, parts])
        var operands = ["x", toy.constant("step", [step])]
        if let length { operands.append(toy.weight("window", generator.tensor([length]))) }
        toy.add("STFT", operands, "y", ["onesided": .integer(onesided)])
        try check(toy)
      }
    }
  }

  @Test("a transform along the batch is not cut into runs")
  func alongTheBatch() throws {
    var toy = ToyNetwork([1, 3, 1])
    toy.add("DFT", ["x"], "y", ["axis": 0])
    let inputs = toy.sample(rows: 40)
    let whole = try toy.network().values(of: ["y"], at: inputs)[0]
    let cut = try toy.rowNetwork(threads: 2, rowsPerRun: 4).evaluate(["y"], at: inputs)[0]
    #expect(cut == whole)
    try expectNaive(toy, rows: 40)
  }

  @Test("windows, periodic and symmetric")
  func windows() throws {
    func window(_ kind: String, _ periodic: Int, _ size: Int) throws -> [Float] {
      var toy = ToyNetwork([1, size])
      toy.add(kind, [toy.constant("n", [size])], "w", ["periodic": .integer(periodic)])
      toy.add("Mul", ["x", "w"])
      return try toy.network().values(of: ["y"], at: ["x": Tensor([1, size], repeating: 1)])[0].values
    }
    func expect(_ values: [Float], _ expected: [Float]) {
      #expect(zip(values, expected).allSatisfy { abs($0 - $1) < 1e-6 }, "\(values)")
    }
    expect(try window("HannWindow", 1, 4), [0, 0.5, 1, 0.5])
    expect(try window("HannWindow", 0, 5), [0, 0.5, 1, 0.5, 0])
    expect(try window("HammingWindow", 1, 4), [4 / 46, 25 / 46, 1, 25 / 46])
    expect(try window("BlackmanWindow", 0, 5), [0, 0.34, 1, 0.34, 0])
    expect(try window("HannWindow", 0, 1), [0])
  }

  @Test("mel filters, as the ONNX specification's own example has them")
  func melFilters() throws {
    var toy = ToyNetwork([1, 9])
    let sizes = [("bands", 8), ("length", 16), ("rate", 8192)].map { toy.constant($0, [$1]) }
    let edges = [toy.weight("low", Tensor([], [0])), toy.weight("high", Tensor([], [4096]))]
    toy.add("MelWeightMatrix", sizes + edges, "m")
    toy.add("MatMul", ["x", "m"])
    let rising = Tensor([1, 9], (1...9).map { Float($0) })
    let bands = try toy.network().values(of: ["y"], at: ["x": rising])[0]
    #expect(bands.values == [1, 1, 2, 2, 3, 4, 5, 6])
  }

  @Test("transforms that cannot be")
  func refused() {
    func expect(
      _ message: String, _ kind: String, _ shape: [Int], _ constants: [Int?],
      _ attributes: [String: Attribute] = [:], sourceLocation: SourceLocation = #_sourceLocation
    ) {
      var toy = ToyNetwork(shape)
      toy.inputs[0].dimensions = shape
      let operands = constants.enumerated().map { $1.map { toy.constant("c\($0)", [$0]) } ?? "" }
      toy.add(kind, ["x"] + operands, "y", attributes)
      expectError("node 'node y' (\(kind)): \(message)", sourceLocation: sourceLocation) {
        _ = try toy.graph()
      }
    }
    expect("a transform along axis 1 of [1, 4]", "DFT", [1, 4], [])
    expect("a transform along axis 1 of [1, 4, 3]", "DFT", [1, 4, 3], [])
    expect("a transform along axis -1 of [1, 4, 1]", "DFT", [1, 4, 1], [], ["axis": -1])
    expect("a transform along axis \(Int.min) of [1, 4, 1]", "DFT", [1, 4, 1], [], ["axis": .integer(.min)])
    expect("a one-sided transform of [1, 4, 2]", "DFT", [1, 4, 2], [], ["onesided": 1])
    expect(
      "a one-sided inverse transform of [1, 4, 1]", "DFT", [1, 4, 1], [], ["onesided": 1, "inverse": 1])
    expect("a transform of length -1", "DFT", [1, 4, 1], [-1])
    expect("a transform of length \(Int.max)", "DFT", [1, 4, 1], [.max])
    expect("it has no step", "STFT", [1, 4, 1], [0])
    expect("frames of 5 from 4 samples", "STFT", [1, 4, 1], [1, nil, 5])
    expect("a signal of shape [1, 4] where [batch, samples, 1 or 2] is expected", "STFT", [1, 4], [1])
    expect("a one-sided transform of a complex signal", "STFT", [1, 4, 2], [1])
  }
}
