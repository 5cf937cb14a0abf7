public import Tensors

/// A small ONNX file, made by hand: nodes with integer lists as attributes, weights, inputs, outputs, metadata. The
/// field numbers are those of onnx.proto.
public struct HandmadeONNX: Sendable {
  /// The extent of one axis of an input: a number, or a symbol that is known at run time.
  public enum Extent: Sendable, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    case fixed(Int)
    case named(String)

    public init(integerLiteral value: Int) { self = .fixed(value) }
    public init(stringLiteral value: String) { self = .named(value) }
  }

  public var inputs: [(name: String, extents: [Extent])] = []
  public var weights: [(name: String, value: Tensor)] = []
  /// nil: what the last node makes.
  public var outputs: [String]?
  public var metadata: [(key: String, value: String)] = []
  private var nodes: [[UInt8]] = []
  private var last = ""

  public init(input name: String, _ extents: [Extent]) { inputs = [(name, extents)] }

  /// Adds a node, and with each tensor of `weights` an operand behind `inputs`.
  public mutating func add(
    _ kind: String, _ inputs: [String], _ output: String, weights: [Tensor] = [],
    _ attributes: [String: [Int]] = [:], axis: Int? = nil
  ) {
    var node = Message()
    for input in inputs { node.add(1, input) }
    for (index, value) in weights.enumerated() {
      let name = "\(output) weights \(index)"
      self.weights.append((name, value))
      node.add(1, name)
    }
    node.add(2, output)
    node.add(3, "node \(output)")
    node.add(4, kind)
    for name in attributes.keys.sorted() {
      var attribute = Message()
      attribute.add(1, name)
      for value in attributes[name] ?? [] { attribute.add(8, value) }
      attribute.add(20, 7)  // INTS
      node.add(5, attribute.bytes)
    }
    if let axis {
      var attribute = Message()
      attribute.add(1, "axis")
      attribute.add(3, axis)
      attribute.add(20, 2)  // INT
      node.add(5, attribute.bytes)
    }
    nodes.append(node.bytes)
    last = output
  }

  public var bytes: [UInt8] {
    var graph = Message()
    for node in nodes { graph.add(1, node) }
    graph.add(2, "toy")
    for (name, value) in weights { graph.add(5, Self.tensor(name, value)) }
    for (name, extents) in inputs { graph.add(11, Self.value(name, extents)) }
    for output in outputs ?? [last] {
      var value = Message()
      value.add(1, output)
      graph.add(12, value.bytes)
    }
    var opset = Message()
    opset.add(2, 13)
    var model = Message()
    model.add(1, 8)
    model.add(7, graph.bytes)
    model.add(8, opset.bytes)
    for (key, text) in metadata {
      var entry = Message()
      entry.add(1, key)
      entry.add(2, text)
      model.add(14, entry.bytes)
    }
    return model.bytes
  }

  private static func tensor(_ name: String, _ value: Tensor) -> [UInt8] {
    var tensor = Message()
    for extent in value.shape.dimensions { tensor.add(1, extent) }
    tensor.add(2, 1)  // FLOAT
    tensor.add(8, name)
    tensor.add(
      9, value.values.flatMap { float in (0..<4).map { UInt8(float.bitPattern >> (8 * $0) & 0xFF) } })
    return tensor.bytes
  }

  private static func value(_ name: String, _ extents: [Extent]) -> [UInt8] {
    var shape = Message()
    for extent in extents {
      var dimension = Message()
      switch extent {
      case .fixed(let count): dimension.add(1, count)
      case .named(let symbol): dimension.add(2, symbol)
      }
      shape.add(1, dimension.bytes)
    }
    var tensor = Message()
    tensor.add(1, 1)  // FLOAT
    tensor.add(2, shape.bytes)
    var type = Message()
    type.add(1, tensor.bytes)
    var value = Message()
    value.add(1, name)
    value.add(2, type.bytes)
    return value.bytes
  }
}

/// A protobuf message under construction.
private struct Message {
  var bytes: [UInt8] = []

  mutating func add(_ field: Int, _ value: Int) {
    varint(field << 3)
    varint(value)
  }

  mutating func add(_ field: Int, _ text: String) { add(field, Array(text.utf8)) }

  mutating func add(_ field: Int, _ content: [UInt8]) {
    varint(field << 3 | 2)
    varint(content.count)
    bytes += content
  }

  private mutating func varint(_ value: Int) {
    var rest = UInt64(value)
    while rest > 127 {
      bytes.append(UInt8(rest & 127) | 128)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
