import Graphs
import Tensors
import Testing

/// Small files that ask for much: refused, or read, in little time. How much memory they take is measured from outside, in
/// CommandLineTests.
struct HostileSizeTests {
  /// Reads the file and asks for its shapes.
  @discardableResult
  private func read(_ bytes: [UInt8], shapes: [TensorName: Shape] = [:]) -> Result<Graph, any Error> {
    Result {
      let graph = try ONNXModel(bytes, from: "hostile.onnx").graph
      let resolved = try graph.resolved(for: shapes)
      _ = try? resolved.shapes(for: shapes)
      return resolved
    }
  }

  private func file(_ body: (inout ProtobufWriter) -> Void) -> [UInt8] {
    var file = ProtobufWriter()
    file.message(7, body)
    file.message(8) { $0.integer(2, 17) }
    return file.bytes
  }

  @Test("millions of empty nodes, names, attributes, weights, and numbers of one byte")
  func counts() {
    let many = 4_000_000
    func repeated(_ bytes: [UInt8]) -> [UInt8] {
      [UInt8](unsafeUninitializedCapacity: many * bytes.count) { buffer, count in
        for place in 0..<many * bytes.count { buffer[place] = bytes[place % bytes.count] }
        count = many * bytes.count
      }
    }
    let nodes = repeated([0x0A, 0])
    let numbers = [UInt8](repeating: 1, count: 2 * many)
    let files = [
      // Nodes, weights, inputs of a graph.
      [0x3A] + length(nodes.count) + nodes,
      [0x3A] + length(nodes.count) + repeated([0x2A, 0]),
      [0x3A] + length(nodes.count) + repeated([0x5A, 0]),
      // Operands, attributes of a node.
      file { $0.data(1, nodes) },
      file { $0.data(1, repeated([0x2A, 0])) },
      // Numbers and texts of an attribute.
      file { $0.message(1) { $0.message(5) { $0.data(8, numbers) } } },
      file { $0.message(1) { $0.data(5, repeated([0x4A, 0])) } },
      file { $0.message(1) { $0.data(5, repeated([0x40, 1])) } },
      // The dimensions of a weight, its numbers, of an input.
      file { $0.message(5) { $0.data(1, numbers) } },
      file { $0.message(5) { $0.data(7, numbers) } },
      file { $0.message(11) { $0.message(2) { $0.message(1) { $0.data(2, nodes) } } } },
      // Metadata.
      repeated([0x72, 0]),
    ]
    for (index, bytes) in files.enumerated() {
      let result = read(bytes)
      guard case .failure(let error) = result else {
        Issue.record("file \(index) was read")
        continue
      }
      #expect("\(error)".contains("many times its size"), "file \(index): \(error)")
    }
  }

  private func length(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = count
    while rest > 127 {
      bytes.append(UInt8(rest & 127) | 128)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  @Test("lengths beyond the file")
  func lengths() {
    for length in [[0xFF, 0xFF, 0xFF, 0xFF, 0x07], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]]
      as [[UInt8]]
    {
      for field in [0x3A, 0x12, 0x72] as [UInt8] {
        guard case .failure(ONNXError.unreadable) = read([field] + length + [1, 2, 3]) else {
          Issue.record("\(field)")
          continue
        }
      }
      // A list of numbers in a weight.
      let tensor: [UInt8] = [0x22] + length + [0, 0]
      guard case .failure(ONNXError.unreadable) = read(file { $0.data(5, tensor) })
      else {
        Issue.record("numbers")
        continue
      }
    }
  }

  @Test("groups nested deep, which only very old files have")
  func groups() {
    for field in [UInt8(0x3B), 0x0B, 0x7B] {
      let bytes = [UInt8](repeating: field, count: 1 << 20)
      guard case .failure(ONNXError.unreadable) = read(bytes) else {
        Issue.record("\(field)")
        continue
      }
      _ = read(file { $0.data(1, bytes) })
    }
  }

  @Test("weights of every type take four bytes an element, and no lists beside")
  func weights() throws {
    for (type, width) in [(1, 4), (2, 1), (3, 1), (6, 4), (7, 8), (10, 2), (11, 8), (16, 2)] {
      let count = (1 << 20) / max(width, 4)
      let bytes = file { graph in
        graph.message(1) { node in
          node.string(1, "x")
          node.string(2, "y")
          node.string(4, "Relu")
        }
        graph.message(5) { tensor in
          tensor.packed(1, [count])
          tensor.integer(2, type)
          tensor.string(8, "w")
          tensor.data(9, [UInt8](repeating: 0x3C, count: count * width))
        }
        graph.message(11) { $0.string(1, "x") }
        graph.message(12) { $0.string(1, "y") }
      }
      let graph = try read(bytes, shapes: ["x": [1, 4]]).get()
      #expect(graph.constants["w"]?.count == count)
    }
  }

  @Test("constants computed from constants: a few bytes that would fill the memory are left for the run")
  func constants() {
    // Each doubles the one before.
    var toy = ToyNetwork([1, 4])
    var last = toy.weight("w", Tensor([1, 64], repeating: 1))
    for step in 0..<40 { last = toy.add("Concat", [last, last], "c\(step)", ["axis": 1]) }
    toy.add("Relu", ["x"], "y")
    read(toy.bytes(), shapes: ["x": [1, 4]])

    // Outer products.
    var outer = ToyNetwork([1, 4])
    _ = outer.weight("row", Tensor([1, 8192], repeating: 1))
    _ = outer.weight("column", Tensor([8192, 1], repeating: 1))
    for step in 0..<60 { outer.add("Add", ["row", "column"], "c\(step)") }
    outer.add("Relu", ["x"], "y")
    read(outer.bytes(), shapes: ["x": [1, 4]])

    for (kind, operands) in [
      ("ConstantOfShape", [[60_000, 60_000]]), ("ConstantOfShape", [[1 << 40, 1 << 40, 1 << 40]]),
      ("ConstantOfShape", [[.max, 2]]), ("ConstantOfShape", [[0, .max, .max]]), ("ConstantOfShape", [[-1]]),
      ("Expand", [[1], [1 << 20, 1 << 20]]), ("Expand", [[1], [.max, .max]]),
      ("Tile", [[1, 2, 3], [1 << 40]]),
      ("Tile", [[1, 2, 3], [.max]]), ("Range", [[0], [1 << 40], [1]]), ("Range", [[0], [.max], [1]]),
      ("Range", [[.min], [.max], [1]]), ("Pad", [[1, 2], [1 << 40, 1 << 40]]),
      ("Pad", [[1, 2], [.max, .max]]),
      ("Pad", [[1, 2], [.min, .max]]), ("OneHot", [[0, 1], [1 << 40], [0, 1]]),
      ("OneHot", [[0, 1], [.max], [0, 1]]),
    ] as [(String, [[Int]])] {
      var toy = ToyNetwork([1, 4])
      let names = operands.enumerated().map { toy.constant("o\($0)", $1) }
      toy.scalars = kind == "Range" ? Set(names) : kind == "OneHot" ? ["o1"] : []
      toy.add(kind, names, "c", kind == "OneHot" ? ["axis": -1] : [:])
      toy.add("Relu", ["x"], "y")
      read(toy.bytes(), shapes: ["x": [1, 4]])
    }
  }

  @Test(
    "constants that a few numbers describe share one budget", arguments: ["Range", "HannWindow", "EyeLike"])
  func described(kind: String) {
    func result(of count: Int) -> Result<Graph, any Error> {
      var toy = ToyNetwork([1, 4])
      let (side, size) = (1_500, 2_000_000)
      _ = toy.weight("square", Tensor([1, 1], repeating: 1))
      for (name, value) in [("zero", 0), ("one", 1), ("size", size)] {
        toy.scalars.insert(toy.constant(name, [value]))
      }
      toy.add("Expand", ["square", toy.constant("sides", [side, side])], "large")
      let operands = ["Range": ["zero", "size", "one"], "HannWindow": ["size"], "EyeLike": ["large"]][kind]!
      for step in 0..<count { toy.add(kind, operands, "c\(step)") }
      toy.add("Relu", ["x"], "y")
      return read(toy.bytes(), shapes: ["x": [1, 4]])
    }
    #expect(throws: Never.self) { try result(of: 1).get() }
    #expect(throws: ONNXError.self) { try result(of: 10).get() }
  }

  @Test("the places that conditions choose share it too")
  func chosen() {
    func result(of count: Int) -> Result<Graph, any Error> {
      let size = 500_000
      var toy = ToyNetwork([size])
      toy.add("Relu", ["x"], "y")
      let condition = toy.weight("condition", Tensor([size], repeating: 1))
      for step in 0..<count { toy.add("Compress", ["y", condition], "c\(step)", ["axis": 0]) }
      return read(toy.bytes(), shapes: ["x": [size]])
    }
    #expect(throws: Never.self) { try result(of: 4).get() }
    #expect(throws: ONNXError.self) { try result(of: 40).get() }
  }

  @Test("twenty thousand constants are read in the time of twenty thousand")
  func manyConstants() {
    var toy = ToyNetwork([1, 4])
    for index in 0..<20_000 { toy.add("Constant", [], "c\(index)", ["value_ints": [1, 2]]) }
    toy.add("Relu", ["x"], "y")
    let bytes = toy.bytes()
    let time = ContinuousClock().measure { _ = read(bytes) }
    #expect(time < .seconds(5))
  }

  // Found by fuzzing: the gradient of this resizing listed four billion places of nothing.
  @Test("An axis of billions beside an empty one is refused")
  func longBesideEmpty() throws {
    var toy = ToyNetwork([1, 1, 4, 4])
    toy.add("Resize", ["x", "", toy.weight("scales", Tensor([4], [1, 0.5, 1e9, 0.6]))], "y")
    let error = #expect(throws: (any Error).self) { try toy.graph().shapes(for: ["x": [1, 1, 4, 4]]) }
    #expect(error.map { "\($0)" }?.contains("no elements beside axes too long") == true)
  }
}
