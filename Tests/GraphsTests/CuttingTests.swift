import Graphs
import Tensors
import TestSupport
import Testing

/// Networks cut in two at inner tensors, and put together again.
struct CuttingTests {
  /// Two branches of the input that are joined; `skip` leads past the first of them.
  private func file(skip: Bool = false) -> HandmadeONNX {
    var file = HandmadeONNX(input: "x", ["N", 6])
    file.add("Relu", ["x"], "a")
    file.add("Neg", ["x"], "b")
    file.add("Add", ["a", skip ? "x" : "b"], "sum")
    file.add("Concat", ["sum", "b"], "joined", axis: 1)
    file.add("MatMul", ["joined"], "y", weights: [Tensor([12, 3], (0..<36).map { Float($0 % 7) - 3 })])
    return file
  }

  private func graph(_ file: HandmadeONNX) throws -> Graph {
    try ONNXModel(file.bytes, from: "cut.onnx").graph
  }

  private func values(_ graph: Graph, _ names: [TensorName], _ inputs: [TensorName: Tensor]) throws
    -> [Tensor]
  {
    try Network(graph, threads: 1).values(of: names, at: inputs)
  }

  @Test("Both halves together are the network, row by row")
  func halves() throws {
    let whole = try graph(file())
    let x = Tensor([4, 6], (0..<24).map { Float($0 * 5 % 13) - 6 })
    let first = try whole.making(["a", "b"])
    #expect(first.outputs == ["a", "b"] && first.nodes.count == 2)
    let inputs = ["a", "b"].map { GraphInput(name: $0, dimensions: [.symbolic("N"), .fixed(6)]) }
    let second = try whole.following(from: inputs) { ["x": $0["a"] ?? []] }
    #expect(second.nodes.count == 3)
    let inner = try values(first, ["a", "b"], ["x": x])
    let expected = try values(whole, ["y"], ["x": x])[0]
    #expect(try values(second, ["y"], ["a": inner[0], "b": inner[1]])[0] == expected)
    #expect(try values(second.preceded(by: first), ["y"], ["x": x])[0] == expected)
  }

  @Test("A cut that leaves a way around it is refused")
  func waysAround() throws {
    let whole = try graph(file(skip: true))
    let inputs = ["a", "b"].map { GraphInput(name: $0, dimensions: nil) }
    #expect {
      try whole.following(from: inputs) { $0 }
    } throws: { error in
      guard case GraphError.notSeparated(["a", "b"], from: "x")? = error as? GraphError else { return false }
      return "\(error)".contains("another way")
    }
    #expect(throws: GraphError.self) { try whole.making(["nowhere"]) }
    #expect(throws: GraphError.self) { try whole.preceded(by: whole) }
  }
}
