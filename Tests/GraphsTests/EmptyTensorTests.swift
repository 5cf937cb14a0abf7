import Graphs
import Tensors
import TestSupport
import Testing

/// Tensors of no elements: in shapes, constants and operators, and gradients past them.
struct EmptyTensorTests {
  private func value(_ toy: ToyNetwork, _ x: Tensor) throws -> Tensor {
    try toy.network().values(of: [toy.result], at: ["x": x])[0]
  }

  /// The gradient of the sum of all results with respect to `x`.
  private func gradient(_ toy: ToyNetwork, _ x: Tensor) throws -> Tensor {
    let network = try toy.network()
    let shape = try network.shape(of: toy.result, at: ["x": x.shape])
    return try network.gradients(
      of: toy.result, seed: Tensor(shape, repeating: 1), withRespectTo: ["x"], at: ["x": x]
    ).gradients[0]
  }

  private let x = Tensor([2, 3], [1, -2, 3, 4, 5, -6])

  /// `x` cut to nothing along `axis`.
  private func nothing(along axis: Int, then add: (inout ToyNetwork) -> Void) -> ToyNetwork {
    var toy = ToyNetwork([2, 3])
    toy.add(
      "Slice",
      ["x", toy.constant("from", [1]), toy.constant("to", [1]), toy.constant("along", [axis])], "nothing")
    add(&toy)
    return toy
  }

  @Test("element-wise operators, products and moves of nothing are nothing")
  func nothingStays() throws {
    let cases: [(Shape, (inout ToyNetwork) -> Void)] = [
      ([2, 0], { $0.add("Relu", ["nothing"]) }),
      ([2, 0], { $0.add("Softmax", ["nothing"]) }),
      ([2, 0], { $0.add("Add", ["nothing", $0.weight("w", Tensor([1], [3]))]) }),
      ([0, 2], { $0.add("Transpose", ["nothing"], "y", ["perm": [1, 0]]) }),
      ([2, 1, 0], { $0.add("Unsqueeze", ["nothing", $0.constant("axes", [1])]) }),
      ([0, 7], { $0.add("Reshape", ["nothing", $0.constant("shape", [-1, 7])]) }),
      ([0, 4], { $0.add("Reshape", ["nothing", $0.constant("shape", [0, 4])], "y", ["allowzero": 1]) }),
      ([2, 0], { $0.add("Reshape", ["nothing", $0.constant("shape", [0, 0])]) }),
      ([2, 0], { $0.add("Gather", ["nothing", $0.constant("places", [1, 0])]) }),
      ([0, 0], { $0.add("MatMul", [$0.weight("w", Tensor([0, 2])), "nothing"]) }),
      ([2, 0], { $0.add("Concat", ["nothing", "nothing"], "y", ["axis": 1]) }),
      ([4, 0], { $0.add("Concat", ["nothing", "nothing"], "y", ["axis": 0]) }),
      ([2, 0], { $0.add("Tile", ["nothing", $0.constant("times", [1, 3])]) }),
      ([6, 0], { $0.add("Tile", ["nothing", $0.constant("times", [3, 1])]) }),
      ([5, 2, 0], { $0.add("Expand", ["nothing", $0.constant("shape", [5, 1, 1])]) }),
      ([0], { $0.add("ReduceSum", ["nothing", $0.constant("axes", [0])], "y", ["keepdims": 0]) }),
    ]
    for (shape, add) in cases {
      let toy = nothing(along: 1, then: add)
      let kind = toy.operations.last?.kind ?? ""
      #expect(try value(toy, x).shape == shape, "\(kind)")
      #expect(try gradient(toy, x) == Tensor([2, 3]), "\(kind)")
    }
  }

  @Test("a reduction over nothing is its neutral element, as in NumPy and ONNX")
  func reductions() throws {
    let expected: [(String, Float)] = [
      ("ReduceSum", 0), ("ReduceL1", 0), ("ReduceL2", 0), ("ReduceSumSquare", 0), ("ReduceProd", 1),
      ("ReduceMax", -.infinity), ("ReduceMin", .infinity), ("ReduceLogSum", -.infinity),
      ("ReduceLogSumExp", -.infinity),
    ]
    for (kind, number) in expected {
      var toy = nothing(along: 1) { _ in }
      toy.opset = 18
      toy.add(kind, ["nothing", toy.constant("axes", [1])])
      #expect(try value(toy, x) == Tensor([2, 1], repeating: number), "\(kind)")
      #expect(try gradient(toy, x) == Tensor([2, 3]), "\(kind)")
    }
    var mean = nothing(along: 1) { _ in }
    mean.add("ReduceMean", ["nothing"])
    #expect(try value(mean, x).values.allSatisfy(\.isNaN))
  }

  @Test("a product over no terms is zero, and what is added to it stays")
  func products() throws {
    let bias = Tensor([4], [1, 2, 3, 4])
    var toy = nothing(along: 1) { $0.add("MatMul", ["nothing", $0.weight("w", Tensor([0, 4]))]) }
    #expect(try value(toy, x) == Tensor([2, 4]))
    #expect(try gradient(toy, x) == Tensor([2, 3]))
    toy.add("Add", ["y", toy.weight("b", bias)], "sum")
    #expect(try value(toy, x) == Tensor([2, 4], bias.values + bias.values))
    let gemm = nothing(along: 1) {
      $0.add("Gemm", ["nothing", $0.weight("w", Tensor([0, 4])), $0.weight("b", bias)], "y", ["beta": 0.5])
    }
    #expect(try value(gemm, x) == Tensor([2, 4], (bias.values + bias.values).map { $0 / 2 }))
    // The gradient of a factor whose product is empty.
    var wide = ToyNetwork([2, 3])
    wide.add("MatMul", ["x", wide.weight("w", Tensor([3, 0]))])
    #expect(try value(wide, x).shape == [2, 0])
    #expect(try gradient(wide, x) == Tensor([2, 3]))
  }

  @Test("parts of no extent: joined, split off, padded, scattered")
  func parts() throws {
    var toy = nothing(along: 1) { $0.add("Concat", ["x", "nothing", "x"], "y", ["axis": 1]) }
    #expect(try value(toy, x).shape == [2, 6])
    #expect(try gradient(toy, x) == Tensor([2, 3], repeating: 2))
    toy = nothing(along: 1) {
      $0.add("Pad", ["nothing", $0.constant("pads", [0, 1, 0, 2]), $0.weight("v", Tensor([], [7]))])
    }
    #expect(try value(toy, x) == Tensor([2, 3], repeating: 7))
    #expect(try gradient(toy, x) == Tensor([2, 3]))

    toy = ToyNetwork([2, 3])
    toy.add("Split", ["x", toy.constant("sizes", [0, 3, 0])], "none", ["axis": 1])
    toy.operations[0].furtherOutputs = ["all", "rest"]
    toy.add("Neg", ["all"])
    #expect(try value(toy, x) == Tensor([2, 3], x.values.map { -$0 }))
    #expect(try gradient(toy, x) == Tensor([2, 3], repeating: -1))
    #expect(try toy.network().values(of: ["none", "rest"], at: ["x": x]).map(\.shape) == [[2, 0], [2, 0]])

    toy = ToyNetwork([2, 3])
    toy.integers["places"] = []
    toy.add("Gather", ["x", "places"])
    #expect(try value(toy, x).shape == [0, 3])
    #expect(try gradient(toy, x) == Tensor([2, 3]))

    toy = ToyNetwork([2, 3])
    toy.extraTensors = [
      Self.noIndices { $0.string(8, "places") }
    ]
    toy.add("ScatterND", ["x", "places", toy.weight("updates", Tensor([0, 3]))])
    #expect(try value(toy, x) == x)
    #expect(try gradient(toy, x) == Tensor([2, 3], repeating: 1))
  }

  /// A constant of whole numbers of shape `[0, 1]`.
  private static func noIndices(_ name: (inout ProtobufWriter) -> Void) -> [UInt8] {
    var tensor = ProtobufWriter()
    tensor.packed(1, [0, 1])
    tensor.integer(2, 7)
    name(&tensor)
    return tensor.bytes
  }

  @Test("constants of no elements: empty lists of axes, shapes, places")
  func constants() throws {
    var toy = ToyNetwork([2, 3])
    toy.add("ConstantOfShape", [toy.constant("none", [0])], "filled")
    toy.add("Concat", ["x", "filled"], "y", ["axis": 0])
    #expect(try value(toy, x) == x)

    toy = ToyNetwork([2, 3])
    toy.add(
      "Range",
      [
        toy.constant("a", [4]), toy.constant("b", [4]), toy.constant("c", [1]),
      ], "places")
    toy.scalars = ["a", "b", "c"]
    toy.add("Gather", ["x", "places"], "y", ["axis": 1])
    #expect(try value(toy, x).shape == [2, 0])

    toy = ToyNetwork([2, 3])
    toy.add("NonZero", [toy.weight("zeros", Tensor([3]))], "places")
    toy.add("Squeeze", ["places", toy.constant("axes", [0])], "flat")
    toy.add("Gather", ["x", "flat"], "y", ["axis": 1])
    #expect(try value(toy, x).shape == [2, 0])

    toy = ToyNetwork([2, 3])
    toy.add("Compress", ["x", toy.constant("kept", [0, 0, 0])], "y", ["axis": 1])
    #expect(try value(toy, x).shape == [2, 0])

    // A sum of shapes: the first part of the shape, before its last axis, is empty for a vector.
    toy = ToyNetwork([6])
    toy.inputs[0].dimensions = [nil]
    toy.add("Shape", ["x"], "shape")
    toy.add("Split", ["shape", toy.constant("sizes", [0, 1])], "outer", ["axis": 0])
    toy.operations[1].furtherOutputs = ["inner"]
    toy.add("Concat", ["outer", toy.constant("halves", [2, -1])], "wanted", ["axis": 0])
    toy.add("Reshape", ["x", "wanted"])
    #expect(try value(toy, Tensor([6], x.values)).shape == [2, 3])
  }

  @Test("inputs of no elements")
  func inputs() throws {
    var toy = ToyNetwork([1, 3])
    toy.addInput("cache", [1, 3])
    toy.inputs[0].dimensions = [2, 3]
    toy.add("Concat", ["cache", "x"], "y", ["axis": 0])
    let values = try toy.network().values(of: ["y"], at: ["x": x, "cache": Tensor([0, 3])])
    #expect(values[0] == x)
    var alone = ToyNetwork([1, 3])
    alone.add("Relu", ["x"])
    #expect(try value(alone, Tensor([0, 3])).shape == [0, 3])
  }

  @Test("an operation that needs elements says which operand has none, and names its node once")
  func refused() {
    var toy = nothing(along: 1) { $0.add("ArgMax", ["nothing"], "y", ["axis": 1]) }
    expectError("node 'node y' (ArgMax): operand 0 is empty, of shape [2, 0]") { _ = try value(toy, x) }
    toy = ToyNetwork([2, 3])
    toy.add("Gather", [toy.weight("w", Tensor([0, 3])), toy.constant("places", [1])], "row")
    toy.add("Add", ["x", "row"])
    expectError("node 'node row' (Gather): operand 0 is empty, of shape [0, 3]") { _ = try toy.graph() }
    toy = ToyNetwork([2, 3])
    toy.add("Gather", [toy.weight("w", Tensor([2, 3])), toy.constant("places", [5])], "row")
    toy.add("Add", ["x", "row"])
    expectError("node 'node row' (Gather): index 5.0 into an axis of 2") { _ = try toy.graph() }
  }
}
