import Graphs
import OneDNN
import Tensors
import TestSupport
import Testing

/// What is refused, and in which words.
struct GraphErrorTests {
  private let relu = Activation(.relu(slope: 0), kind: "Relu")

  private func node(_ name: String, _ inputs: [String], _ outputs: [String]) -> Node {
    Node(name: name, operation: relu, inputs: inputs, outputs: outputs)
  }

  private func graph(
    _ nodes: [Node], inputs: [String] = ["x"], constants: [String: Tensor] = [:], outputs: [String] = ["y"]
  ) throws(GraphError) -> Graph {
    try Graph(
      name: "test", inputs: inputs.map { GraphInput(name: $0, dimensions: nil) }, nodes: nodes,
      constants: constants, outputs: outputs)
  }

  @Test("tensors that nothing makes, or that two make, or that make themselves")
  func malformed() {
    expectError("the graph is malformed: node 'a' (Relu) reads 'z', which nothing before it makes") {
      _ = try graph([node("a", ["z"], ["y"])])
    }
    expectError("the graph is malformed: node 'a' (Relu) reads 'y', which nothing before it makes") {
      _ = try graph([node("a", ["y"], ["y"])])
    }
    expectError("the graph is malformed: node 'a' (Relu) reads 't', which nothing before it makes") {
      _ = try graph([node("a", ["t"], ["y"]), node("b", ["y"], ["t"])])
    }
    expectError("the graph is malformed: tensor 'y' is defined twice") {
      _ = try graph([node("a", ["x"], ["y"]), node("b", ["x"], ["y"])])
    }
    expectError("the graph is malformed: tensor 'x' is defined twice") {
      _ = try graph([node("a", ["x"], ["x"])])
    }
    expectError("the graph is malformed: tensor 'x' is defined twice") {
      _ = try graph([node("a", ["x"], ["y"])], constants: ["x": Tensor([1])])
    }
    expectError("the graph is malformed: tensor 'x' is defined twice") {
      _ = try graph([node("a", ["x"], ["y"])], inputs: ["x", "x"])
    }
    expectError("the graph is malformed: output 'w' is never made") {
      _ = try graph([node("a", ["x"], ["y"])], outputs: ["y", "w"])
    }
  }

  @Test("unknown tensors, with those that may have been meant")
  func unknown() throws {
    let network = Network(
      try graph([node("a", ["x"], ["conv1/Relu"]), node("b", ["conv1/Relu"], ["y"])]), threads: 1)
    expectError(
      "no tensor is called 'conv1/relu'; nearest: 'conv1/Relu', 'x', 'y'; 'otoscope inspect MODEL' lists all"
    ) { _ = try network.values(of: ["conv1/relu"], at: ["x": Tensor([1, 2])]) }
    expectError(
      "no tensor is called 'relu'; nearest: 'conv1/Relu', 'x', 'y'; 'otoscope inspect MODEL' lists all"
    ) {
      _ = try network.gradients(
        of: "y", seed: Tensor([1, 2]), withRespectTo: ["relu"], at: ["x": Tensor([1, 2])])
    }
    expectError("no tensor is called 'image'; nearest: 'x'; 'otoscope inspect MODEL' lists all") {
      _ = try network.values(of: ["y"], at: ["x": Tensor([1, 2]), "image": Tensor([1, 2])])
    }
    #expect(
      nearest(to: "logit", among: ["conv", "logits", "Logits_2", "lobit"]) == ["logits", "Logits_2", "lobit"])
    #expect(nearest(to: "", among: ["a", "bb", "ccc", "dddd"]) == ["a", "bb", "ccc"])
    #expect(nearest(to: "x", among: []).isEmpty)
  }

  @Test("inputs of another shape than the graph declares")
  func inputs() throws {
    var toy = ToyNetwork([1, 3, 4])
    toy.add("Relu", ["x"])
    let network = try toy.network()
    expectError("input 'x' is missing; give an .npz with an array of that name") {
      _ = try network.values(of: ["y"], at: [:])
    }
    for shape in [[1, 3], [1, 3, 5], [1, 4, 3], [3, 4], [1, 1, 3, 4]] as [Shape] {
      expectError("input 'x' has shape \(shape), the model wants [N, 3, 4]") {
        _ = try network.values(of: ["y"], at: ["x": Tensor(shape)])
      }
    }
    toy.addInput("z", [1, 2])
    expectError("input 'z' has shape [3, 2], the model wants [N, 2]") {
      _ = try toy.network().values(of: ["y"], at: ["x": Tensor([2, 3, 4]), "z": Tensor([3, 2])])
    }
  }

  @Test("input shapes for a number of rows")
  func declaredShapes() throws {
    let input = GraphInput(name: "x", dimensions: [.symbolic("N"), .fixed(4)])
    #expect(try input.shape(batch: 7) == [7, 4])
    #expect(try GraphInput(name: "x", dimensions: [.fixed(1), .fixed(4)]).shape(batch: 7) == [7, 4])
    expectError("the shape of input 'x' is not known: the file declares none") {
      _ = try GraphInput(name: "x", dimensions: nil).shape(batch: 1)
    }
    expectError("the shape of input 'x' is not known: axis 1 is symbolic ('T')") {
      _ = try GraphInput(name: "x", dimensions: [.symbolic("N"), .symbolic("T")]).shape(batch: 1)
    }
  }

  @Test(
    "logits are what a final softmax or sigmoid reads",
    arguments: ["Softmax", "LogSoftmax", "Sigmoid", "Relu"])
  func logits(_ kind: String) throws {
    var toy = ToyNetwork([1, 3])
    toy.add("Neg", ["x"], "z")
    toy.add(kind, ["z"], "y")
    let network = Network(try toy.graph(), threads: 1)
    #expect(try network.revealingLogits(of: "y", at: ["x": [1, 3]]).logits == (kind == "Relu" ? "y" : "z"))
  }

  @Test("shapes that do not fit, or fit nowhere")
  func shapes() throws {
    func expect(
      _ message: String, for shape: Shape, _ kind: String, _ weights: [Shape] = [], integers: [Int]? = nil,
      _ attributes: [String: Attribute] = [:], sourceLocation: SourceLocation = #_sourceLocation
    ) {
      var toy = ToyNetwork(shape.dimensions)
      var operands = ["x"]
      for (index, shape) in weights.enumerated() { operands.append(toy.weight("w\(index)", Tensor(shape))) }
      if let integers { operands.append(toy.constant("i", integers)) }
      toy.add(kind, operands, "y", attributes)
      expectError("node 'node y' (\(kind)): \(message)", sourceLocation: sourceLocation) {
        _ = try toy.graph().shapes(for: ["x": shape])
      }
    }
    expect(
      "weights [8, 4, 3, 3] in 1 groups do not fit an input of shape [1, 3, 9, 9]", for: [1, 3, 9, 9], "Conv",
      [[8, 4, 3, 3]])
    expect(
      "weights [8, 1, 3, 3] in 3 groups do not fit an input of shape [1, 3, 9, 9]", for: [1, 3, 9, 9], "Conv",
      [[8, 1, 3, 3]], ["group": 3])
    expect(
      "weights [8, 4, 3, 3] in \(Int.max) groups do not fit an input of shape [1, 3, 9, 9]",
      for: [1, 3, 9, 9],
      "Conv", [[8, 4, 3, 3]], ["group": .integer(.max)])
    expect("a bias of shape [3] for 8 channels", for: [1, 3, 9, 9], "Conv", [[8, 3, 3, 3], [3]])
    expect(
      "a window of 5 does not fit 4 places (axis 3 of [1, 3, 9, 4])", for: [1, 3, 9, 4], "Conv",
      [[8, 3, 3, 3]], ["dilations": [1, 2]])
    expect(
      "a window of rank 2 does not fit a tensor of shape [1, 3, 9]", for: [1, 3, 9], "MaxPool", [],
      ["kernel_shape": [2, 2]])
    expect("a product of [1, 3] and [4, 2] is not defined here", for: [1, 3], "MatMul", [[4, 2]])
    expect("a term of shape [3] for a result of shape [1, 2]", for: [1, 3], "Gemm", [[3, 2], [3]])
    expect("[1, 3] and [2] cannot be broadcast together", for: [1, 3], "Add", [[2]])
    expect("[1, 3] and [0] cannot be broadcast together", for: [1, 3], "Add", [[0]])
    expect("axis 2 of a tensor of rank 2", for: [1, 3], "Squeeze", integers: [2])
    expect("axis 1 of [1, 3] is not 1 and cannot be squeezed", for: [1, 3], "Squeeze", integers: [1])
    expect("axes [1, 1] name a place twice", for: [1, 3], "Unsqueeze", integers: [1, 1])
    expect("[1, 3] cannot be reshaped to [2, -1]", for: [1, 3], "Reshape", integers: [2, -1])
    expect("[1, 3] cannot be reshaped to [-1, -1]", for: [1, 3], "Reshape", integers: [-1, -1])
    expect(
      "[1, 3] cannot be reshaped to [\(Int.max), \(Int.max)]", for: [1, 3], "Reshape",
      integers: [.max, .max])
    expect("[1, 3] cannot be reshaped to [1, 3, 0]", for: [1, 3], "Reshape", integers: [1, 3, 0])
    expect("[1, 0] does not reorder 3 axes", for: [1, 3, 2], "Transpose", [], ["perm": [1, 0]])
    expect("axis 2 of [1, 3]", for: [1, 3], "Softmax", [], ["axis": 2])
    expect("2 scales for an input of shape [1, 3]", for: [1, 3], "BatchNormalization", [[2], [2], [2], [2]])
    let axes = Array(1...11)
    expect(
      "its result of shape [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3] has more than the 12 axes that oneDNN knows",
      for: [1, 3], "Unsqueeze", integers: axes)
    expect(
      "its result of shape [1, 1, 1073741826, 2097156] would not fit into memory",
      for: [1, 1, 1 << 30, 4], "Conv", [[1, 1, 1, 1]], ["pads": [1, 1 << 20, 1, 1 << 20]])
  }

  @Test("a declared shape beyond any memory is an error where it is asked for")
  func hugeInput() throws {
    var toy = ToyNetwork([1, 1 << 30, 1 << 30, 1 << 30])
    toy.add("Flatten", ["x"])
    let shape = try toy.graph().inputs[0].shape(batch: 1)
    expectError("the shape of input 'x' is not known: \(shape) would not fit into memory") {
      _ = try toy.graph().shapes(for: ["x": shape])
    }
  }
}
