import Files
import Graphs
import Tensors
import TestSupport
import Testing

/// Large weights are converted piece by piece, from where they lie: in memory only once. How much that is, is measured
/// in CommandLineTests.
struct LargeWeightTests {
  private static let count = 300_000

  /// A weight of `count` elements as bytes.
  private func weight(_ name: String, _ type: Int, _ bytes: [UInt8], _ dims: [Int]) -> [UInt8] {
    var tensor = ProtobufWriter()
    tensor.packed(1, dims)
    tensor.integer(2, type)
    tensor.data(9, bytes)
    tensor.string(8, name)
    return tensor.bytes
  }

  /// Large weights of several types, and small ones between them.
  private func model() -> ToyNetwork {
    var generator = SplitMix64(seed: 7)
    let bytes = (0..<4 * Self.count).map { _ in UInt8.random(in: 0...127, using: &generator) }
    var toy = ToyNetwork([1, 4])
    toy.extraTensors = [
      weight("floats", 1, bytes, [Self.count]), weight("few", 1, [0, 0, 128, 63], [1]),
      weight("halves", 10, Array(bytes[..<(2 * Self.count)]), [2, Self.count / 2]),
      weight("whole", 3, Array(bytes[..<Self.count]), [Self.count]),
      weight("wide", 7, Array(bytes[..<(2 * Self.count)]), [Self.count / 4]),
    ]
    toy.add("Relu", ["x"])
    return toy
  }

  /// The constants, to the bit: a number that is none equals nothing.
  private static func words(_ graph: Graph) -> [String] {
    graph.constants.keys.sorted().map { name in
      let bits = graph.constants[name]?.values.map(\.bitPattern) ?? []
      return "\(name) \(graph.constants[name]?.shape.description ?? "") \(bits.hashValue)"
    }
  }

  @Test("a file is the same, read at once or without its large weights")
  func lean() throws {
    try withScratchFolder { folder in
      let (bytes, path) = (model().bytes(), "\(folder)/model.onnx")
      try WholeFile.write(bytes, to: path)
      let lean = try #require(LeanFile(path))
      #expect(lean.bytes.count < 500)
      // The small weight is the second.
      #expect(lean.weights.keys.sorted() == [0, 2, 3, 4])
      for span in lean.weights.values {
        #expect(span.path == path && span.offset + span.count <= bytes.count)
      }
      let (whole, read) = (try ONNXModel(bytes, from: path), try ONNXModel(contentsOf: path))
      #expect(read.opset == whole.opset)
      #expect(Self.words(read.graph) == Self.words(whole.graph))
      #expect(read.graph.constants["few"]?.values == [1])
    }
  }

  @Test("a damaged file ends the same way, read at once or without its large weights", arguments: 0..<40)
  func damaged(seed: UInt64) throws {
    try withScratchFolder { folder in
      var generator = SplitMix64(seed: seed)
      var bytes = model().bytes()
      // What is not a weight: a bit more than a hundred bytes before, between and behind them.
      let spans = [(0, 220), (4 * Self.count, 4 * Self.count + 400), (bytes.count - 100, bytes.count)]
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let (first, end) = spans[Int.random(in: 0..<3, using: &generator)]
        bytes[Int.random(in: first..<end, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      if seed % 4 == 0 { bytes.removeLast(Int.random(in: 1...2_000_000, using: &generator)) }
      let path = "\(folder)/model.onnx"
      try WholeFile.write(bytes, to: path)
      func end(_ read: () throws -> ONNXModel) -> String {
        do {
          return Self.words(try read().graph).joined(separator: "\n")
        } catch { return "\(error)" }
      }
      #expect(end { try ONNXModel(contentsOf: path) } == end { try ONNXModel(bytes, from: path) })
    }
  }

  /// `x · d`, with `d` the numbers of 8 bits `w` brought to real ones.
  private func quantized(type: Int, scales: [Float], zeros: [UInt8]?, axis: Int) -> ToyNetwork {
    var toy = ToyNetwork([1, 300], opset: 19)
    let bytes = (0..<Self.count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
    toy.extraTensors = [weight("w", type, bytes, [300, Self.count / 300])]
    var operands = ["w", toy.weight("scale", Tensor(scales.count == 1 ? [] : [scales.count], scales))]
    if let zeros {
      toy.extraTensors.append(weight("zero", type, zeros, scales.count == 1 ? [] : [zeros.count]))
      operands.append("zero")
    }
    toy.add("DequantizeLinear", operands, "d", ["axis": .integer(axis)])
    toy.add("MatMul", ["x", "d"])
    return toy
  }

  @Test("weights of 8 bits become real where they lie", arguments: [2, 3], [0, 1])
  func quantized(type: Int, axis: Int) throws {
    for (scales, zeros) in [
      ([0.25], nil), ([0.5], [7]), ((0..<(axis == 0 ? 300 : 1000)).map { Float($0 % 5) + 1 }, nil),
      (
        (0..<(axis == 0 ? 300 : 1000)).map { Float($0 % 5) + 1 },
        (0..<(axis == 0 ? 300 : 1000)).map { UInt8($0 % 7) }
      ),
    ] as [([Float], [UInt8]?)] {
      let graph = try quantized(type: type, scales: scales, zeros: zeros, axis: axis).graph()
      #expect(graph.nodes.map(\.kind) == ["MatMul"])
      // The numbers themselves are not kept.
      #expect(graph.constants["w"] == nil)
      let expected = (0..<Self.count).map { place in
        let byte = UInt8(truncatingIfNeeded: place &* 37)
        let own = scales.count == 1 ? 0 : axis == 0 ? place / 1000 : place % 1000
        let value = type == 2 ? Float(byte) : Float(Int8(bitPattern: byte))
        return (value - Float(zeros?[own] ?? 0)) * scales[own]
      }
      #expect(graph.constants["d"] == Tensor([300, 1000], expected))
    }
  }

  @Test("weights of 8 bits that somebody else reads, or whose scale is computed, stay")
  func shared() throws {
    var twice = quantized(type: 3, scales: [0.5], zeros: nil, axis: 1)
    twice.add("Cast", ["w"], "c", ["to": 1])
    #expect(try twice.graph().constants["w"]?.count == Self.count)
    var output = quantized(type: 3, scales: [0.5], zeros: nil, axis: 1)
    output.outputs = ["y", "w"]
    #expect(try output.graph().constants["w"]?.count == Self.count)
    var computed = quantized(type: 3, scales: [0.5], zeros: nil, axis: 1)
    computed.addInput("s", [1])
    computed.inputs[1].dimensions = []
    computed.operations[0].inputs[1] = "s"
    let graph = try computed.graph()
    #expect(graph.nodes.map(\.kind) == ["DequantizeLinear", "MatMul"])
    var misfit = quantized(type: 3, scales: [1, 2, 3], zeros: nil, axis: 1)
    expectError(
      "node 'node d' (DequantizeLinear): scales of shape [3] for a tensor of shape [300, 1000] along axis 1"
    ) { _ = try misfit.graph() }
    misfit = quantized(type: 3, scales: [1], zeros: nil, axis: 1)
    misfit.add("Relu", ["x"], "d")
    expectError("the graph is malformed: tensor 'd' is defined twice") { _ = try misfit.graph() }
  }
}
