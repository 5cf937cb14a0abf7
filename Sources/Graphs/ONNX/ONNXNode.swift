import SwiftProtobuf
import Tensors

/// A node of a file, as operators read themselves from it.
struct ONNXNode {
  let kind: String
  let name: String
  let inputs: [TensorName]
  let outputs: [TensorName]
  let opset: Int
  private let attributes: [String: Onnx_AttributeProto]
  private let known: KnownTensors

  init(_ proto: Onnx_NodeProto, name: String, opset: Int, known: KnownTensors) {
    kind = proto.opType
    self.name = name
    inputs = proto.input
    outputs = proto.output
    self.opset = opset
    self.known = known
    attributes = Dictionary(proto.attribute.map { ($0.name, $0) }) { first, _ in first }
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
  func graph(_ attribute: String) -> Onnx_GraphProto? { attributes[attribute].map(\.g) }

  func strings(_ attribute: String) -> [String]? {
    attributes[attribute].map { $0.strings.map { String(decoding: $0, as: UTF8.self) } }
  }

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

  /// Operand `index` as a constant, which it must be by now.
  func weight(_ index: Int) throws(ONNXError) -> Tensor {
    guard let name = operandName(index) else { throw unsupported("operand \(index) is missing") }
    guard let tensor = known.constants.tensors[name] else {
      throw notConstant("operand \(index) ('\(name)')")
    }
    return tensor
  }

  /// Whether operand `index` is a constant.
  func isConstant(_ index: Int) -> Bool { operandName(index).map(known.constants.contains) ?? false }

  /// Whether operand `index` holds whole numbers or truth values.
  func isInteger(_ index: Int) -> Bool {
    operandName(index).map(known.isInteger) ?? false
  }

  /// ONNX's number of the element type of operand `index`, if it is a constant whose type is known.
  func elementType(_ index: Int) -> Int? { operandName(index).flatMap(known.constants.elementType) }

  /// The shape of operand `index`, which must be known by now.
  func knownShape(_ index: Int) throws(ONNXError) -> Shape {
    guard let name = operandName(index) else { throw unsupported("operand \(index) is missing") }
    guard let shape = known.shapes[name] else {
      throw notConstant("the shape of operand \(index) ('\(name)')")
    }
    return shape
  }

  /// The shape of operand `index` if it is known already.
  func shape(_ index: Int) -> Shape? { operandName(index).flatMap { known.shapes[$0] } }

  func notConstant(_ what: String) -> ONNXError {
    .notConstant(
      node: name, kind: kind,
      reason: "\(what) must follow from the shapes of the network's inputs, or from inputs of known value")
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
    guard let values = known.constants.integers(name) else {
      throw notConstant("operand \(index) ('\(name)')")
    }
    return values
  }

  /// Whether the results are whole numbers or truth values, where the operands do not tell: nil if they do.
  var resultsAreIntegers: Bool? {
    switch kind {
    case "EyeLike" where !has("dtype"): return isInteger(0)
    case "Cast", "ConstantOfShape", "EyeLike", "CastLike":
      switch kind == "ConstantOfShape"
        ? tensor("value").map({ Int($0.dataType) }) ?? 1
        : integer(kind == "EyeLike" ? "dtype" : "to", default: 0)
      {
      case 0: return kind == "CastLike" ? isInteger(1) : false
      case let type: return holdsWholeNumbers(type)
      }
    case "Shape", "Size", "ArgMax", "ArgMin", "NonZero", "Equal", "Greater", "GreaterOrEqual", "Less",
      "LessOrEqual",
      "And", "Or", "Xor", "Not", "IsNaN", "IsInf", "QuantizeLinear":
      return true
    case "DequantizeLinear", "HannWindow", "HammingWindow", "BlackmanWindow", "MelWeightMatrix", "DFT",
      "STFT":
      return false
    case "Where": return isInteger(1)
    case "OneHot": return isInteger(2)
    default: return nil
    }
  }
}
