import SwiftProtobuf
import Tensors

/// Turns the nodes of a file into those of a graph.
///
/// On the way it resolves attributes and constant operands, computes at once what depends on constants only, and copies
/// in the bodies of `If` and `Loop`. Given the shapes of the inputs it also knows what `Shape` and `Size` say, so that
/// the shape arithmetic of exporters folds away. Without them, nodes that hang on such arithmetic stay as
/// `Unresolved`: the file is then read once more for each shape that it is run with (`Graph.resolved(for:)`).
struct GraphReader: Sendable {
  let file: Onnx_GraphProto
  private(set) var inputs: [GraphInput]
  private(set) var integerInputs: Set<TensorName>
  private(set) var constants: ConstantTable
  let opset: Int
  /// Operators that the file defines itself.
  let functions: FunctionTable
  let path: String
  /// Where external data may lie; nil for a model in memory.
  let folder: String?
  /// Nodes whose result became a constant together with their weights.
  private let done: Set<Int>

  /// - Parameter spans: where the bytes of weights are that `file` lacks, by their place in it.
  init(
    _ file: consuming Onnx_GraphProto, weights spans: [Int: LeanFile.Span], opset: Int, path: String,
    folder: String?, functions: FunctionTable
  ) throws {
    guard file.sparseInitializer.isEmpty else {
      throw ONNXError.notANetwork(
        path: path, reason: "has \(file.sparseInitializer.count) sparse weights, which are not read")
    }
    var constants = ConstantTable()
    let quantized = file.largeQuantizedWeights
    var weights = file.initializer
    file.initializer = []
    // The file's own bytes are let go as soon as they are converted.
    var waiting: [(tensor: Onnx_TensorProto, span: LeanFile.Span?, node: Int)] = []
    while let tensor = weights.popLast() {
      let span = spans[weights.count]
      if let node = quantized[tensor.name] {
        waiting.append((tensor, span, node))
      } else {
        let value = try ConstantTable.Value(tensor, named: tensor.name, folder: folder, apart: span)
        try constants.add(value, named: tensor.name)
      }
    }
    // Numbers of 8 bits are made real in place, once their scales are there: else they would be in memory twice.
    var done: Set<Int> = []
    while let (tensor, span, index) = waiting.popLast() {
      var value = try ConstantTable.Value(tensor, named: tensor.name, folder: folder, apart: span)
      let node = file.node[index]
      if value.dequantize(by: node, with: constants) {
        done.insert(index)
        try constants.add(value, named: node.output[0])
      } else {
        try constants.add(value, named: tensor.name)
      }
    }
    let replaced = Set(done.map { file.node[$0].input[0] })
    self.done = done
    self.file = file
    self.constants = constants
    self.opset = opset
    self.functions = functions
    self.path = path
    self.folder = folder
    let inputs = file.input.filter { !constants.contains($0.name) && !replaced.contains($0.name) }
    self.inputs = try inputs.map { try GraphInput($0, path: path) }
    integerInputs = Set(self.inputs.filter(\.isInteger).map(\.name))
    guard !self.inputs.isEmpty else { throw ONNXError.notANetwork(path: path, reason: "has no input") }
    guard !file.output.isEmpty else { throw ONNXError.notANetwork(path: path, reason: "has no output") }
  }

  /// The graph; with more known of the inputs, the one for that.
  func graph(for inputs: Graph.KnownInputs = .init()) throws -> Graph {
    var reader = self
    try reader.fix(inputs.values)
    return try reader.graph(for: inputs.shapes)
  }

  /// Takes inputs of known value for constants.
  private mutating func fix(_ values: [TensorName: Tensor]) throws {
    for (name, tensor) in values {
      try constants.add(.init(tensor: tensor, isInteger: integerInputs.contains(name)), named: name)
    }
    inputs.removeAll { values[$0.name] != nil }
    integerInputs.subtract(values.keys)
  }

  private func graph(for shapes: [TensorName: Shape]?) throws -> Graph {
    var reading = Reading(self, shapes: shapes)
    for (index, node) in file.node.enumerated() where !done.contains(index) {
      try reading.add(node, at: index, Scope())
    }
    return try reading.graph { known in try graph(for: known) }
  }
}

/// What is known of the tensors of a file halfway read. One for all nodes: each sees what those before it told.
final class KnownTensors {
  var constants: ConstantTable
  /// Of every tensor whose shape is known.
  var shapes: [TensorName: Shape]
  /// Tensors of whole numbers or of truth values, constants apart.
  var integers: Set<TensorName>
  /// Lists of tensors, which exist only while reading.
  var sequences: [TensorName: [TensorName]] = [:]
  /// Constants that are text.
  var texts: Set<TensorName> = []

  init(constants: ConstantTable, integers: Set<TensorName>) {
    self.constants = constants
    self.integers = integers
    shapes = constants.tensors.mapValues(\.shape)
  }

  func isInteger(_ name: TensorName) -> Bool { integers.contains(name) || constants.isInteger(name) }
}
