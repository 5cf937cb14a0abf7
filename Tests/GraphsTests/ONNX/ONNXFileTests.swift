import Files
import Graphs
import Tensors
import TestSupport
import Testing

/// Files that are read, changed and written again.
struct ONNXFileTests {
  /// `y = relu(x · w) + b`, with notes that are not read: doc strings, shapes of inner tensors.
  private func noted(_ weight: [Float] = [1, 2, 3, 4]) -> [UInt8] {
    var model = ProtobufWriter()
    model.integer(1, 8)
    model.string(6, "a note on the model")
    model.message(7) { graph in
      for (kind, inputs, output) in [
        ("MatMul", ["x", "w"], "product"), ("Relu", ["product"], "positive"),
        ("Add", ["positive", "b"], "y"),
      ] {
        graph.message(1) { node in
          for input in inputs { node.string(1, input) }
          node.string(2, output)
          node.string(4, kind)
          node.string(6, "a note on \(output)")
        }
      }
      graph.string(2, "noted")
      for (name, dims, values) in [("w", [2, 2], weight), ("b", [2], [10, 20])] as [(String, [Int], [Float])]
      {
        graph.message(5) { tensor in
          tensor.packed(1, dims)
          tensor.integer(2, 1)
          tensor.packed(4, values)
          tensor.string(8, name)
          tensor.string(12, "a note on \(name)")
        }
      }
      graph.string(10, "a note on the graph")
      for (field, name) in [(11, "x"), (12, "y"), (13, "product"), (13, "positive")] {
        graph.message(field) { value in
          value.string(1, name)
          value.message(2) { type in
            type.message(1) { tensor in
              tensor.integer(1, 1)
              tensor.message(2) { shape in
                shape.message(1) { $0.string(2, "N") }
                shape.message(1) { $0.integer(1, 2) }
              }
            }
          }
          value.string(3, "a note on the shape of \(name)")
        }
      }
    }
    model.message(8) { $0.integer(2, 17) }
    for (key, value) in [("author", "somebody"), ("otoscope.labels", "[]")] {
      model.message(14) {
        $0.string(1, key)
        $0.string(2, value)
      }
    }
    return model.bytes
  }

  private func file(_ bytes: [UInt8], in folder: String) throws -> ONNXFile {
    try WholeFile.write(bytes, to: "\(folder)/model.onnx")
    return try ONNXFile(contentsOf: "\(folder)/model.onnx")
  }

  private func contains(_ bytes: [UInt8], _ text: String) -> Bool {
    let wanted = Array(text.utf8)
    return bytes.indices.dropLast(wanted.count - 1).contains {
      Array(bytes[$0..<$0 + wanted.count]) == wanted
    }
  }

  @Test("What is not read is written again, and the network is the same")
  func notes() throws {
    try withScratchFolder { folder in
      var file = try file(noted(), in: folder)
      file.metadata["otoscope.labels"] = "[\"a\", \"b\"]"
      file.metadata["added"] = "later"
      try file.write(to: "\(folder)/again.onnx")
      let bytes = try WholeFile.read("\(folder)/again.onnx")
      for note in [
        "a note on the model", "a note on the graph", "a note on product", "a note on w",
        "a note on the shape of product",
      ] { #expect(contains(bytes, note), "\(note)") }
      let again = try ONNXModel(contentsOf: "\(folder)/again.onnx")
      #expect(
        again.metadata == ["author": "somebody", "otoscope.labels": "[\"a\", \"b\"]", "added": "later"])
      let results = try Evaluator(again.graph, threads: 1).values(
        of: ["y"], at: ["x": Tensor([1, 2], [1, -1])])
      // 1·1 − 3 and 2 − 4, both negative.
      #expect(results[0].values == [10, 20])
    }
  }

  @Test("New weights are read back, whichever list the file kept the old ones in")
  func weights() throws {
    try withScratchFolder { folder in
      var file = try file(noted(), in: folder)
      #expect(file.weightNames == ["w", "b"])
      try file.replaceWeights(["w": Tensor([2, 2], [1, 0, 0, 1]), "b": Tensor([2], [-1, 0.5])])
      #expect(try file.model().graph.constants["b"]?.values == [-1, 0.5])
      try file.write(to: "\(folder)/again.onnx")
      let graph = try ONNXModel(contentsOf: "\(folder)/again.onnx").graph
      #expect(graph.constants["w"]?.values == [1, 0, 0, 1])
      #expect(graph.constants["b"]?.values == [-1, 0.5])
    }
  }

  @Test("Weights that do not fit are refused, and none is changed")
  func misfits() throws {
    try withScratchFolder { folder in
      var file = try file(noted(), in: folder)
      let before = try file.bytes(for: "")
      expectError("no weight is called 'W'; nearest: 'w', 'b'") {
        try file.replaceWeights(["W": Tensor([2, 2]), "b": Tensor([2])])
      }
      expectError("weight 'w' has the shape [2, 2], its new values have [4]") {
        try file.replaceWeights(["w": Tensor([4]), "b": Tensor([2])])
      }
      #expect(try file.bytes(for: "") == before)
    }
  }

  /// float16 keeps 11 significant bits and ends at 65,504, bfloat16 keeps 8; float64 holds every float32.
  @Test(
    "Other real types keep their type",
    arguments: [(10, 1.0009765625, 2), (16, 1.0078125, 2), (11, 1 + 0x1p-23, 8)] as [(Int, Float, Int)])
  func types(type: Int, finest: Float, bytes: Int) throws {
    var tensor = ProtobufWriter()
    tensor.packed(1, [2])
    tensor.integer(2, type)
    tensor.string(8, "w")
    tensor.data(9, [UInt8](repeating: 0, count: 2 * bytes))
    var toy = ToyNetwork([1, 2])
    toy.extraTensors = [tensor.bytes]
    toy.add("Add", ["x", "w"])
    try withScratchFolder { folder in
      var file = try file(toy.bytes(), in: folder)
      // Halfway to the next number and a little more is rounded up, a little less down.
      let step = finest - 1
      try file.replaceWeights(["w": Tensor([2], [1 + step * 0.75, 1 + step * 0.25])])
      let values = try file.model().graph.constants["w"]?.values
      #expect(values == (type == 11 ? [1 + step * 0.75, 1 + step * 0.25] : [finest, 1]))
      guard type == 10 else { return }
      expectError("weight 'w' would be 70000.0, which its element type cannot hold") {
        try file.replaceWeights(["w": Tensor([2], [0, 70000])])
      }
    }
  }

  @Test("Whole numbers are not replaced")
  func integers() throws {
    var toy = ToyNetwork([1, 4])
    toy.add("Reshape", ["x", toy.constant("shape", [-1, 2, 2])])
    try withScratchFolder { folder in
      var file = try file(toy.bytes(), in: folder)
      expectError(
        "weight 'shape' has the element type 7, which is not written; only weights of float32, float64, float16 and "
          + "bfloat16 are"
      ) { try file.replaceWeights(["shape": Tensor([3])]) }
    }
  }

  @Test("Weights of other files come along, and what is written needs them no more")
  func externalData() throws {
    var tensor = ProtobufWriter()
    tensor.packed(1, [3])
    tensor.integer(2, 1)
    tensor.string(8, "w")
    for (key, value) in [("location", "weights.bin"), ("offset", "4"), ("length", "12")] {
      tensor.message(13) {
        $0.string(1, key)
        $0.string(2, value)
      }
    }
    tensor.integer(14, 1)
    var toy = ToyNetwork([1, 3])
    toy.extraTensors = [tensor.bytes]
    toy.add("Add", ["x", "w"])
    try withScratchFolder { folder in
      let numbers: [Float] = [0, 1, 2, 3]
      try WholeFile.write(numbers.flatMap { littleEndian($0.bitPattern) }, to: "\(folder)/weights.bin")
      let file = try file(toy.bytes(), in: folder)
      try WholeFile.makeFolder("\(folder)/elsewhere")
      try file.write(to: "\(folder)/elsewhere/model.onnx")
      let graph = try ONNXModel(contentsOf: "\(folder)/elsewhere/model.onnx").graph
      #expect(graph.constants["w"]?.values == [1, 2, 3])
    }
  }

  @Test("What is no ONNX, or more than it holds, is refused")
  func refused() throws {
    try withScratchFolder { folder in
      expectError(
        "\(folder)/model.onnx: not a readable ONNX file: it ends early or is not protobuf; export the model again or check "
          + "the download"
      ) { _ = try file(Array("no network".utf8), in: folder) }
      // Bytes that are not there take no room.
      var tensor = ProtobufWriter()
      tensor.packed(1, [1 << 20, 1 << 10])
      tensor.integer(2, 1)
      tensor.string(8, "w")
      tensor.message(13) {
        $0.string(1, "location")
        $0.string(2, "weights.bin")
      }
      var toy = ToyNetwork([1, 3])
      toy.extraTensors = [tensor.bytes]
      toy.add("Add", ["x", "w"])
      expectError(
        "\(folder)/model.onnx: takes 4294967296 bytes or more, and an ONNX file holds at most 2147483647; choose a smaller "
          + "network"
      ) { _ = try file(toy.bytes(), in: folder) }
    }
  }

  // MARK: - Cutting

  @Test("Only what a tensor needs is kept, and what is noted of it")
  func cutting() throws {
    try withScratchFolder { folder in
      var file = try file(noted(), in: folder)
      try file.keepOnly(making: "product")
      file.rename("product", to: "map")
      #expect(file.weightNames == ["w"])
      #expect(file.tensorNames == ["x", "w", "map"])
      let bytes = try file.bytes(for: "")
      #expect(!contains(bytes, "a note on the shape of positive"))
      #expect(contains(bytes, "a note on the graph"))
      expectError(
        "the network cannot be cut at 'x': it is the network's input; nothing of the network would be left"
      ) {
        try file.keepOnly(making: "x")
      }
      expectError(
        "no node of the file makes a tensor 'mop'; nearest: 'map'; 'otoscope inspect MODEL' lists all"
      ) { try file.keepOnly(making: "mop") }
    }
  }

  @Test("What bodies read is kept with them")
  func bodies() throws {
    var toy = ToyNetwork([1, 3])
    toy.add("Neg", ["x"], "minus")
    toy.add("Relu", ["x"], "unused")
    let branch: Attribute = .graph(body([], ["t"]) { $0.add("Mul", ["minus", "scale"], "t") })
    toy.add(
      "If", [toy.constant("yes", [1])], "y", ["then_branch": branch, "else_branch": branch])
    _ = toy.weight("scale", Tensor([], [2]))
    toy.add("Relu", ["y"], "z")
    try withScratchFolder { folder in
      var file = try file(toy.bytes(), in: folder)
      try file.keepOnly(making: "y")
      #expect(file.tensorNames.isSuperset(of: ["x", "minus", "scale", "yes", "y"]))
      #expect(file.tensorNames.isDisjoint(with: ["unused", "z"]))
    }
  }

  // MARK: - Training

  @Test("Weights that the file computes are stored, and can be replaced")
  func computedWeights() throws {
    var toy = ToyNetwork([1, 2])
    toy.add("Transpose", [toy.weight("w", Tensor([3, 2], [1, 2, 3, 4, 5, 6]))], "wT", ["perm": [1, 0]])
    toy.add("MatMul", ["x", "wT"], "product")
    toy.add("Identity", [toy.weight("b", Tensor([3], [1, 2, 3]))], "b2")
    toy.add("Add", ["product", "b2"], "sum")
    toy.add("MatMul", ["sum", toy.weight("v", Tensor([3, 1], [1, 1, 1]))], "y")
    let x = Tensor([1, 2], [1, -1])
    try withScratchFolder { folder in
      var file = try file(toy.bytes(), in: folder)
      let graph = try file.model().graph
      let before = try Evaluator(graph, threads: 1).values(of: ["y"], at: ["x": x])[0]
      #expect(file.trainable(in: graph) == TrainableWeights(trainable: ["v"], frozen: ["wT", "b2"]))
      #expect(try file.storeComputedWeights(of: graph) == ["wT", "b2"])
      #expect(Set(file.weightNames) == ["wT", "b2", "v"])
      let stored = try file.model().graph
      #expect(file.trainable(in: stored).frozen.isEmpty)
      #expect(try Evaluator(stored, threads: 1).values(of: ["y"], at: ["x": x])[0] == before)
      try file.replaceWeights(["wT": Tensor([2, 3], [1, 1, 1, 0, 0, 0])])
      // 1 + 1, 1 + 2, 1 + 3.
      #expect(try Evaluator(file.model().graph, threads: 1).values(of: ["y"], at: ["x": x])[0].values == [9])
    }
  }
}

/// Networks that were exported for one row.
struct OpenBatchTests {
  private func opened(_ toy: ToyNetwork) throws -> (isOpen: Bool, file: ONNXFile) {
    try withScratchFolder { folder in
      try WholeFile.write(toy.bytes(), to: "\(folder)/model.onnx")
      var file = try ONNXFile(contentsOf: "\(folder)/model.onnx")
      return (file.openBatch(at: ["x": [1, 6]]), file)
    }
  }

  /// `[1, 6]` through `[1, 2, 3]` to `[1, …]`.
  private func network(_ shape: [Int], _ ending: (inout ToyNetwork) -> Void) -> ToyNetwork {
    var toy = ToyNetwork([1, 6])
    toy.inputs = [.init(name: "x", dimensions: [1, 6])]
    toy.add("Reshape", ["x", toy.constant("first", [1, 2, 3])], "map")
    toy.add("Relu", ["map"], "active")
    toy.add("Reshape", ["active", toy.constant("second", shape)], "flat")
    ending(&toy)
    return toy
  }

  @Test("Reshapes to one row keep all rows")
  func reshapes() throws {
    let toy = network([1, -1]) {
      $0.add("MatMul", ["flat", $0.weight("w", Tensor([6, 1], repeating: 1))], "y")
    }
    let (isOpen, file) = try opened(toy)
    #expect(isOpen)
    let graph = try file.model().graph
    #expect(graph.inputs[0].dimensions == [.symbolic("N"), .fixed(6)])
    let x = Tensor([3, 6], (0..<18).map { Float($0) - 6 })
    let sums = try Evaluator(graph, threads: 1).values(of: ["y"], at: ["x": x])[0]
    #expect(sums.shape == [3, 1] && sums.values == [0, 15, 51])
  }

  @Test("A network that mixes its rows stays as it was")
  func mixing() throws {
    // The mean over all rows.
    let toy = network([1, -1]) {
      $0.add("ReduceMean", ["flat"], "mean", ["axes": [0], "keepdims": 1])
      $0.add("Sub", ["flat", "mean"], "y")
    }
    let (isOpen, file) = try opened(toy)
    #expect(!isOpen)
    #expect(try file.model().graph.inputs[0].dimensions == [.fixed(1), .fixed(6)])
  }
}
