import SwiftProtobuf
import Tensors

/// Writes a network in ONNX, layer by layer, with initial weights.
///
/// A layer called `conv1` makes a tensor `conv1` and has weights `conv1.weight` and `conv1.bias`, as PyTorch calls them.
/// Shapes are checked on the way: a window that does not fit is refused, not built.
///
/// ```swift
/// var builder = ONNXNetworkBuilder(name: "small", seed: 1)
/// let sound = builder.input("log_mel", [1, 96, 64])             // [N, 1, 96, 64]
/// let map = try builder.conv(sound, "conv1", 32, kernel: [3, 3], padding: .same)
/// let pooled = builder.flatten(try builder.globalAveragePool(builder.relu(map)))
/// let file = builder.file(ending: try builder.dense(pooled, "fc", 10, output: "logits"))
/// ```
package struct ONNXNetworkBuilder {
  /// A tensor of the network under construction.
  package struct Value {
    package let name: TensorName
    /// The extents of a row, without the axis of the rows: `[channels, frames, bands]`, `[features]`.
    package let extents: [Int]

    package init(name: TensorName, extents: [Int]) { (self.name, self.extents) = (name, extents) }
  }

  private var base: ONNXFile
  /// The weights that were added, in their order.
  package private(set) var addedWeights: [TensorName] = []
  let seed: UInt64
  let opset: Int
  private var names: Set<TensorName>
  private var nodeNames: Set<String>

  /// A new network.
  package init(name: String, seed: UInt64) {
    var proto = Onnx_ModelProto()
    (proto.irVersion, proto.producerName) = (8, "otoscope")
    var version = Onnx_OperatorSetIdProto()
    version.version = 17
    proto.opsetImport = [version]
    proto.graph.name = name
    self.init(continuing: ONNXFile(proto, path: ""), seed: seed)
  }

  /// More layers for a network that is there.
  package init(continuing file: ONNXFile, seed: UInt64) {
    base = file
    self.seed = seed
    opset = file.opset
    names = file.tensorNames
    nodeNames = Set(file.proto.graph.node.map(\.name))
  }

  /// An input `[N] + extents`.
  package mutating func input(_ name: TensorName, _ extents: [Int]) -> Value {
    base.proto.graph.input.append(.init(name, extents: extents.map { .fixed($0) }))
    names.insert(name)
    return Value(name: name, extents: extents)
  }

  /// The network that ends in `outputs`.
  package func file(ending outputs: Value...) -> ONNXFile {
    var file = base
    file.proto.graph.output = outputs.map { .init($0.name, extents: $0.extents.map { .fixed($0) }) }
    file.allowStoredWeights()
    return file
  }

  // MARK: - Parts

  /// `name`, or with a number behind it where the file has such a tensor already.
  func free(_ name: TensorName) -> TensorName {
    guard names.contains(name) else { return name }
    var number = 2
    while names.contains("\(name)_\(number)") { number += 1 }
    return "\(name)_\(number)"
  }

  /// Stores a weight.
  mutating func weight(_ name: TensorName, _ value: Tensor) throws(ONNXFileError) -> TensorName {
    let name = free(name)
    base.proto.graph.initializer.append(try .init(name, value))
    names.insert(name)
    addedWeights.append(name)
    return name
  }

  /// Stores whole numbers that an operator takes as an operand.
  mutating func integers(_ name: TensorName, _ values: [Int]) -> TensorName {
    let name = free(name)
    base.proto.graph.initializer.append(.init(name, integers: values, [values.count]))
    names.insert(name)
    return name
  }

  /// Adds a node of one result.
  mutating func add(
    _ kind: String, _ inputs: [TensorName], _ output: TensorName, _ extents: [Int],
    _ attributes: [Onnx_AttributeProto] = []
  ) -> Value {
    let output = free(output)
    var node = Onnx_NodeProto()
    (node.opType, node.input, node.output, node.attribute) = (kind, inputs, [output], attributes)
    node.name = nodeNames.contains(output) ? "\(output) (\(kind))" : output
    base.proto.graph.node.append(node)
    names.insert(output)
    nodeNames.insert(node.name)
    return Value(name: output, extents: extents)
  }
}

extension Onnx_ValueInfoProto {
  /// A tensor of float32, `[N] + extents`.
  fileprivate init(_ name: TensorName, extents: [Dimension]) {
    self.init()
    self.name = name
    var tensor = Onnx_TypeProto.Tensor()
    tensor.elemType = 1
    tensor.shape.dim = ([.symbolic("N")] + extents).map { dimension in
      var proto = Onnx_TensorShapeProto.Dimension()
      switch dimension {
      case .fixed(let extent): proto.dimValue = Int64(extent)
      case .symbolic(let symbol): proto.dimParam = symbol
      }
      return proto
    }
    type.tensorType = tensor
  }
}

extension Onnx_AttributeProto {
  static func integer(_ name: String, _ value: Int) -> Self {
    var attribute = Self()
    (attribute.name, attribute.i, attribute.type) = (name, Int64(value), 2)
    return attribute
  }

  static func integers(_ name: String, _ values: [Int]) -> Self {
    var attribute = Self()
    (attribute.name, attribute.ints, attribute.type) = (name, values.map(Int64.init), 7)
    return attribute
  }

  static func float(_ name: String, _ value: Float) -> Self {
    var attribute = Self()
    (attribute.name, attribute.f, attribute.type) = (name, value, 1)
    return attribute
  }
}
