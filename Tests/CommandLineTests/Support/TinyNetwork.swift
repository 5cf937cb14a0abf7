import Files

/// ONNX files written byte by byte: small networks, and broken ones.
struct TinyNetwork {
  /// One node of the graph.
  struct Node {
    var kind: String
    var name: String
    var inputs: [String]
    var outputs: [String]
    var domain = ""
    var integers: [(name: String, values: [Int])] = []
  }

  var nodes: [Node]
  /// Name and shape; 0 stands for a symbolic axis.
  var inputs: [(name: String, shape: [Int])]
  var outputs: [String]
  var weights: [(name: String, shape: [Int], values: [Float])] = []
  var metadata: [(key: String, value: String)] = []

  /// A network that listens to YAMNet's pictures, `[N, 1, 96, 64]`, and tells two classes: one convolution of 8 x 8
  /// bins, its mean, and a softmax. Nothing in the file says where the pictures come from.
  static var listener: TinyNetwork {
    var state: UInt32 = 7
    let kernel = (0..<2 * 64).map { _ -> Float in
      state = state &* 1_664_525 &+ 1_013_904_223
      return Float(state >> 8) / 0x1p24 - 0.5
    }
    return TinyNetwork(
      nodes: [
        Node(
          kind: "Conv", name: "conv_node", inputs: ["log_mel", "kernel"], outputs: ["conv"],
          integers: [("kernel_shape", [8, 8]), ("strides", [8, 8])]),
        Node(kind: "Relu", name: "relu_node", inputs: ["conv"], outputs: ["relu"]),
        Node(kind: "GlobalAveragePool", name: "pool_node", inputs: ["relu"], outputs: ["pool"]),
        Node(kind: "Flatten", name: "flatten_node", inputs: ["pool"], outputs: ["logits"]),
        Node(kind: "Softmax", name: "softmax_node", inputs: ["logits"], outputs: ["scores"]),
      ],
      inputs: [("log_mel", [0, 1, 96, 64])], outputs: ["scores"],
      weights: [("kernel", [2, 1, 8, 8], kernel)])
  }

  /// `listener`, told how to listen, and what its classes are called.
  static func listener(labels: [String]) -> TinyNetwork {
    var network = listener
    let quoted = labels.map { "\"\($0)\"" }.joined(separator: ", ")
    network.metadata = [
      ("otoscope.front_end", "{\"preset\": \"yamnet\"}"), ("otoscope.labels", "[\(quoted)]"),
    ]
    return network
  }

  func write(to path: String) throws { try WholeFile.write(bytes, to: path) }

  var bytes: [UInt8] {
    var graph = Message()
    for node in nodes {
      var message = Message()
      for input in node.inputs { message.add(1, input) }
      for output in node.outputs { message.add(2, output) }
      message.add(3, node.name)
      message.add(4, node.kind)
      for (name, values) in node.integers {
        var attribute = Message()
        attribute.add(1, name)
        for value in values { attribute.add(8, value) }
        attribute.add(20, 7)  // INTS
        message.add(5, attribute)
      }
      message.add(7, node.domain)
      graph.add(1, message)
    }
    graph.add(2, "tiny")
    for (name, shape, values) in weights {
      var tensor = Message()
      for extent in shape { tensor.add(1, extent) }
      tensor.add(2, 1)  // FLOAT
      tensor.add(8, name)
      tensor.add(
        9, values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } })
      graph.add(5, tensor)
    }
    for (name, shape) in inputs { graph.add(11, Self.value(name, shape)) }
    for name in outputs { graph.add(12, Self.value(name, nil)) }

    var opset = Message()
    opset.add(2, 17)
    var model = Message()
    model.add(1, 8)
    model.add(7, graph)
    model.add(8, opset)
    for (key, value) in metadata {
      var entry = Message()
      entry.add(1, key)
      entry.add(2, value)
      model.add(14, entry)
    }
    return model.bytes
  }

  /// A `ValueInfoProto`.
  private static func value(_ name: String, _ shape: [Int]?) -> Message {
    var tensor = Message()
    tensor.add(1, 1)  // FLOAT
    if let shape {
      var dimensions = Message()
      for extent in shape {
        var dimension = Message()
        if extent == 0 { dimension.add(2, "N") } else { dimension.add(1, extent) }
        dimensions.add(1, dimension)
      }
      tensor.add(2, dimensions)
    }
    var type = Message()
    type.add(1, tensor)
    var value = Message()
    value.add(1, name)
    value.add(2, type)
    return value
  }
}

/// A protobuf message as it grows.
private struct Message {
  private(set) var bytes: [UInt8] = []

  mutating func add(_ field: Int, _ value: Int) {
    varint(UInt64(field << 3))
    varint(UInt64(bitPattern: Int64(value)))
  }

  mutating func add(_ field: Int, _ value: [UInt8]) {
    varint(UInt64(field << 3 | 2))
    varint(UInt64(value.count))
    bytes += value
  }

  mutating func add(_ field: Int, _ text: String) { if !text.isEmpty { add(field, Array(text.utf8)) } }
  mutating func add(_ field: Int, _ message: Message) { add(field, message.bytes) }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest > 127 {
      bytes.append(UInt8(rest & 127) | 128)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
