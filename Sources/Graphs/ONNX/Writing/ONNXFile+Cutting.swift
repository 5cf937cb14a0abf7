import SwiftProtobuf
import Tensors

extension ONNXFile {
  /// Drops all that `tensor` does not need: nodes, weights, inputs, outputs. The file has no output then; whoever goes on
  /// from `tensor` gives it some.
  ///
  /// - Throws: `ONNXFileError.noTensor` where no node of the file makes it; `.cut` where it depends on no input.
  package mutating func keepOnly(making tensor: TensorName) throws(ONNXFileError) {
    let made = proto.graph.node.flatMap(\.output).filter { !$0.isEmpty }
    guard made.contains(tensor) else {
      if proto.graph.input.contains(where: { $0.name == tensor }) {
        throw .cut(tensor, reason: "it is the network's input; nothing of the network would be left")
      }
      throw .noTensor(tensor, nearest: nearest(to: tensor, among: made))
    }
    var needed: Set<TensorName> = [tensor]
    var kept: [Onnx_NodeProto] = []
    for node in proto.graph.node.reversed() where node.output.contains(where: needed.contains) {
      needed.formUnion(node.operands)
      kept.append(node)
    }
    let weights = proto.graph.initializer.filter { needed.contains($0.name) }
    let inputs = proto.graph.input.filter { needed.contains($0.name) }
    let stored = Set(weights.map(\.name))
    guard inputs.contains(where: { !stored.contains($0.name) }) else {
      throw .cut(tensor, reason: "it does not depend on any input")
    }
    proto.graph.node = kept.reversed()
    proto.graph.initializer = weights
    proto.graph.input = inputs
    proto.graph.output = []
    dropNotes()
  }

  /// Gives a tensor another name wherever it stands, bodies included.
  package mutating func rename(_ old: TensorName, to new: TensorName) {
    proto.graph.rename(old, to: new)
    dropNotes()
  }

  /// All names of tensors in the file, bodies included.
  package var tensorNames: Set<TensorName> { proto.graph.allNames }

  /// Leaves out what the file says of tensors that it does not have any more: shapes, quantization.
  func notes(keeping names: Set<TensorName>) -> Onnx_GraphProto {
    var fields = WireFields(Array(proto.graph.unknownFields.data))
    var kept: [UInt8] = []
    while let field = fields.next() {
      if Self.noteFields.contains(field.number) {
        var inner = WireFields(Array(field.content))
        var name: TensorName?
        while name == nil, let part = inner.next() {
          if part.number == 1 { name = String(decoding: part.content, as: UTF8.self) }
        }
        guard let name, names.contains(name) else { continue }
      }
      kept += field.whole
    }
    return (try? Onnx_GraphProto(serializedBytes: kept)) ?? Onnx_GraphProto()
  }

  private mutating func dropNotes() {
    guard !proto.graph.unknownFields.data.isEmpty else { return }
    proto.graph.unknownFields = notes(keeping: tensorNames).unknownFields
  }

  /// `value_info` and `quantization_annotation` of a `GraphProto`; the tensor's name is field 1 of either.
  private static let noteFields: Set<Int> = [13, 14]
}

extension Onnx_NodeProto {
  /// What the node reads: its operands, and what its bodies read of the tensors around them.
  var operands: [TensorName] { input.filter { !$0.isEmpty } + attribute.flatMap(\.g.captures) }
}

extension Onnx_GraphProto {
  /// Every name that is defined here or in a body.
  fileprivate var allNames: Set<TensorName> {
    var names = Set(definitions + input.map(\.name) + output.map(\.name))
    for attribute in node.flatMap(\.attribute) where attribute.hasG { names.formUnion(attribute.g.allNames) }
    return names
  }

  fileprivate mutating func rename(_ old: TensorName, to new: TensorName) {
    func renamed(_ names: [TensorName]) -> [TensorName] { names.map { $0 == old ? new : $0 } }
    for place in node.indices {
      node[place].input = renamed(node[place].input)
      node[place].output = renamed(node[place].output)
      for index in node[place].attribute.indices where node[place].attribute[index].hasG {
        node[place].attribute[index].g.rename(old, to: new)
      }
    }
    for place in initializer.indices where initializer[place].name == old { initializer[place].name = new }
    for place in input.indices where input[place].name == old { input[place].name = new }
    for place in output.indices where output[place].name == old { output[place].name = new }
  }
}

/// The fields of an encoded message, one after another, as far as they can be told apart.
private struct WireFields {
  private let bytes: [UInt8]
  private var place = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  struct Field {
    let number: Int
    /// With its key.
    let whole: ArraySlice<UInt8>
    let content: ArraySlice<UInt8>
  }

  mutating func next() -> Field? {
    let start = place
    guard let key = varint() else { return nil }
    var count = 0
    var first = place
    switch key & 7 {
    case 0:
      guard varint() != nil else { return nil }
      count = place - first
      place = first
    case 1: count = 8
    case 2:
      guard let length = varint() else { return nil }
      (count, first) = (length, place)
    case 5: count = 4
    default: return nil
    }
    guard count >= 0, count <= bytes.count - first else { return nil }
    place = first + count
    return Field(number: key >> 3, whole: bytes[start..<place], content: bytes[first..<place])
  }

  private mutating func varint() -> Int? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard place < bytes.count else { return nil }
      let byte = bytes[place]
      place += 1
      value |= UInt64(byte & 127) << shift
      if byte < 128 { return Int(truncatingIfNeeded: value) }
    }
    return nil
  }
}
