import Graphs
import Tensors
import TestSupport
import Testing

/// What a compiled program keeps between runs (nothing), and how batches are cut.
struct RunningTests {
  /// A residual network with every kind of layer.
  private static func network() -> ToyNetwork {
    var generator = SplitMix64(seed: 9)
    var toy = ToyNetwork([1, 3, 8, 8])
    toy.add("Conv", ["x", toy.weight("w", generator.tensor([8, 3, 3, 3]))], "c", ["auto_pad": "SAME_UPPER"])
    let constants = ["s", "b", "m"].map { toy.weight($0, generator.tensor([8])) }
    toy.add(
      "BatchNormalization", ["c"] + constants + [toy.weight("v", generator.tensor([8], in: 0.5...2))], "n")
    toy.add("Relu", ["n"], "r")
    toy.add("Conv", ["r", toy.weight("k", generator.tensor([8, 8, 3, 3]))], "d", ["auto_pad": "SAME_UPPER"])
    toy.add("Add", ["d", "r"], "sum")
    toy.add("Relu", ["sum"], "s2")
    toy.add("MaxPool", ["s2"], "p", ["kernel_shape": [2, 2], "strides": [2, 2]])
    toy.add("Flatten", ["p"], "flat")
    toy.add("Gemm", ["flat", toy.weight("g", generator.tensor([128, 5]))], "y")
    return toy
  }

  private func seed(rows: Int) -> Tensor {
    var generator = SplitMix64(seed: 77)
    return generator.tensor([rows, 5])
  }

  @Test("a batch is its rows, however it is cut", arguments: [1, 2, 16, 17, 40])
  func batches(rows: Int) throws {
    let toy = Self.network()
    let (network, single) = (try toy.rowNetwork(rowsPerRun: 16), try toy.rowNetwork(rowsPerRun: 1))
    let x = try #require(toy.sample(rows: rows)["x"])
    let weights = seed(rows: rows)
    let wanted = ["y", "r", "flat", "x"]
    let values = try network.values(of: wanted, at: ["x": x])
    let gradients = try network.gradients(
      of: "y", seed: weights, withRespectTo: ["x", "r"], alongside: ["s2"], at: ["x": x])
    for row in 0..<rows {
      let one = ["x": x.rows(row..<row + 1)]
      let expected = try single.values(of: wanted, at: one)
      // oneDNN may choose other kernels for other batches, which sum in another order: two sums of 9 places of 8
      // channels, and one of 128 numbers.
      let tolerance = Rounding.sum(of: 2 * 9 * 8 + 128)
      for (all, own) in zip(values, expected) {
        #expect(distance(all.rows(row..<row + 1), Values(own)) < tolerance)
      }
      let expectedGradients = try single.gradients(
        of: "y", seed: weights.rows(row..<row + 1), withRespectTo: ["x", "r"], alongside: ["s2"], at: one)
      for (all, own) in zip(
        gradients.gradients + gradients.values, expectedGradients.gradients + expectedGradients.values)
      {
        #expect(distance(all.rows(row..<row + 1), Values(own)) < tolerance)
      }
    }
  }

  @Test("tensors whose first axis is not the batch's are computed in one piece")
  func unbatched() throws {
    var toy = ToyNetwork([1, 3, 4])
    toy.add("Transpose", ["x"], "turned", ["perm": [1, 0, 2]])
    toy.add("Flatten", ["turned"], "rows of channels")
    toy.add("Identity", [toy.weight("w", Tensor([2], [3, 4]))], "constant")
    toy.add("Sigmoid", ["x"], "y")
    for name in ["turned", "rows of channels", "constant", "y"] {
      let x = toy.sample(rows: 11)
      let value = try toy.rowNetwork(rowsPerRun: 4).evaluate([name], at: x)[0]
      let expected = try #require(naive(toy, at: x.mapValues { Values($0) })[name])
      #expect(distance(value, expected) < 1e-6, "\(name)")
    }
  }

  @Test("an input of one axis is a recording, not a batch of numbers")
  func recording() throws {
    var toy = ToyNetwork([1])
    toy.add("Reshape", ["x", toy.constant("shape", [1, 1, -1])], "line")
    toy.add("Conv", ["line", toy.weight("w", Tensor([1, 1, 3], [1, 2, 3]))], "y")
    try expectNaive(toy, rows: 100)
  }

  @Test("a network for a fixed number of rows gets them all at once")
  func fixedRows() throws {
    var toy = Self.network()
    toy.inputs[0].dimensions[0] = 24
    let x = toy.sample(rows: 24)
    #expect(try toy.rowNetwork(rowsPerRun: 16).values(of: ["y"], at: x)[0].shape == [24, 5])
  }

  @Test("the same question has the same answer, to the bit")
  func repeatable() throws {
    let toy = Self.network()
    let network = try toy.network(threads: 2)
    let (x, other) = (toy.sample(rows: 3), toy.sample(rows: 3, seed: 2))
    let first = try network.gradients(
      of: "y", seed: seed(rows: 3), withRespectTo: ["x"], alongside: ["y"], at: x)
    for _ in 0..<3 {
      // Another question in between: nothing of it may be left.
      _ = try network.gradients(
        of: "y", seed: Tensor([3, 5]), withRespectTo: ["x"], alongside: ["y"], at: other)
      let again = try network.gradients(
        of: "y", seed: seed(rows: 3), withRespectTo: ["x"], alongside: ["y"], at: x)
      #expect(again.gradients == first.gradients)
      #expect(again.values == first.values)
    }
    let fresh = try toy.network(threads: 2)
      .gradients(of: "y", seed: seed(rows: 3), withRespectTo: ["x"], alongside: ["y"], at: x)
    #expect(fresh.gradients == first.gradients)
  }

  @Test("results stay as they are when the program runs again")
  func resultsAreCopies() throws {
    let toy = Self.network()
    let network = try toy.network()
    let (x, other) = (toy.sample(rows: 2), toy.sample(rows: 2, seed: 2))
    let first = try network.values(of: ["y", "flat", "x"], at: x)
    let before = first.map(\.values)
    _ = try network.values(of: ["y", "flat", "x"], at: other)
    #expect(first.map(\.values) == before)
  }

  @Test("several tasks may ask at once")
  func concurrent() async throws {
    let toy = Self.network()
    let network = try toy.network()
    let expected = try (0..<8).map {
      try network.values(of: ["y"], at: toy.sample(rows: 2, seed: UInt64($0)))[0]
    }
    try await withThrowingTaskGroup(of: (Int, Tensor).self) { group in
      for index in 0..<8 {
        group.addTask {
          (index, try network.values(of: ["y"], at: toy.sample(rows: 2, seed: UInt64(index)))[0])
        }
      }
      for try await (index, value) in group { #expect(value == expected[index]) }
    }
  }

  @Test("a convolution and its normalization are one, unless someone asks for what lies between")
  func folding() throws {
    let toy = Self.network()
    let graph = try toy.graph()
    #expect(try graph.simplified().nodes.map(\.kind).contains("BatchNormalization") == false)
    #expect(try graph.simplified(keeping: ["c"]).nodes.map(\.kind).contains("BatchNormalization"))
    let x = toy.sample(rows: 2)
    let network = try toy.network()
    let (folded, apart) = (try network.values(of: ["n"], at: x), try network.values(of: ["c", "n"], at: x))
    // Scaling the weights rounds each once more.
    #expect(distance(folded[0], Values(apart[1])) < 1e-6)
  }

  @Test("a normalization that does not fit the convolution before it is an error, not folded")
  func misfit() throws {
    for channels in [1, 3, 7, 900] {
      var toy = ToyNetwork([1, 3, 4, 4])
      toy.add("Conv", ["x", toy.weight("w", Tensor([8, 3, 1, 1]))], "c")
      let constant = toy.weight("s", Tensor([channels], repeating: 1))
      toy.add("BatchNormalization", ["c", constant, constant, constant, constant], "y")
      #expect(throws: GraphError.self) { _ = try toy.network().values(of: ["y"], at: toy.sample(rows: 1)) }
    }
  }

  @Test(
    "what is made of several rows is computed as the file has it, or row by row",
    arguments: [
      ("Softmax", ["axis": 0]), ("Softmax", ["axis": -2]), ("LogSoftmax", ["axis": -2]),
      ("LpNormalization", ["axis": 0]), ("LpNormalization", ["axis": -2]),
      ("MeanVarianceNormalization", ["axes": .integers([0])]), ("BatchNormalization", ["training_mode": 1]),
    ] as [(String, [String: Attribute])])
  func mixedRows(kind: String, attributes: [String: Attribute]) throws {
    var toy = ToyNetwork([1, 3], opset: 15)
    var operands = ["x"]
    if kind == "BatchNormalization" {
      operands += ["s", "b", "m", "v"].map { toy.weight($0, Tensor([3], [1, 2, 3])) }
    }
    toy.add(kind, operands, "y", attributes)
    let inputs = toy.sample(rows: 9)
    let (whole, cut) = (try toy.network(), try toy.rowNetwork(threads: 2, rowsPerRun: 2))
    let expected = try whole.values(of: ["y"], at: inputs)
    #expect(try cut.evaluate(["y"], at: inputs) == expected)
    // As rows, each is by itself.
    let rows = try cut.values(of: ["y"], at: inputs)[0]
    for row in 0..<9 {
      let alone = try whole.values(of: ["y"], at: inputs.mapValues { $0.rows(row..<row + 1) })[0]
      // Lanes run each row alone.
      #expect(rows.rows(row..<row + 1) == alone)
    }
  }
}
