import Files
import Graphs
import Tensors
import TestSupport
import Testing

/// What is read from a file besides operators: weights in every form, metadata, and what is refused.
struct ReadingTests {
  /// `y = x · w`, `x` of two numbers; `w` a tensor written by `weight`.
  private func file(
    opset: Int = 17, kind: String = "Mul", _ weight: (inout ProtobufWriter) -> Void
  ) -> [UInt8] {
    var toy = ToyNetwork([1, 2], opset: opset)
    toy.add(kind, ["x", "w"])
    var tensor = ProtobufWriter()
    tensor.string(8, "w")
    weight(&tensor)
    toy.extraTensors = [tensor.bytes]
    return toy.bytes()
  }

  private func run(_ bytes: [UInt8], at x: [Float] = [1, 10]) throws -> Tensor {
    try Evaluator(try ONNXModel(bytes, from: "toy.onnx").graph, threads: 1)
      .values(of: ["y"], at: ["x": Tensor([1, 2], x)])[0]
  }

  /// The element type, as raw bytes and in the list that ONNX has for it.
  private static let floats: [(type: Int, raw: [UInt8], field: Int, varints: [Int], expected: [Float])] = [
    (10, littleEndian(UInt16(0x3E00)) + littleEndian(UInt16(0xC000)), 5, [0x3E00, 0xC000], [1.5, -20]),
    (16, littleEndian(UInt16(0x3FC0)) + littleEndian(UInt16(0xC000)), 5, [0x3FC0, 0xC000], [1.5, -20]),
  ]

  @Test("weights of 16 bits", arguments: [0, 1])
  func halves(_ index: Int) throws {
    let form = Self.floats[index]
    let raw = file {
      $0.packed(1, [2])
      $0.integer(2, form.type)
      $0.data(9, form.raw)
    }
    let typed = file {
      $0.packed(1, [2])
      $0.integer(2, form.type)
      $0.packed(form.field, form.varints)
    }
    #expect(try run(raw).values == form.expected)
    #expect(try run(typed).values == form.expected)
  }

  @Test("weights of 32 and 64 bits")
  func floats() throws {
    let (single, double): ([Float], [Double]) = ([1.5, -2], [1.5, -2])
    let files = [
      file {
        $0.packed(1, [2])
        $0.integer(2, 1)
        $0.packed(4, single)
      },
      file {
        $0.packed(1, [2])
        $0.integer(2, 1)
        $0.data(9, single.flatMap { littleEndian($0.bitPattern) })
      },
      file {
        $0.packed(1, [1, 2])
        $0.integer(2, 11)
        $0.packed(10, double)
      },
      file {
        $0.packed(1, [2])
        $0.integer(2, 11)
        $0.data(9, double.flatMap { littleEndian($0.bitPattern) })
      },
    ]
    for bytes in files { #expect(try run(bytes).values == [1.5, -20]) }
  }

  @Test("shapes as integers of any width")
  func integers() throws {
    let wide: [Int64] = [2, -1]
    let narrow: [Int32] = [2, -1]
    let files = [
      file(kind: "Reshape") {
        $0.packed(1, [2])
        $0.integer(2, 7)
        $0.packed(7, wide.map { Int($0) })
      },
      file(kind: "Reshape") {
        $0.packed(1, [2])
        $0.integer(2, 7)
        $0.data(9, wide.flatMap { littleEndian($0) })
      },
      file(kind: "Reshape") {
        $0.packed(1, [2])
        $0.integer(2, 6)
        $0.packed(5, narrow.map { Int($0) })
      },
      file(kind: "Reshape") {
        $0.packed(1, [2])
        $0.integer(2, 6)
        $0.data(9, narrow.flatMap { littleEndian($0) })
      },
      file(kind: "Reshape") {
        $0.packed(1, [2])
        $0.integer(2, 3)
        $0.data(9, [2, 0xFF])
      },
    ]
    for bytes in files { #expect(try run(bytes).shape == [2, 1]) }
  }

  @Test("weights whose shape, type and bytes contradict each other")
  func damaged() {
    func expect(
      _ reason: String, sourceLocation: SourceLocation = #_sourceLocation,
      _ weight: (inout ProtobufWriter) -> Void
    ) {
      expectError(
        "weight 'w': \(reason); the file is damaged, export the model again", sourceLocation: sourceLocation
      ) { _ = try ONNXModel(file(weight), from: "toy.onnx") }
    }
    expect("declares 2 elements of shape [2] in 7 bytes") {
      $0.packed(1, [2])
      $0.integer(2, 1)
      $0.data(9, [1, 2, 3, 4, 5, 6, 7])
    }
    expect("declares 2 elements of shape [2] and has 0") {
      $0.packed(1, [2])
      $0.integer(2, 1)
    }
    expect("declares 1 elements of shape [] and has 2") {
      $0.integer(2, 1)
      $0.packed(4, [1, 2] as [Float])
    }
    expect("has the impossible shape [-2]") {
      $0.packed(1, [-2])
      $0.integer(2, 1)
    }
    for dims in [
      [1 << 41], [1 << 32, 1 << 32], [.max, .max], [0, 1 << 62, 1 << 62], [2, .min], [1 << 20, 1 << 20],
    ] {
      expect("has the impossible shape \(dims)") {
        $0.packed(1, dims)
        $0.integer(2, 1)
      }
    }
    expect("declares 1073741824 elements of shape [1073741824] and has 0") {
      $0.packed(1, [1 << 30])
      $0.integer(2, 1)
    }
    expect("has the element type 8, which is not read") {
      $0.packed(1, [2])
      $0.integer(2, 8)
    }
    for (field, value) in [(13, nil), (14, 1)] as [(Int, Int?)] {
      expect("is kept in an external file, which is not read") { tensor in
        tensor.packed(1, [2])
        tensor.integer(2, 1)
        if let value {
          tensor.integer(field, value)
        } else {
          tensor.message(field) { $0.string(1, "location") }
        }
      }
    }
  }

  @Test("a weight given twice, or under the name of an input that is not one")
  func duplicates() throws {
    var toy = ToyNetwork([1, 2])
    toy.add("Relu", ["x"])
    toy.extraTensors = [0, 1].map { _ in
      var tensor = ProtobufWriter()
      tensor.string(8, "w")
      tensor.integer(2, 1)
      tensor.packed(4, [1] as [Float])
      return tensor.bytes
    }
    expectError("the graph is malformed: tensor 'w' is defined twice") { _ = try toy.graph() }
    // Old files list their weights among the inputs as well.
    var old = ToyNetwork([1, 2])
    _ = old.weight("w", Tensor([2], [2, 3]))
    old.addInput("w", [2])
    old.add("Mul", ["x", "w"])
    #expect(try old.graph().inputs.map(\.name) == ["x"])
  }

  @Test("all unknown operators at once, with their nodes")
  func missing() throws {
    var toy = ToyNetwork([1, 2])
    toy.add("Mystery", ["x"], "a")
    toy.add("Relu", ["a"], "b")
    for index in 1...5 { toy.add("Riddle", ["b"], "l\(index)") }
    toy.add("Mystery", ["b"])
    expectError(
      "toy.onnx: uses operators that Otoscope does not know: Mystery ('node a', 'node y'); "
        + "Riddle ('node l1', 'node l2', 'node l3', 'node l4' and 1 more)"
    ) { _ = try toy.graph() }
  }

  @Test("operators in forms that are not known")
  func unsupported() {
    func expect(
      _ reason: String, _ kind: String, _ operands: [String] = ["x"], _ attributes: [String: Attribute] = [:],
      sourceLocation: SourceLocation = #_sourceLocation
    ) {
      var toy = ToyNetwork([1, 2, 4, 4])
      _ = toy.weight("w", Tensor([2, 2, 1, 1]))
      _ = toy.weight("one", Tensor([1]))
      _ = toy.weight("two", Tensor([2]))
      toy.add(kind, operands, "y", attributes)
      expectError("node 'node y' (\(kind)): \(reason)", sourceLocation: sourceLocation) {
        _ = try toy.graph().resolved(for: ["x": [1, 2, 4, 4]])
      }
    }
    expect("it has 1 operands and needs 2", "Conv")
    expect("it has 2 operands and needs 2", "Add", ["x", ""])
    expect("group = 0", "Conv", ["x", "w"], ["group": 0])
    expect("group = -1", "Conv", ["x", "w"], ["group": -1])
    expect("auto_pad = FULL", "Conv", ["x", "w"], ["auto_pad": "FULL"])
    let window = "a window of kernel [1, 1], strides"
    expect("\(window) [0, 1], dilations [1, 1], pads [0, 0, 0, 0]", "Conv", ["x", "w"], ["strides": [0, 1]])
    expect(
      "\(window) [-1, 1], dilations [1, 1], pads [0, 0, 0, 0]", "Conv", ["x", "w"], ["strides": [-1, 1]])
    expect("\(window) [1], dilations [1, 1], pads [0, 0, 0, 0]", "Conv", ["x", "w"], ["strides": [1]])
    expect(
      "\(window) [1, 1], dilations [0, 1], pads [0, 0, 0, 0]", "Conv", ["x", "w"], ["dilations": [0, 1]])
    expect(
      "\(window) [1, 1], dilations [1, 1], pads [-1, 0, 0, 0]", "Conv", ["x", "w"], ["pads": [-1, 0, 0, 0]])
    expect("\(window) [1, 1], dilations [1, 1], pads [1]", "Conv", ["x", "w"], ["pads": [1]])
    expect(
      "\(window) [1, \(Int.max)], dilations [1, 1], pads [0, 0, 0, 0]", "Conv", ["x", "w"],
      ["strides": [1, .max]])
    expect("it has no kernel_shape", "MaxPool")
    expect("it has 2 operands and needs 5", "BatchNormalization", ["x", "one"])
    expect("perm = [0, 0, 1, 2]", "Transpose", ["x"], ["perm": [0, 0, 1, 2]])
    expect("perm = [0, 1, 2, \(Int.min)]", "Transpose", ["x"], ["perm": [0, 1, 2, .min]])
    expect("it names no shape", "Reshape")
    expect(
      "operand 1 ('x') must follow from the shapes of the network's inputs, or from inputs of known value",
      "Reshape", ["x", "x"])
    expect("it names no axes", "Unsqueeze")
  }

  @Test(
    "opsets before 7 and after 26 are refused; the file's own opset is reported",
    arguments: [0, 1, 6, 27, 1000])
  func opsets(_ version: Int) throws {
    var toy = ToyNetwork([1, 2], opset: version)
    toy.add("Relu", ["x"])
    expectError(
      "toy.onnx: uses ONNX opset \(version); Otoscope reads 7 to 26: export with opset_version=17"
    ) { _ = try toy.graph() }
    for accepted in [7, 13, 21, 22, 26] {
      toy.opset = accepted
      #expect(try ONNXModel(toy.bytes(), from: "toy.onnx").opset == accepted)
    }
  }

  @Test("files that hold no network")
  func empty() throws {
    expectError(
      "toy.onnx: not a readable ONNX file: it is empty; export the model again or check the download"
    ) { _ = try ONNXModel([], from: "toy.onnx") }
    expectError(
      "toy.onnx: not a readable ONNX file: it ends early or is not protobuf; "
        + "export the model again or check the download"
    ) { _ = try ONNXModel(Array("<!DOCTYPE html>".utf8), from: "toy.onnx") }
    var nothing = ProtobufWriter()
    nothing.integer(1, 8)
    expectError("toy.onnx: holds no network; export the model again") {
      _ = try ONNXModel(nothing.bytes, from: "toy.onnx")
    }
    var toy = ToyNetwork([1, 2])
    toy.add("Relu", ["x"])
    toy.outputs = []
    expectError("toy.onnx: has no output; export the model again") { _ = try toy.graph() }
    toy.inputs = []
    toy.outputs = nil
    expectError("toy.onnx: has no input; export the model again") { _ = try toy.graph() }
    #expect(throws: FileError.self) { _ = try ONNXModel(contentsOf: "/nowhere/model.onnx") }
  }

  @Test("every cut of a file is an error or a network, and all but the last few are errors")
  func truncated() throws {
    let bytes = try Self.everyOperator().bytes()
    for count in 0..<bytes.count {
      _ = try? ONNXModel(Array(bytes.prefix(count)), from: "toy.onnx")
    }
    #expect(throws: ONNXError.self) {
      _ = try ONNXModel(Array(bytes.prefix(bytes.count / 2)), from: "toy.onnx")
    }
  }

  @Test("constants may be nodes")
  func constantNodes() throws {
    for (attribute, value) in [("value_float", .float(2)), ("value_int", .integer(2))]
      as [(String, Attribute)]
    {
      var toy = ToyNetwork([1, 2])
      toy.add("Constant", [], "c", [attribute: value])
      toy.add(attribute == "value_float" ? "Mul" : "Unsqueeze", ["x", "c"])
      let y = try toy.network().values(of: ["y"], at: ["x": Tensor([1, 2], [1, 10])])[0]
      #expect(y == (attribute == "value_float" ? Tensor([1, 2], [2, 20]) : Tensor([1, 2, 1], [1, 10])))
    }
  }

  /// A network in which each kind of operand and attribute occurs.
  static func everyOperator() throws -> ToyNetwork {
    var generator = SplitMix64(seed: 5)
    var toy = ToyNetwork([1, 4, 6])
    toy.add("Unsqueeze", ["x", toy.constant("axes", [1])], "image")
    let weights = toy.weight("w", generator.tensor([4, 1, 3, 3]))
    toy.add("Conv", ["image", weights, toy.weight("b", generator.tensor([4]))], "c", ["pads": [1, 1, 1, 1]])
    let constants = ["s", "t", "m"].map { toy.weight($0, generator.tensor([4])) }
    toy.add("BatchNormalization", ["c"] + constants + [toy.weight("v", Tensor([4], repeating: 1))], "n")
    toy.add("Clip", ["n", toy.weight("low", Tensor([], [0])), toy.weight("high", Tensor([], [6]))], "r")
    toy.add(
      "Conv", ["r", toy.weight("d", generator.tensor([4, 1, 2, 2]))], "e", ["group": 4, "strides": [1, 2]])
    toy.add("MaxPool", ["e"], "p", ["kernel_shape": [2, 2], "ceil_mode": 1, "strides": [2, 1]])
    toy.add("Transpose", ["p"], "q", ["perm": [0, 2, 3, 1]])
    toy.add("Reshape", ["q", toy.constant("shape", [0, -1])], "f")
    toy.add("Gemm", ["f", toy.weight("g", generator.tensor([5, 16]))], "z", ["transB": 1])
    toy.add("Softmax", ["z"], "y", ["axis": 1])
    return toy
  }
}
