import Graphs
import Tensors
import TestSupport
import Testing

/// Inputs of known value become constants, and what hangs on them is read.
struct KnownInputTests {
  /// `y = rate == 16000 ? 2 x : x`, the rate a whole number.
  private static func network(shape: [Int?] = []) -> ToyNetwork {
    var toy = ToyNetwork([1, 3])
    toy.inputs[0].dimensions = [1, 3]
    toy.inputs.append(.init(name: "rate", dimensions: shape, isInteger: true))
    toy.add("Equal", ["rate", toy.constant("16k", [16000])], "is16k")
    toy.add(
      "If", ["is16k"], "y",
      [
        "then_branch": .graph(body([], ["two"]) { $0.add("Add", ["x", "x"], "two") }),
        "else_branch": .graph(body([], ["one"]) { $0.add("Identity", ["x"], "one") }),
      ])
    return toy
  }

  @Test("a branch on a rate", arguments: [[], [1]] as [[Int?]], [16000, 8000] as [Float])
  func branch(shape: [Int?], _ rate: Float) throws {
    let graph = try Self.network(shape: shape).graph()
    #expect(graph.dependsOnShapes)
    for value in [Tensor([], [rate]), Tensor([1], [rate])] {
      let fixed = try graph.fixing(["rate": value])
      #expect(fixed.inputs.map(\.name) == ["x"])
      let result = try Network(fixed, threads: 1).values(of: ["y"], at: ["x": Tensor([1, 3], [1, 2, 3])])[0]
      #expect(result.values == (rate == 16000 ? [2, 4, 6] : [1, 2, 3]))
    }
  }

  @Test("without the value, the branch is named")
  func unknown() throws {
    let network = try Self.network().rowNetwork()
    let error = #expect(throws: GraphError.self) {
      _ = try network.values(of: ["y"], at: ["x": Tensor([1, 3]), "rate": Tensor([1], [16000])])
    }
    #expect(error?.description.contains("node 'node y' (If)") == true)
    #expect(error?.description.contains("inputs of known value") == true)
  }

  @Test("a value that hangs on nothing is a constant like others; what cannot be one is an error")
  func plain() throws {
    var toy = ToyNetwork([1, 3])
    toy.addInput("z", [1, 3])
    toy.add("Add", ["x", "z"])
    let graph = try toy.graph()
    let fixed = try graph.fixing(["z": Tensor([1, 3], [1, 1, 1])])
    let value = try Network(fixed, threads: 1).values(of: ["y"], at: ["x": Tensor([2, 3])])[0]
    #expect(value.values == [1, 1, 1, 1, 1, 1])
    #expect(throws: GraphError.self) { _ = try graph.fixing(["z": Tensor([1, 4])]) }
    #expect(throws: GraphError.self) { _ = try graph.fixing(["zz": Tensor([1, 3])]) }
    #expect(throws: GraphError.self) { _ = try graph.fixing(["x": Tensor([1, 3]), "z": Tensor([1, 3])]) }
  }
}
