import Graphs
import Tensors
import TestSupport
import Testing

/// The file's own shapes, and where rows are found in them.
struct FileFormTests {
  private static let x = Tensor([3, 2], [1, 2, 3, 4, 5, 6])

  /// Twice its input, of these dimensions; nil is free.
  private func doubling(_ dimensions: [Int?]) -> ToyNetwork {
    var toy = ToyNetwork([1])
    toy.inputs[0].dimensions = dimensions
    toy.add("Add", ["x", "x"])
    return toy
  }

  @Test("what a batch of one gives for many rows is joined along the rows")
  func joined() throws {
    let network = try doubling([1, 2]).rowNetwork()
    #expect(try network.evaluate(["y"], at: ["x": Self.x]) == [Tensor([3, 2], [2, 4, 6, 8, 10, 12])])
    #expect(try network.evaluate(["y"], at: ["x": Self.x.rows(0..<1)])[0].shape == [1, 2])
  }

  @Test("rows of an input without an axis for them come along one of their own")
  func stacked() throws {
    let network = try doubling([nil]).rowNetwork()
    #expect(try network.evaluate(["y"], at: ["x": Tensor([2], [1, 2])])[0] == Tensor([2], [2, 4]))
    #expect(try network.evaluate(["y"], at: ["x": Self.x])[0] == Tensor([3, 2], [2, 4, 6, 8, 10, 12]))
  }

  @Test("what mixes the rows of a batch is given as the file has it")
  func whole() throws {
    var toy = ToyNetwork([1, 2])
    toy.add("ReduceMean", ["x"], "y", ["keepdims": 0])
    let network = try toy.rowNetwork(rowsPerRun: 1)
    let rows = Tensor([20, 2], (0..<40).map { Float($0) })
    let mean = try network.evaluate(["y"], at: ["x": rows])[0]
    #expect(mean.shape == [] && mean.values == [19.5])
  }

  @Test("rows along another axis, by name or as told")
  func otherAxis() throws {
    var toy = ToyNetwork([1, 2])
    toy.inputs.append(.init(name: "state", dimensions: [2, nil, 2]))
    toy.add("ReduceSum", ["state", toy.constant("first", [0])], "sum", ["keepdims": 0])
    toy.add("Add", ["x", "sum"])
    let network = try toy.rowNetwork(rows: RowLayout(axes: ["state": 1]))
    let state = Tensor([2, 3, 2], (0..<12).map { Float($0) })
    let raw = ["x": Self.x, "state": state]
    let expected = try toy.network().values(of: ["y"], at: raw)[0]
    #expect(try network.evaluate(["y"], at: raw)[0] == expected)
    let rows = try network.rowForm(of: raw)
    #expect(rows["state"]?.shape == [3, 2, 2])
    #expect(try network.values(of: ["y"], at: rows)[0] == expected)
    #expect(network.fileForm(try #require(rows["state"]), of: "state") == state)
  }

  @Test(
    "where rows run",
    arguments: [
      ([nil, 2], "x: rows along axis 0"), ([1, 2], "x: rows along axis 0"), ([nil], "x: one row"),
      ([7], "x: one row"), ([3, 2], "x: rows along axis 0"),
    ] as [([Int?], String)])
  func layout(_ dimensions: [Int?], _ told: String) throws {
    let description = try doubling(dimensions).rowNetwork().rows.description
    #expect(description.replacing(" (guessed)", with: "") == told)
  }

  // The second transposition brings the rows back to where the operations alone no longer show them.
  @Test(
    "an axis that the file does not name is the rows' if the graph computes each of its places by itself",
    arguments: [("Relu", "x: rows along axis 0"), ("Softmax", "x: one row")])
  func unnamed(_ kind: String, _ told: String) throws {
    var toy = ToyNetwork([1, 2])
    toy.inputs[0].dimensions = [nil, 2]
    toy.inputs[0].symbol = "unk__1"
    toy.add("Transpose", ["x"], "columns", ["perm": [1, 0]])
    toy.add(kind, ["columns"], "made", kind == "Softmax" ? ["axis": 1] : [:])
    toy.add("Transpose", ["made"], "y", ["perm": [1, 0]])
    #expect(try toy.rowNetwork().rows.description.replacing(" (guessed)", with: "") == told)
  }

  @Test("bands and frames without rows are one row, where the results have none of them")
  func picture() throws {
    var toy = ToyNetwork([1])
    toy.inputs[0].dimensions = [8, 4]
    toy.add("ReduceMean", ["x"], "y", ["axes": [0], "keepdims": 0])
    let network = try toy.rowNetwork()
    #expect(network.rows.description == "x: one row")
    #expect(try network.shape(of: "y", at: ["x": [3, 8, 4]]) == [3, 4])
  }

  @Test("receptive fields lie along the rows' own axes")
  func fields() throws {
    var toy = ToyNetwork([1])
    toy.inputs[0].dimensions = [nil]
    toy.add("Reshape", ["x", toy.constant("to", [1, 1, -1])], "line")
    toy.add("Conv", ["line", toy.weight("w", Tensor([1, 1, 3], [1, 2, 3]))], "c")
    toy.add("Reshape", ["x", toy.constant("same", [-1])], "y")
    let network = try toy.rowNetwork()
    #expect(try network.shapes(at: ["x": [2, 10]])["c"] == [2, 1, 8])
    let fields = try network.receptiveFields(of: "x", at: ["x": [2, 10]])
    #expect(fields["x"]?.axes.map { $0?.inputAxis } == [nil, 1])
  }
}
