import Files
import Glibc
import Graphs
import Tensors
import TestSupport
import Testing

/// Weights in files beside the model, and every element type.
struct ExternalDataTests {
  /// `y = x + w` with `w` of three floats in another file.
  private func model(_ entries: [(String, String)], dims: [Int] = [3]) -> [UInt8] {
    var tensor = ProtobufWriter()
    tensor.packed(1, dims)
    tensor.integer(2, 1)
    tensor.string(8, "w")
    for (key, value) in entries {
      tensor.message(13) {
        $0.string(1, key)
        $0.string(2, value)
      }
    }
    tensor.integer(14, 1)
    var toy = ToyNetwork([1, 3])
    toy.extraTensors = [tensor.bytes]
    toy.add("Add", ["x", "w"])
    return toy.bytes()
  }

  private func floats(_ values: [Float]) -> [UInt8] { values.flatMap { littleEndian($0.bitPattern) } }

  @Test("weights beside the model, at an offset, and in a folder of its own")
  func reading() throws {
    try withScratchFolder { folder in
      try WholeFile.makeFolder("\(folder)/deep")
      try WholeFile.write(floats([1, 2, 3]), to: "\(folder)/weights.bin")
      try WholeFile.write(floats([0, 0, 4, 5, 6, 7]), to: "\(folder)/deep/weights.bin")
      for (entries, expected) in [
        ([("location", "weights.bin")], [1, 2, 3]),
        ([("location", "weights.bin"), ("offset", "0"), ("length", "12")], [1, 2, 3]),
        ([("location", "deep/weights.bin"), ("offset", "8"), ("length", "12")], [4, 5, 6]),
      ] as [([(String, String)], [Float])] {
        try WholeFile.write(model(entries), to: "\(folder)/model.onnx")
        let graph = try ONNXModel(contentsOf: "\(folder)/model.onnx").graph
        #expect(graph.constants["w"]?.values == expected)
      }
    }
  }

  @Test("names that lead elsewhere, and files that are not long enough")
  func refused() throws {
    try withScratchFolder { folder in
      let home = "\(folder)/home"
      try WholeFile.makeFolder(home)
      try WholeFile.write(floats([1, 2, 3]), to: "\(folder)/secret.bin")
      try WholeFile.write(floats([1, 2, 3]), to: "\(home)/weights.bin")
      try #require(symlink("../secret.bin", "\(home)/link.bin") == 0)
      try #require(symlink("..", "\(home)/up") == 0)
      func expect(
        _ reason: String, _ entries: [(String, String)], dims: [Int] = [3],
        sourceLocation: SourceLocation = #_sourceLocation
      ) throws {
        try WholeFile.write(model(entries, dims: dims), to: "\(home)/model.onnx")
        expectError(
          "weight 'w': \(reason); the file is damaged, export the model again", sourceLocation: sourceLocation
        ) { _ = try ONNXModel(contentsOf: "\(home)/model.onnx") }
      }
      let file = "is kept in an external file"
      for name in ["../secret.bin", "/etc/passwd", "", "a/../../secret.bin", "x\0y", ".."] {
        try expect(
          "\(file): \(name): cannot be read: it is not a path within \(home)", [("location", name)])
      }
      for name in ["link.bin", "up/secret.bin"] {
        try expect(
          "\(file): \(home)/\(name): cannot be read: it leads out of \(home)", [("location", name)])
      }
      try expect("\(file): \(home)/none.bin: no such file; check the path", [("location", "none.bin")])
      try expect("\(file): \(home)/.: cannot be read: it leads out of \(home)", [("location", ".")])
      try expect("\(file) without a name", [("offset", "0")])
      try expect("\(file) at offset '-4'", [("location", "weights.bin"), ("offset", "-4")])
      try expect("\(file) at length 'many'", [("location", "weights.bin"), ("length", "many")])
      try expect(
        "declares 3 elements of shape [3] in 8 bytes", [("location", "weights.bin"), ("length", "8")])
      try expect("declares 4 elements of shape [4] in 12 bytes", [("location", "weights.bin")], dims: [4])
      try expect("declares 2 elements of shape [2] in 12 bytes", [("location", "weights.bin")], dims: [2])
      try expect(
        "declares 3 elements of shape [3] in 4 bytes",
        [("location", "weights.bin"), ("offset", "8"), ("length", "12")])
      // A claim of a terabyte is not believed.
      try expect(
        "declares 274877906944 elements of shape [274877906944] in 12 bytes", [("location", "weights.bin")],
        dims: [1 << 38])
    }
  }

  @Test("a model in memory has no files beside it")
  func memory() {
    expectError(
      "weight 'w': is kept in an external file, which is not read; the file is damaged, export the model again"
    ) { _ = try ONNXModel(model([("location", "weights.bin")]), from: "model.onnx") }
  }

  @Test("integers of every width, listed and as bytes")
  func integers() throws {
    let cases: [(type: Int, list: Int, width: Int, values: [Int])] = [
      (2, 5, 1, [0, 200, 255]), (3, 5, 1, [-128, 0, 127]), (4, 5, 2, [0, 300, 65535]),
      (5, 5, 2, [-32768, 0, 32767]), (6, 5, 4, [-70000, 0, 70000]), (7, 7, 8, [-1 << 40, 0, 1 << 40]),
      (9, 5, 1, [0, 1, 1]), (12, 11, 4, [0, 1, 1 << 31]), (13, 11, 8, [0, 1, 1 << 40]),
    ]
    for (type, list, width, values) in cases {
      for raw in [false, true] {
        var tensor = ProtobufWriter()
        tensor.packed(1, [3])
        tensor.integer(2, type)
        tensor.string(8, "w")
        if raw {
          tensor.data(9, values.flatMap { littleEndian(Int64($0)).prefix(width) })
        } else {
          tensor.packed(list, values)
        }
        var toy = ToyNetwork([1, 3])
        toy.extraTensors = [tensor.bytes]
        toy.add("Add", ["x", "w"])
        #expect(try toy.graph().constants["w"]?.values == values.map { Float($0) }, "type \(type)")
      }
    }
  }

  @Test("numbers of 4 bits", arguments: [21, 22])
  func nibbles(_ type: Int) throws {
    for raw in [false, true] {
      var tensor = ProtobufWriter()
      tensor.packed(1, [3])
      tensor.integer(2, type)
      tensor.string(8, "w")
      if raw { tensor.data(9, [0xF1, 0x07]) } else { tensor.packed(5, [0xF1, 0x07]) }
      var toy = ToyNetwork([1, 3])
      toy.extraTensors = [tensor.bytes]
      toy.add("Add", ["x", "w"])
      #expect(try toy.graph().constants["w"]?.values == [1, type == 22 ? -1 : 15, 7])
    }
  }

  @Test("sparse weights, and text that somebody reads")
  func unread() throws {
    var toy = ToyNetwork([1, 3])
    toy.add("Constant", [], "text", ["value_string": "hello"])
    toy.add("Relu", ["x"])
    #expect(try toy.graph().nodes.count == 1)
    toy.add("Add", ["y", "text"], "z")
    expectError("node 'node z' (Add): operand 'text' is text, which no network here reads") {
      _ = try toy.graph()
    }
    var file = ProtobufWriter()
    file.message(7) { graph in
      toy.write(to: &graph)
      graph.data(15, [])
    }
    file.message(8) { $0.integer(2, 17) }
    expectError("toy.onnx: has 1 sparse weights, which are not read; export the model again") {
      _ = try ONNXModel(file.bytes, from: "toy.onnx")
    }
  }
}
