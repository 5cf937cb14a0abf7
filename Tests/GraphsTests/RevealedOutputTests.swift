import Glibc
import Graphs
import Tensors
import TestSupport
import Testing

/// What the end of a graph says of its values. Networks that exporters write are in `ModelsTests/Golden/endings`.
struct RevealedOutputTests {
  private struct Ending: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Adds nodes behind `x`, `[N, 3, 4]`; the last makes `y`.
    let add: @Sendable (inout HandmadeONNX) -> Void

    init(_ name: String, _ add: @escaping @Sendable (inout HandmadeONNX) -> Void) {
      (testDescription, self.add) = (name, add)
    }

    func revealed() throws -> RevealedOutput? {
      var file = HandmadeONNX(input: "x", ["N", 3, 4])
      add(&file)
      return try ONNXModel(file.bytes, from: "toy.onnx").graph.revealing("y", at: ["x": [2, 3, 4]])
    }
  }

  private static func number(_ value: Float) -> Tensor { Tensor([], [value]) }

  private static let others: [Ending] = [
    Ending("swish") {
      $0.add("Sigmoid", ["x"], "s")
      $0.add("Mul", ["x", "s"], "y")
    },
    Ending("a sum of two sigmoids") {
      $0.add("Sigmoid", ["x"], "s")
      $0.add("Add", ["s", "s"], "y")
    },
    Ending("twice a sigmoid") {
      $0.add("Sigmoid", ["x"], "s")
      $0.add("Mul", ["s"], "y", weights: [number(2)])
    },
    Ending("less than a sigmoid") {
      $0.add("Sigmoid", ["x"], "s")
      $0.add("Sub", ["s"], "y", weights: [number(0.5)])
    },
    Ending("a clip that cuts") {
      $0.add("Sigmoid", ["x"], "s")
      $0.add("Clip", ["s"], "y", weights: [number(0.2), number(0.8)])
    },
    Ending("a clip of anything") { $0.add("Clip", ["x"], "y", weights: [number(0), number(1)]) },
    Ending("a layer behind a sigmoid") {
      $0.add("Sigmoid", ["x"], "s")
      $0.add("MatMul", ["s"], "y", weights: [Tensor([4, 2], repeating: 0.5)])
    },
    Ending("the mean of all classes of a softmax") {
      $0.add("Softmax", ["x"], "s")
      $0.add("ReduceMean", ["s"], "y", ["axes": [2]])
    },
    Ending("exponentials over another sum") {
      $0.add("Exp", ["x"], "e")
      $0.add("Sigmoid", ["x"], "s")
      $0.add("ReduceSum", ["s"], "sum")
      $0.add("Div", ["e", "sum"], "y")
    },
    Ending("tanh") { $0.add("Tanh", ["x"], "y") }, Ending("ReLU") { $0.add("Relu", ["x"], "y") },
  ]

  @Test("What is no activation is taken for none", arguments: others)
  private func other(_ ending: Ending) throws { #expect(try ending.revealed() == nil) }

  private static let noLogits: [Ending] = [
    Ending("a mean over places of a sigmoid") {
      $0.add("Sigmoid", ["x"], "s")
      $0.add("ReduceMean", ["s"], "y", ["axes": [1]])
    },
    Ending("a maximum over places of a softmax") {
      $0.add("Softmax", ["x"], "s")
      $0.add("ReduceMax", ["s"], "y", ["axes": [1]])
    },
    Ending("a product of probabilities") {
      $0.add("Sigmoid", ["x"], "s")
      $0.add("Softmax", ["x"], "t")
      $0.add("Mul", ["s", "t"], "y")
    },
  ]

  @Test("Probabilities that no tensor of the graph is the logit of", arguments: noLogits)
  private func withoutLogits(_ ending: Ending) throws {
    let revealed = try #require(try ending.revealed())
    #expect(revealed.logits == nil && !revealed.isLogarithm)
  }

  private static let sigmoids: [Ending] = [
    Ending("a maximum over places") {
      $0.add("Sigmoid", ["x"], "s")
      $0.add("ReduceMax", ["s"], "y", ["axes": [1]])
    },
    Ending("1 / (1 + exp(−x))") {
      $0.add("Neg", ["x"], "n")
      $0.add("Exp", ["n"], "e")
      $0.add("Add", ["e"], "d", weights: [number(1)])
      $0.add("Reciprocal", ["d"], "y")
    },
    Ending("½ + ½ tanh(x / 2)") {
      $0.add("Mul", ["x"], "h", weights: [number(0.5)])
      $0.add("Tanh", ["h"], "t")
      $0.add("Mul", ["t"], "u", weights: [number(0.5)])
      $0.add("Add", ["u"], "y", weights: [number(0.5)])
    },
  ]

  // Of numbers of order 1, in single precision.
  @Test("A sigmoid's logits lie where its values lie", arguments: sigmoids)
  private func sigmoid(_ ending: Ending) throws {
    let revealed = try #require(try ending.revealed())
    let logits = try #require(revealed.logits)
    #expect(revealed.activation == .sigmoid)
    let x = Tensor([2, 3, 4], (0..<24).map { Float($0 * 7 % 11) / 4 - 1 })
    let found = try Network(revealed.graph, threads: 1).values(of: [logits, "y"], at: ["x": x])
    #expect(found[0].shape == found[1].shape)
    for (z, y) in zip(found[0].values, found[1].values) { #expect(abs(1 / (1 + expf(-z)) - y) < 1e-6) }
  }
}
