import SwiftProtobuf
import Tensors

import struct FoundationEssentials.Data

/// The constants of a file: weights as tensors, shapes and axes as integers.
struct ConstantTable {
  private(set) var tensors: [TensorName: Tensor] = [:]
  private(set) var integers: [TensorName: [Int]] = [:]

  func contains(_ name: TensorName) -> Bool { tensors[name] != nil || integers[name] != nil }

  mutating func add(_ proto: Onnx_TensorProto, named name: TensorName) throws {
    guard !contains(name) else { throw GraphError.malformed("tensor '\(name)' is defined twice") }
    switch try ONNXTensor(proto, named: name) {
    case .floats(let tensor): tensors[name] = tensor
    case .integers(let values): integers[name] = values
    }
  }

  /// A `Constant` node: a tensor, or numbers given as attributes.
  mutating func add(constant node: ONNXNode, named name: TensorName) throws {
    if let tensor = node.tensor("value") {
      try add(tensor, named: name)
    } else if let value = node.optionalFloat("value_float") {
      tensors[name] = Tensor([], [value])
    } else if let values = node.optionalIntegers("value_ints") {
      integers[name] = values
    } else if let value = node.optionalInteger("value_int") {
      integers[name] = [value]
    } else if let values = node.optionalFloats("value_floats") {
      tensors[name] = Tensor([values.count], values)
    } else {
      throw node.unsupported("a constant that is neither a tensor nor numbers")
    }
  }
}

/// A `TensorProto`, converted: all floating types to float32, all integers to `Int`.
enum ONNXTensor {
  case floats(Tensor)
  case integers([Int])

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
      self = .integers(try Self.elements(proto, typed: proto.int32Data, count: count, name).map(Int.init))
    case 7:
      self = .integers(try Self.elements(proto, typed: proto.int64Data, count: count, name).map(Int.init))
    case 2, 9:
      let raw: [UInt8] = try Self.elements(
        proto, typed: proto.int32Data.map { UInt8(truncatingIfNeeded: $0) }, count: count, name)
      self = .integers(raw.map(Int.init))
    case 3:
      let raw: [Int8] = try Self.elements(
        proto, typed: proto.int32Data.map { Int8(truncatingIfNeeded: $0) }, count: count, name)
      self = .integers(raw.map(Int.init))
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
