import SwiftProtobuf
import Tensors

/// A node of a file, as operators read themselves from it.
struct ONNXNode {
  let kind: String
  let name: String
  let inputs: [TensorName]
  let opset: Int
  private let attributes: [String: Onnx_AttributeProto]
  private let constants: ConstantTable

  init(_ proto: Onnx_NodeProto, name: String, opset: Int, constants: ConstantTable) {
    kind = proto.opType
    self.name = name
    inputs = proto.input
    self.opset = opset
    attributes = Dictionary(proto.attribute.map { ($0.name, $0) }) { first, _ in first }
    self.constants = constants
  }

  func unsupported(_ reason: String) -> ONNXError { .unsupported(node: name, kind: kind, reason: reason) }

  // MARK: Attributes

  func has(_ attribute: String) -> Bool { attributes[attribute] != nil }
  func optionalInteger(_ attribute: String) -> Int? { attributes[attribute].map { Int($0.i) } }
  func integer(_ attribute: String, default value: Int) -> Int { optionalInteger(attribute) ?? value }
  func optionalIntegers(_ attribute: String) -> [Int]? { attributes[attribute].map { $0.ints.map(Int.init) } }
  func optionalFloat(_ attribute: String) -> Float? { attributes[attribute].map(\.f) }
  func float(_ attribute: String, default value: Float) -> Float { optionalFloat(attribute) ?? value }
  func optionalFloats(_ attribute: String) -> [Float]? { attributes[attribute].map(\.floats) }
  func tensor(_ attribute: String) -> Onnx_TensorProto? { attributes[attribute].map(\.t) }

  func string(_ attribute: String, default value: String) -> String {
    attributes[attribute].map { String(decoding: $0.s, as: UTF8.self) } ?? value
  }

  // MARK: Operands

  /// The operands, of which there must be at least `least` and are no more than `most`.
  func operands(_ least: Int, atMost most: Int? = nil) throws(ONNXError) -> [TensorName] {
    guard inputs.count >= least, !inputs.prefix(least).contains("") else {
      throw unsupported("it has \(inputs.count) operands and needs \(least)")
    }
    return Array(inputs.prefix(most ?? least))
  }

  private func operandName(_ index: Int) -> TensorName? {
    index < inputs.count && !inputs[index].isEmpty ? inputs[index] : nil
  }

  /// Whether operand `index` is there.
  func hasOperand(_ index: Int) -> Bool { operandName(index) != nil }

  /// Operand `index` as a weight, which it must be.
  func weight(_ index: Int) throws(ONNXError) -> Tensor {
    guard let name = operandName(index), let tensor = constants.tensors[name] else {
      throw unsupported("operand \(index) must be a constant")
    }
    return tensor
  }

  /// Operand `index` as one constant number; nil if it is left out.
  func scalar(_ index: Int) throws(ONNXError) -> Float? {
    guard hasOperand(index) else { return nil }
    guard let value = try weight(index).values.first else { throw unsupported("operand \(index) is empty") }
    return value
  }

  /// Operand `index` as constant integers (a shape, axes); nil if it is left out.
  func integers(_ index: Int) throws(ONNXError) -> [Int]? {
    guard let name = operandName(index) else { return nil }
    guard let values = constants.integers[name] else {
      throw unsupported("operand \(index) ('\(name)') must be constant integers")
    }
    return values
  }
}
