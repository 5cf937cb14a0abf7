import SwiftProtobuf
import Tensors

import struct FoundationEssentials.Data

/// What is constant in a file: weights, shapes, axes.
///
/// All are float32 tensors, whole numbers too: up to 2²⁴ they are exact. Those of the file itself are kept exactly
/// besides, as shapes and axes may be larger.
struct ConstantTable: Sendable {
  /// A constant and its kind.
  struct Value {
    var tensor: Tensor
    /// Whole numbers or truth values.
    var isInteger: Bool
    /// Exactly, where they are whole numbers.
    var integers: [Int]?
  }

  private(set) var tensors: [TensorName: Tensor] = [:]
  private var exact: [TensorName: [Int]] = [:]
  private var integerNames: Set<TensorName> = []

  func contains(_ name: TensorName) -> Bool { tensors[name] != nil }
  func isInteger(_ name: TensorName) -> Bool { integerNames.contains(name) }

  /// The constant `name` as whole numbers; nil if there is none.
  func integers(_ name: TensorName) -> [Int]? {
    exact[name] ?? tensors[name]?.values.map { Int(clamping: $0) }
  }

  /// The constant `name` with all that is known of it.
  func value(_ name: TensorName) -> Value? {
    tensors[name].map { Value(tensor: $0, isInteger: isInteger(name), integers: exact[name]) }
  }

  mutating func add(_ proto: Onnx_TensorProto, named name: TensorName) throws {
    try add(try Value(proto, named: name), named: name)
  }

  mutating func add(_ value: Value, named name: TensorName) throws(GraphError) {
    guard !contains(name) else { throw GraphError.malformed("tensor '\(name)' is defined twice") }
    tensors[name] = value.tensor
    exact[name] = value.integers
    if value.isInteger { integerNames.insert(name) }
  }

  /// What a `Constant` node says: a tensor, or numbers given as attributes.
  func value(ofConstant node: ONNXNode) throws(ONNXError) -> Value {
    if let tensor = node.tensor("value") { return try Value(tensor, named: node.outputs[0]) }
    if let value = node.optionalFloat("value_float") {
      return Value(tensor: Tensor([], [value]), isInteger: false)
    }
    if let values = node.optionalIntegers("value_ints") { return Value(values, [values.count]) }
    if let value = node.optionalInteger("value_int") { return Value([value], []) }
    if let values = node.optionalFloats("value_floats") {
      return Value(tensor: Tensor([values.count], values), isInteger: false)
    }
    throw node.unsupported("a constant that is neither a tensor nor numbers")
  }
}

extension ConstantTable.Value {
  init(_ integers: [Int], _ shape: Shape) {
    self.init(tensor: Tensor(shape, integers.map { Float($0) }), isInteger: true, integers: integers)
  }

  init(_ proto: Onnx_TensorProto, named name: TensorName) throws(ONNXError) {
    switch try ONNXTensor(proto, named: name) {
    case .floats(let tensor): self.init(tensor: tensor, isInteger: false)
    case .integers(let shape, let values): self.init(values, shape)
    }
  }
}

extension Int {
  /// The nearest whole number, however large `value` is; 0 for what is none.
  fileprivate init(clamping value: Float) {
    self = value.isNaN ? 0 : value >= 0x1p63 ? .max : value <= -0x1p63 ? .min : Int(value)
  }
}

/// A `TensorProto`, converted: all floating types to float32, all integers to `Int`.
enum ONNXTensor {
  case floats(Tensor)
  case integers(Shape, [Int])

  init(_ proto: Onnx_TensorProto, named name: TensorName) throws(ONNXError) {
    guard proto.dataLocation == 0, proto.externalData.isEmpty else {
      throw .tensor(name: name, reason: "is kept in an external file, which is not read")
    }
    var extents: [Int] = []
    var count = 1
    for extent in proto.dims {
      let (product, overflow) = count.multipliedReportingOverflow(by: max(1, Int(extent)))
      guard extent >= 0, !overflow, product < 1 << 40 else {
        throw .tensor(name: name, reason: "has the impossible shape \(proto.dims)")
      }
      extents.append(Int(extent))
      count = product
    }
    if extents.contains(0) { count = 0 }
    let shape = Shape(extents)
    switch proto.dataType {
    case 1:
      let values = try Self.elements(proto, typed: proto.floatData, count: count, name)
      self = .floats(Tensor(shape, values))
    case 10:
      let raw: [UInt16] = try Self.elements(
        proto, typed: proto.int32Data.map { UInt16(truncatingIfNeeded: $0) }, count: count, name)
      self = .floats(Tensor(shape, raw.map { Float(Float16(bitPattern: $0)) }))
    case 16:
      let raw: [UInt16] = try Self.elements(
        proto, typed: proto.int32Data.map { UInt16(truncatingIfNeeded: $0) }, count: count, name)
      self = .floats(Tensor(shape, raw.map { Float(bitPattern: UInt32($0) << 16) }))
    case 11:
      let values = try Self.elements(proto, typed: proto.doubleData, count: count, name)
      self = .floats(Tensor(shape, values.map { Float($0) }))
    case 6:
      self = .integers(
        shape, try Self.elements(proto, typed: proto.int32Data, count: count, name).map(Int.init))
    case 7:
      self = .integers(
        shape, try Self.elements(proto, typed: proto.int64Data, count: count, name).map(Int.init))
    case 2, 9:
      let raw: [UInt8] = try Self.elements(
        proto, typed: proto.int32Data.map { UInt8(truncatingIfNeeded: $0) }, count: count, name)
      self = .integers(shape, raw.map(Int.init))
    case 3:
      let raw: [Int8] = try Self.elements(
        proto, typed: proto.int32Data.map { Int8(truncatingIfNeeded: $0) }, count: count, name)
      self = .integers(shape, raw.map(Int.init))
    default: throw .tensor(name: name, reason: "has the element type \(proto.dataType), which is not read")
    }
  }

  /// The elements, from the raw little-endian bytes or from the typed list, whichever the file uses.
  private static func elements<Element: BitwiseCopyable>(
    _ proto: Onnx_TensorProto, typed: [Element], count: Int, _ name: TensorName
  ) throws(ONNXError) -> [Element] {
    let width = MemoryLayout<Element>.stride
    let raw: Data = proto.rawData
    guard !raw.isEmpty else {
      guard typed.count == count else {
        throw .tensor(
          name: name, reason: "declares \(count) elements of shape \(proto.dims) and has \(typed.count)")
      }
      return typed
    }
    guard raw.count == count * width else {
      throw .tensor(
        name: name, reason: "declares \(count) elements of shape \(proto.dims) in \(raw.count) bytes")
    }
    return [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
      _ = raw.copyBytes(to: UnsafeMutableRawBufferPointer(buffer))
      initialized = count
    }
  }
}
