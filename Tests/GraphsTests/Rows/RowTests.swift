import Graphs
import Tensors
import TestSupport
import Testing

/// Networks as rows, whatever the shapes in their files: each row's values and gradients are those that the file gives for
/// that row alone.
struct RowTests {
  /// A kind of file, its inputs as rows, and what one row is in the file.
  struct Kind: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let toy: ToyNetwork
    /// The shape of a row of `x`.
    let row: Shape
    /// The shape of `x` in the file for one row.
    let file: Shape
    /// The shape of a row of the result.
    let result: [Int]
  }

  private static func kind(
    _ name: String, _ dimensions: [Int?], row: Shape, result: [Int], _ build: (inout ToyNetwork) -> Void
  ) -> Kind {
    var toy = ToyNetwork([1])
    toy.inputs[0].dimensions = dimensions
    build(&toy)
    let open = row.dimensions.last ?? 1
    let file = dimensions.enumerated().map { place, extent in
      extent ?? (place == 0 && dimensions.count > 1 ? 1 : open)
    }
    return Kind(testDescription: name, toy: toy, row: row, file: Shape(file), result: result)
  }

  private static func convolve(_ toy: inout ToyNetwork, from x: TensorName = "x") {
    var generator = SplitMix64(seed: 3)
    toy.add("Conv", [x, toy.weight("w", generator.tensor([4, 2, 3]))], "c", ["pads": [1, 1]])
    toy.add("Tanh", ["c"], "layer")
    toy.add("GlobalAveragePool", ["layer"], "means")
    toy.add("Flatten", ["means"], "flat")
    toy.add("Gemm", ["flat", toy.weight("g", generator.tensor([4, 3]))], "y")
  }

  static let kinds: [Kind] = [
    kind("a free batch", [nil, 2, 9], row: [2, 9], result: [3]) { convolve(&$0) },
    kind("a batch of one", [1, 2, 9], row: [2, 9], result: [3]) { convolve(&$0) },
    kind("a reshape to one row", [nil, 2, 9], row: [2, 9], result: [1]) { toy in
      convolve(&toy)
      toy.operations.removeLast(2)
      toy.add("Reshape", ["means", toy.constant("one", [1, 4])], "flat")
      toy.add("ReduceMean", ["flat"], "y", ["axes": [1]])
    },
    kind("no axis of rows, in or out", [nil], row: [12], result: [3]) { toy in
      toy.add("Reshape", ["x", toy.constant("to", [1, 2, -1])], "line")
      convolve(&toy, from: "line")
      toy.operations.removeLast()
      toy.add("MatMul", ["flat", "g"], "classes")
      toy.add("Reshape", ["classes", toy.constant("three", [3])], "y")
    },
    kind("frames and classes without rows", [nil], row: [12], result: [12, 2]) { toy in
      var generator = SplitMix64(seed: 4)
      toy.add("Unsqueeze", ["x", toy.constant("at", [1])], "frames")
      toy.add("MatMul", ["frames", toy.weight("m", generator.tensor([1, 2]))], "features")
      toy.add("CumSum", ["features", toy.constant("first", [0])], "sums")
      toy.add("Tanh", ["sums"], "y")
    },
    kind("a scalar", [nil, 4], row: [4], result: []) { toy in
      toy.add("Mul", ["x", "x"], "squares")
      toy.add("ReduceMean", ["squares"], "y", ["keepdims": 0])
    },
    kind("rows that are mixed and come back", [nil, 4], row: [4], result: [4]) { toy in
      toy.add("ReduceMean", ["x"], "mean", ["axes": [0]])
      toy.add("Tanh", ["x"], "t")
      toy.add("Sub", ["t", "mean"], "y")
    },
    kind("rows along another axis on the way", [nil, 3, 4], row: [3, 4], result: [3, 4]) { toy in
      toy.add("Transpose", ["x"], "turned", ["perm": [1, 0, 2]])
      toy.add("CumSum", ["turned", toy.constant("first", [0])], "sums")
      toy.add("Transpose", ["sums"], "y", ["perm": [1, 0, 2]])
    },
    kind("classes before rows", [nil, 4], row: [4], result: [3]) { toy in
      var generator = SplitMix64(seed: 5)
      toy.add("Tanh", ["x"], "t")
      toy.add("Gemm", [toy.weight("g", generator.tensor([3, 4])), "t"], "y", ["transB": 1])
    },
    kind("pairs joined and parted along the rows", [nil, 4], row: [4], result: [4]) { toy in
      toy.add("Tanh", ["x"], "t")
      toy.add("Concat", ["x", "t"], "both", ["axis": 0])
      toy.add("Reshape", ["both", toy.constant("pairs", [2, -1, 4])], "pairs of rows")
      toy.add("ReduceSum", ["pairs of rows", toy.constant("first", [0])], "y", ["keepdims": 0])
    },
  ]

  /// Each row by itself, in the file's shapes.
  private func alone(_ kind: Kind, _ row: Tensor) throws -> Tensor {
    try kind.toy.network().values(of: ["y"], at: ["x": row.reshaped(to: kind.file)])[0]
  }

  // Kernels for other numbers of rows sum in another order: some roundings of sums of some dozen terms.
  private static let tolerance = 2e-6

  @Test("values of rows are those of each alone", arguments: kinds)
  func values(_ kind: Kind) throws {
    var generator = SplitMix64(seed: 8)
    for (rows, threads) in [(1, 1), (3, 1), (3, 2), (13, 2)] {
      let x = generator.tensor(Shape([rows] + kind.row.dimensions))
      let network = try kind.toy.rowNetwork(threads: threads, rowsPerRun: 4)
      let values = try network.values(of: ["y"], at: ["x": x])[0]
      #expect(values.shape == Shape([rows] + kind.result))
      #expect(try network.shape(of: "y", at: ["x": x.shape]) == values.shape)
      for row in 0..<rows {
        let expected = try alone(kind, x.rows(row..<row + 1))
        let value = values.rows(row..<row + 1).reshaped(to: expected.shape)
        #expect(distance(value, Values(expected)) < Self.tolerance, "row \(row) of \(rows)")
      }
    }
  }

  @Test("gradients of rows are those of each alone", arguments: kinds)
  func gradients(_ kind: Kind) throws {
    var generator = SplitMix64(seed: 9)
    let rows = 5
    let x = generator.tensor(Shape([rows] + kind.row.dimensions))
    let seed = generator.tensor(Shape([rows] + kind.result))
    let network = try kind.toy.rowNetwork(threads: 2, rowsPerRun: 2)
    let (gradients, alongside) = try network.gradients(
      of: "y", seed: seed, withRespectTo: ["x"], alongside: ["y"], at: ["x": x])
    #expect(gradients[0].shape == x.shape && alongside[0].shape == seed.shape)
    for row in 0..<rows {
      let own = x.rows(row..<row + 1).reshaped(to: kind.file)
      let result = try alone(kind, own).shape
      let expected = try kind.toy.network().gradients(
        of: "y", seed: seed.rows(row..<row + 1).reshaped(to: result), withRespectTo: ["x"], at: ["x": own]
      ).gradients[0]
      let gradient = gradients[0].rows(row..<row + 1).reshaped(to: kind.file)
      #expect(distance(gradient, Values(expected)) < Self.tolerance, "row \(row)")
    }
  }

  @Test("rows that differ from another in a part", arguments: kinds.prefix(3))
  func differences(_ kind: Kind) throws {
    var generator = SplitMix64(seed: 10)
    let base = generator.tensor(Shape([1] + kind.row.dimensions))
    let x = Tensor(
      joining: (0..<20).map { index in
        var row = base
        row[0, index % 2, index % 9] += 0.5
        return row
      })
    let network = try kind.toy.rowNetwork(threads: 2)
    let parts = try network.values(of: ["y"], at: x, differingFrom: base)[0]
    let whole = try network.values(of: ["y"], at: ["x": x])[0]
    #expect(parts.shape == whole.shape && distance(parts, Values(whole)) < 1e-5)
  }

  @Test("a fixed batch is filled up, and cut off")
  func fixedBatch() throws {
    var toy = Self.kinds[0].toy
    toy.inputs[0].dimensions[0] = 4
    var generator = SplitMix64(seed: 11)
    let x = generator.tensor([10, 2, 9])
    let network = try toy.rowNetwork(threads: 2)
    #expect(network.rows.capacity == .exactly(4))
    let expected = try Self.kinds[0].toy.rowNetwork().values(of: ["y"], at: ["x": x])[0]
    #expect(distance(try network.values(of: ["y"], at: ["x": x])[0], Values(expected)) < Self.tolerance)
    let seed = generator.tensor([10, 3])
    let slopes = try network.gradients(of: "y", seed: seed, withRespectTo: ["x"], at: ["x": x]).gradients[0]
    let free = try Self.kinds[0].toy.rowNetwork().gradients(
      of: "y", seed: seed, withRespectTo: ["x"], at: ["x": x]
    ).gradients[0]
    #expect(distance(slopes, Values(free)) < Self.tolerance)
  }

  @Test("a result without a place for each row of a fixed batch is an error")
  func noPlaces() throws {
    var toy = ToyNetwork([1, 3])
    toy.inputs[0].dimensions[0] = 4
    toy.add("Tanh", ["x"], "t")
    toy.add("ReduceMean", ["t"], "y", ["keepdims": 0])
    toy.outputs = ["t"]
    expectError(
      "the network takes 4 rows at a time, and 'y' of shape [] has no place for each of them; choose a tensor that has, "
        + "or export the network for one row"
    ) { _ = try toy.rowNetwork().values(of: ["y"], at: ["x": Tensor([4, 3])]) }
  }

  @Test("inputs of different numbers of rows are an error")
  func differentCounts() throws {
    var toy = ToyNetwork([1, 3])
    toy.addInput("z", [1, 3])
    toy.add("Add", ["x", "z"])
    expectError(
      "the inputs differ in their number of rows: 'x' has 2, 'z' has 3; give each as many as the others, or one"
    ) { _ = try toy.rowNetwork().values(of: ["y"], at: ["x": Tensor([2, 3]), "z": Tensor([3, 3])]) }
  }

  @Test("an input that the file takes once may differ from row to row")
  func shared() throws {
    var toy = ToyNetwork([1, 3])
    toy.inputs.append(.init(name: "rate", dimensions: []))
    toy.add("Mul", ["x", "rate"], "y")
    let network = try toy.rowNetwork(rowsPerRun: 2)
    let x = Tensor([3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9])
    let rates = Tensor([3], [1, 10, 100])
    let value = try network.values(of: ["y"], at: ["x": x, "rate": rates])[0]
    #expect(value.values == [1, 2, 3, 40, 50, 60, 700, 800, 900])
    let gradient = try network.gradients(
      of: "y", seed: Tensor([3, 3], repeating: 1), withRespectTo: ["rate"], at: ["x": x, "rate": rates]
    ).gradients[0]
    #expect(gradient.values == [6, 15, 24])
  }
}
