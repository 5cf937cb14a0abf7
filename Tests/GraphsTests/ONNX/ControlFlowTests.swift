import Graphs
import Tensors
import TestSupport
import Testing

/// `If` and `Loop`: bodies copied in under names of their own.
struct ControlFlowTests {
  /// The branches `x · 10` and `−x`, which call their tensors the same.
  private func branches() -> [String: Attribute] {
    [
      "then_branch": .graph(
        body([], ["t"]) { $0.add("Mul", ["x", $0.weight("k", Tensor([], [10]))], "t") }),
      "else_branch": .graph(
        body([], ["t"]) {
          $0.add("Neg", ["x"], "k")
          $0.add("Identity", ["k"], "t")
        }),
    ]
  }

  private let x = Tensor([1, 3], [1, -2, 4])

  @Test("a branch chosen by a constant", arguments: [0, 1])
  func branch(_ condition: Int) throws {
    var toy = ToyNetwork([1, 3])
    toy.add("If", [toy.constant("c", [condition])], "a", branches())
    // Names inside may be those of another body, or of a tensor outside that is made later.
    toy.add("If", [toy.constant("d", [1 - condition])], "b", branches())
    toy.add("Add", ["a", "b"], "t")
    let results = try toy.network().values(of: ["a", "t"], at: ["x": x])
    let a: [Float] = condition == 1 ? [10, -20, 40] : [-1, 2, -4]
    #expect(results[0].values == a)
    #expect(results[1].values == [9, -18, 36])
    let gradient = try toy.network()
      .gradients(of: "t", seed: Tensor([1, 3], repeating: 1), withRespectTo: ["x"], at: ["x": x]).gradients[0]
    #expect(gradient.values == [9, 9, 9])
  }

  @Test("a branch chosen by the shape of the input")
  func branchByShape() throws {
    var toy = ToyNetwork([1, 3])
    toy.add("Size", ["x"], "n")
    toy.add("Sub", ["n", toy.constant("six", [6])], "c")
    // The body is not entered before the shape is known, but what it reads must be there.
    toy.add("Relu", ["x"], "z")
    var branches = branches()
    branches["else_branch"] = .graph(body([], ["z"]) { _ in })
    toy.add("If", ["c"], "y", branches)
    let graph = try toy.graph()
    #expect(graph.dependsOnShapes)
    #expect(Set(graph.producer(of: "y")?.inputs ?? []) == ["c", "x", "z"])
    let network = Evaluator(graph, threads: 1)
    #expect(try network.values(of: ["y"], at: ["x": x])[0].values == [10, -20, 40])
    let two = Tensor([2, 3], [1, -2, 4, -1, 2, -4])
    #expect(try network.values(of: ["y"], at: ["x": two])[0].values == [1, 0, 4, 0, 2, 0])
  }

  /// `h ← 2h + x`, and for each turn a row `h + turn`.
  private func doubling() -> ToyNetwork {
    var toy = ToyNetwork([1, 3])
    toy.inputs[0].dimensions = [1, 3]
    let body = body(["i", "go", "h"], ["on", "next", "row"]) { body in
      body.add("Identity", ["go"], "on")
      body.add("Mul", ["h", body.weight("two", Tensor([], [2]))], "doubled")
      body.add("Add", ["doubled", "x"], "next")
      body.add("Add", ["next", "i"], "row")
    }
    toy.add("Loop", [toy.constant("m", [3]), "", "x"], "last", ["body": .graph(body)])
    return toy
  }

  @Test("a loop that carries a value")
  func loop() throws {
    let toy = doubling()
    #expect(try toy.network().values(of: ["last"], at: ["x": x])[0].values == [15, -30, 60])
    let gradient = try toy.network()
      .gradients(of: "last", seed: x, withRespectTo: ["x"], at: ["x": x]).gradients[0]
    #expect(gradient.values == [15, -30, 60])
  }

  @Test("a loop that collects a row from each turn")
  func rows() throws {
    var toy = doubling()
    toy.operations[0].skippedResults = 1
    toy.operations[0].output = "rows"
    let rows = try toy.network().values(of: ["rows"], at: ["x": x])[0]
    #expect(rows == Tensor([3, 1, 3], [3, -6, 12, 8, -13, 29, 17, -28, 62]))
    toy.integers["m"] = [0]
    // The body does not declare the shape of a row.
    #expect(try toy.network().values(of: ["rows"], at: ["x": x])[0] == Tensor([0]))
  }

  @Test("a loop that ends by its condition, and loops within loops")
  func nested() throws {
    var toy = ToyNetwork([1, 3])
    let inner = body(["j", "on", "v"], ["on", "w"]) { $0.add("Add", ["v", "h"], "w") }
    let outer = body(["i", "on", "h"], ["more", "v"]) { body in
      body.add("Sub", ["i", "end"], "more")
      body.add("Loop", [body.constant("twice", [2]), "", "h"], "v", ["body": .graph(inner)])
    }
    _ = toy.constant("end", [3])
    // Turns 0, 1, 2 and 3, each of which makes the value three times as large.
    toy.add("Loop", ["", "", "x"], "y", ["body": .graph(outer)])
    #expect(try toy.network().values(of: ["y"], at: ["x": x])[0].values == [81, -162, 324])
    // None at all.
    toy.operations[0].inputs[1] = toy.constant("never", [0])
    #expect(try toy.network().values(of: ["y"], at: ["x": x])[0].values == [1, -2, 4])
  }

  @Test("a loop as long as the input")
  func loopByShape() throws {
    var toy = ToyNetwork([1, 3])
    toy.add("Size", ["x"], "n")
    let body = body(["i", "on", "h"], ["on", "next"]) { $0.add("Add", ["h", "x"], "next") }
    toy.add("Loop", ["n", "", "x"], "y", ["body": .graph(body)])
    let network = try toy.network()
    #expect(try network.values(of: ["y"], at: ["x": x])[0].values == [4, -8, 16])
    let two = Tensor([2, 3], [1, -2, 4, 0, 0, 1])
    #expect(try network.values(of: ["y"], at: ["x": two])[0].values == [7, -14, 28, 0, 0, 7])
  }

  @Test("control flow that depends on the numbers, and bodies that do not fit")
  func refused() {
    func expect(
      _ message: String, _ kind: String, _ operands: [TensorName], _ attributes: [String: Attribute],
      sourceLocation: SourceLocation = #_sourceLocation
    ) {
      var toy = ToyNetwork([1, 3])
      toy.inputs[0].dimensions = [1, 3]
      _ = toy.constant("one", [1])
      _ = toy.constant("huge", [1 << 40])
      toy.add(kind, operands, "y", attributes)
      expectError("node 'node y' (\(kind)): \(message)", sourceLocation: sourceLocation) {
        _ = try toy.graph()
      }
    }
    let shapes = "must follow from the shapes of the network's inputs, or from inputs of known value"
    expect("operand 0 ('x') \(shapes)", "If", ["x"], branches())
    expect("it has no condition", "If", [], branches())
    expect("its then_branch does not make 1 results", "If", ["one"], [:])
    expect("it has no body", "Loop", ["one"], [:])
    expect(
      "its body takes 1 values and gives 1, with 0 carried", "Loop", ["one"],
      ["body": .graph(body(["i"], ["go"]) { _ in })])
    let idle = body(["i", "go", "h"], ["go", "h"]) { _ in }
    expect("operand 0 ('x') \(shapes)", "Loop", ["x", "", "x"], ["body": .graph(idle)])
    expect("operand 1 ('x') \(shapes)", "Loop", ["", "x", "x"], ["body": .graph(idle)])
    expect(
      "whether turn 1 is made ('h') \(shapes)", "Loop", ["", "", "x"],
      ["body": .graph(body(["i", "go", "h"], ["h", "h"]) { _ in })])
    for trips in ["", "huge"] {
      expect(
        "the bodies come to more than 40000 nodes; export a shorter loop", "Loop", [trips, "", "x"],
        ["body": .graph(idle)])
    }
    // Said before the turns are read, or their weights would be too many first.
    let heavy = body(["i", "go", "h"], ["on", "h"]) {
      $0.add("Identity", ["go"], "on")
      _ = $0.weight("w", Tensor([1 << 20], repeating: 1))
    }
    expect(
      "the bodies come to more than 40000 nodes; export a shorter loop", "Loop", ["huge", "", "x"],
      ["body": .graph(heavy)])
    // A condition that follows from the number of the turn may end the loop at any time.
    let ending = body(["i", "go", "h"], ["on", "h"]) {
      $0.add("Less", ["i", $0.constant("last", [2])], "on")
    }
    var toy = ToyNetwork([1, 3])
    toy.add("Loop", [toy.constant("huge", [1 << 40]), "", "x"], "y", ["body": .graph(ending)])
    #expect(throws: Never.self) { _ = try toy.graph() }
  }
}
