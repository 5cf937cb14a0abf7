import Graphs
import OneDNN
import Tensors
import TestSupport
import Testing

/// What keeps a mistake in an operation, a pass or a library from becoming a wrong number.
struct GraphSafetyTests {
  /// `a + b`, whose gradient rule forgets one of the two or makes one up.
  private struct Forgetful: Operator {
    var kind: String { "Forgetful" }
    var operandCounts: ClosedRange<Int> { 2...2 }
    let gradientCount: Int

    func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] { [inputs[0] ?? []] }
    func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder) throws(GraphError)
      -> [TensorName?]
    { [TensorName?](repeating: given[0], count: gradientCount) }
    func lower(_ node: Node, in lowering: Lowering) throws {}
  }

  private func graph(_ operation: any Operator, reading inputs: [TensorName], making outputs: [TensorName])
    throws -> Graph
  {
    try Graph(
      name: "toy", inputs: ["a", "b"].map { GraphInput(name: $0, dimensions: nil) },
      nodes: [Node(name: "n", operation: operation, inputs: inputs, outputs: outputs)], constants: [:],
      outputs: outputs)
  }

  @Test("a gradient rule that passes over a wanted operand is found", arguments: [0, 1, 2, 3])
  func gradientCounts(_ count: Int) throws {
    let graph = try graph(Forgetful(gradientCount: count), reading: ["a", "b"], making: ["y"])
    guard count != 2 else { return _ = try graph.gradient(of: "y", withRespectTo: ["a", "b"]) }
    // None at all says that nothing flows.
    guard count > 0 else {
      return expectError("'y' does not depend on 'a'; name a layer before it") {
        _ = try graph.gradient(of: "y", withRespectTo: ["a", "b"])
      }
    }
    expectError(
      "the graph is malformed: the gradient rule of node 'n' (Forgetful) gives \(count) gradients for 2 operands"
    ) { _ = try graph.gradient(of: "y", withRespectTo: ["a", "b"]) }
    if count == 1 { _ = try graph.gradient(of: "y", withRespectTo: ["a"]) }
  }

  @Test("a node has as many operands as its operation takes")
  func operandCounts() throws {
    expectError("the graph is malformed: node 'n' (Add) has 1 operands, it takes 2") {
      _ = try graph(Binary(.add), reading: ["a"], making: ["y"])
    }
    expectError("the graph is malformed: node 'n' (Concat) has 0 operands, it takes at least 1") {
      _ = try graph(Concatenation(axis: 0), reading: [], making: ["y"])
    }
    // What is left out at the end does not count.
    _ = try graph(Binary(.add), reading: ["a", "b", "", ""], making: ["y"])
    let many = try graph(Binary(.add), reading: ["a", "b"], making: ["y", "z"])
    expectError("node 'n' (Add): it has 2 results, the operation makes 1") {
      _ = try many.shapes(for: ["a": [2], "b": [2]])
    }
  }

  @Test("the least recently used entry goes")
  func recentlyUsed() {
    var cache = RecentlyUsed<Int, String>(capacity: 3)
    for key in 0..<3 { cache[key] = "\(key)" }
    #expect(cache[0] == "0")
    cache[3] = "3"
    #expect(cache[1] == nil)
    #expect([cache[0], cache[2], cache[3]] == ["0", "2", "3"])
    cache[0] = nil
    #expect(cache.count == 2 && Set(cache.values) == ["2", "3"])
    cache.removeAll()
    #expect(cache.count == 0)
  }

  @Test("a network asked ever new questions forgets the oldest, and answers all of them")
  func manyQuestions() throws {
    var toy = ToyNetwork([1, 3, 5])
    var generator = SplitMix64(seed: 1)
    toy.add("Conv", ["x", toy.weight("w", generator.tensor([4, 3, 3]))], "c", ["pads": [1, 1]])
    toy.add("Relu", ["c"], "y")
    let network = try toy.network()
    for rows in Array(1..<161) + [1, 160, 100] {
      let x = generator.tensor([rows, 3, 5])
      let expected = try #require(naive(toy, at: ["x": Values(x)])["y"])
      #expect(
        distance(try network.values(of: ["y"], at: ["x": x])[0], expected) < Rounding.sum(of: 3 * 3 + 2))
      let seed = Tensor(expected.shape, repeating: 1)
      _ = try network.gradients(of: "y", seed: seed, withRespectTo: ["x"], at: ["x": x])
    }
    // Programs for the last 96 questions: values and gradients of up to 160 rows of some dozens of numbers.
    #expect(network.arenaBytes < 96 * 160 * (1 << 10))
  }

  @Test("small products by their definition are oneDNN's", arguments: [false, true], [false, true])
  func smallProducts(_ transposesA: Bool, _ transposesB: Bool) {
    var generator = SplitMix64(seed: 9)
    let (rows, columns, depth) = (5, 7, 11)
    let (a, b) = (generator.tensor([rows * depth]), generator.tensor([depth * columns]))
    for adding in [false, true] {
      var results = [[Float]](repeating: generator.tensor([rows * columns]).values, count: 2)
      a.withUnsafeValues { a in
        b.withUnsafeValues { b in
          guard let a = a.baseAddress, let b = b.baseAddress else { return }
          let x = MatrixView(a, stride: transposesA ? rows : depth, transposed: transposesA)
          let y = MatrixView(b, stride: transposesB ? depth : columns, transposed: transposesB)
          multiply(
            x, y, rows: rows, columns: columns, depth: depth, adding: adding, into: &results[0],
            stride: columns)
          multiplyByDefinition(
            x, y, rows: rows, columns: columns, depth: depth, adding: adding, into: &results[1],
            stride: columns)
        }
      }
      // At most `depth` products of numbers up to 1, and what is added to.
      let bound = Float(Rounding.sum(of: depth + 1) * Double(depth + 1))
      for (x, y) in zip(results[0], results[1]) { #expect(abs(x - y) < bound) }
    }
  }
}
