import Graphs
import Tensors
import TestSupport
import Testing

/// `QuantizeLinear`, `DequantizeLinear` and what is written in them.
struct QuantizationTests {
  /// A tensor of small integers: ONNX's element type, extents, values.
  static func integers(_ name: String, _ type: Int, _ extents: [Int], _ values: [Int]) -> [UInt8] {
    var tensor = ProtobufWriter()
    tensor.packed(1, extents)
    tensor.integer(2, type)
    tensor.packed(5, values)
    tensor.string(8, name)
    return tensor.bytes
  }

  /// `QuantizeLinear`, and back again if `returns`.
  private func toy(
    _ scale: Tensor, zero: (type: Int, values: [Int])?, returns: Bool = false,
    _ attributes: [String: Attribute] = [:], opset: Int = 17
  ) -> ToyNetwork {
    var toy = ToyNetwork([1, 3, 2], opset: opset)
    var operands = [toy.weight("scale", scale)]
    if let zero {
      toy.extraTensors.append(Self.integers("zero", zero.type, scale.shape.dimensions, zero.values))
      operands.append("zero")
    }
    toy.add("QuantizeLinear", ["x"] + operands, "q", attributes)
    if returns { toy.add("DequantizeLinear", ["q"] + operands, "y", attributes) }
    return toy
  }

  private let x = Tensor([1, 3, 2], [0.25, -0.25, 0.75, 100, -100, 1])

  private func values(_ toy: ToyNetwork) throws -> [Float] {
    try toy.network().values(of: [toy.result], at: ["x": x])[0].values
  }

  private func gradient(_ toy: ToyNetwork) throws -> [Float] {
    try toy.network()
      .gradients(
        of: toy.result, seed: Tensor([1, 3, 2], repeating: 1), withRespectTo: ["x"], at: ["x": x]
      )
      .gradients[0].values
  }

  @Test("halves go to the even neighbour, and the range is that of the zero point's type")
  func ranges() throws {
    let half = Tensor([], [0.5])
    #expect(try values(toy(half, zero: nil)) == [0, 0, 2, 200, 0, 2])
    #expect(try values(toy(half, zero: (2, [3]))) == [3, 3, 5, 203, 0, 5])
    #expect(try values(toy(half, zero: (3, [0]))) == [0, 0, 2, 127, -128, 2])
    #expect(try values(toy(half, zero: (3, [-3]))) == [-3, -3, -1, 127, -128, -1])
    #expect(try values(toy(half, zero: (5, [0]), opset: 21)) == [0, 0, 2, 200, -200, 2])
    #expect(try values(toy(half, zero: nil, ["output_dtype": 22], opset: 21)) == [0, 0, 2, 7, -8, 2])
  }

  @Test("a scale for each place of an axis, and for each block of places")
  func scales() throws {
    let channels = Tensor([3], [0.5, 0.25, 2])
    let quantized: [Float] = [0, 0, 3, 127, -50, 0]
    for axis in [1, -2] {
      let toy = toy(channels, zero: (3, [0, 0, 0]), ["axis": .integer(axis)])
      #expect(try values(toy) == quantized)
    }
    let blocks = Tensor([1, 2, 2], [0.5, 0.25, 2, 4])
    let toy = toy(blocks, zero: (3, [0, 0, 0, 0]), ["axis": 1, "block_size": 2], opset: 21)
    #expect(try values(toy) == [0, -1, 2, 127, -50, 0])
    let back = self.toy(
      blocks, zero: (3, [1, 0, 0, 0]), returns: true, ["axis": 1, "block_size": 2], opset: 21)
    #expect(try values(back) == [0, -0.25, 1, 31.75, -100, 0])
  }

  @Test("the gradient passes where nothing was cut off, whatever the scale")
  func straightThrough() throws {
    #expect(try gradient(toy(Tensor([], [0.5]), zero: (3, [0]), returns: true)) == [1, 1, 1, 0, 0, 1])
    #expect(try gradient(toy(Tensor([], [0.5]), zero: (2, [3]), returns: true)) == [1, 1, 1, 1, 0, 1])
    #expect(try gradient(toy(Tensor([], [0.5]), zero: (3, [0]))) == [2, 2, 2, 0, 0, 2])
    let channels = toy(Tensor([3], [0.5, 0.25, 2]), zero: (3, [0, 0, 0]), returns: true)
    #expect(try gradient(channels) == [1, 1, 1, 0, 1, 1])
  }

  @Test("quantized weights become constants when the file is read")
  func weights() throws {
    var toy = ToyNetwork([1, 2])
    toy.extraTensors = [
      Self.integers("q", 3, [2, 2], [1, -2, 3, 4]), Self.integers("zero", 3, [2], [1, 0]),
    ]
    toy.add("DequantizeLinear", ["q", toy.weight("scale", Tensor([2], [0.5, 2])), "zero"], "w")
    toy.add("MatMul", ["x", "w"])
    let graph = try toy.graph()
    #expect(graph.nodes.map(\.kind) == ["MatMul"])
    #expect(graph.constants["w"] == Tensor([2, 2], [0, -4, 1, 8]))
  }

  @Test("the range of the tensor itself")
  func dynamic() throws {
    var toy = ToyNetwork([1, 3])
    toy.add("DynamicQuantizeLinear", ["x"], "q")
    toy.operations[0].furtherOutputs = ["scale", "zero"]
    toy.add("DequantizeLinear", ["q", "scale", "zero"])
    let x = Tensor([1, 3], [-1, 0, 1.55])
    let network = try toy.network()
    let results = try network.values(of: ["q", "scale", "zero", "y"], at: ["x": x])
    #expect(results[0].values == [0, 100, 255])
    #expect(abs(results[1].values[0] - 0.01) < 1e-7)
    #expect(results[2].values == [100])
    let gradient = try network.gradients(
      of: "y", seed: Tensor([1, 3], [1, 2, 3]), withRespectTo: ["x"], at: ["x": x]
    ).gradients[0]
    #expect(zip(gradient.values, [1, 2, 3]).allSatisfy { abs($0 - $1) < 1e-5 })
    // All rows share one range: they cannot be computed apart.
    let rows = Tensor([40, 3], (0..<120).map { Float($0) })
    let whole = try toy.network().values(of: ["q"], at: ["x": rows])[0]
    #expect(try toy.rowNetwork(threads: 2, rowsPerRun: 4).evaluate(["q"], at: ["x": rows])[0] == whole)
  }

  @Test("operators on quantized tensors")
  func quantizedOperators() throws {
    var toy = ToyNetwork([1, 3, 2])
    let scale = toy.weight("scale", Tensor([], [0.5]))
    toy.extraTensors = [
      Self.integers("zero", 3, [], [1]), Self.integers("w", 3, [2, 2], [2, 4, 6, -8]),
      Self.integers("far", 3, [], [2]),
    ]
    toy.add("QuantizeLinear", ["x", scale, "zero"], "q")
    // (q − 1)/2 = [0, 0, 1, 63, −64.5, 1] in rows of 2; (w − 2)/2 = [0, 1, 2, −5].
    toy.add("QLinearMatMul", ["q", scale, "zero", "w", scale, "far", scale, "zero"], "m")
    toy.add("DequantizeLinear", ["m", scale, "zero"])
    #expect(try values(toy) == [0, 0, 63, -64.5, 2, -64.5])
  }

  @Test("scales that do not fit, and types that are not known")
  func refused() {
    func expect(
      _ message: String, _ toy: ToyNetwork, sourceLocation: SourceLocation = #_sourceLocation
    ) {
      var toy = toy
      toy.inputs[0].dimensions = [1, 3, 2]
      expectError("node 'node q' (QuantizeLinear): \(message)", sourceLocation: sourceLocation) {
        _ = try toy.graph()
      }
    }
    expect(
      "scales of shape [4] for a tensor of shape [1, 3, 2] along axis 1", toy(Tensor([4]), zero: nil))
    expect(
      "scales of shape [3] for a tensor of shape [1, 3, 2] along axis 3",
      toy(Tensor([3]), zero: nil, ["axis": 3]))
    expect(
      "scales of shape [3] for a tensor of shape [1, 3, 2] along axis \(Int.min)",
      toy(Tensor([3]), zero: nil, ["axis": .integer(.min)]))
    expect(
      "scales of shape [1, 2, 2] for a tensor of shape [1, 3, 2] along axis 1",
      toy(Tensor([1, 2, 2]), zero: nil, ["block_size": .integer(.max)]))
    expect("it quantizes to the element type 8", toy(Tensor([], [1]), zero: nil, ["output_dtype": 8]))
  }
}
