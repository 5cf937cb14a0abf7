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
    let read = try ONNXTensor(proto, named: name)
    self.init(tensor: read.tensor, isInteger: read.isInteger, integers: read.integers)
  }
}

extension Int {
  /// The nearest whole number, however large `value` is; 0 for what is none.
  fileprivate init(clamping value: Float) {
    self = value.isNaN ? 0 : value >= 0x1p63 ? .max : value <= -0x1p63 ? .min : Int(value)
  }
}

/// A `TensorProto`, converted: all numbers to float32, straight from the file's bytes.
struct ONNXTensor {
  let tensor: Tensor
  let isInteger: Bool
  /// The numbers exactly, where they are whole and few enough to be axes or extents.
  private(set) var integers: [Int]?

  init(_ proto: Onnx_TensorProto, named name: TensorName) throws(ONNXError) {
    guard proto.dataLocation == 0, proto.externalData.isEmpty else {
      throw .tensor(name: name, reason: "is kept in an external file, which is not read")
    }
    var extents: [Int] = []
    for extent in proto.dims {
      extents.append(Int(extent))
      guard extent >= 0, proto.dims.count <= 64, Shape(extents).sizeFlaw(atMostAxes: 64) == nil else {
        throw .tensor(name: name, reason: "has the impossible shape \(proto.dims.prefix(12))")
      }
    }
    let source = Source(proto: proto, shape: Shape(extents), name: name)
    switch proto.dataType {
    case 1: (tensor, isInteger) = (try source.floats(proto.floatData) { $0 }, false)
    case 10:
      tensor = try source.floats(proto.int32Data, as: UInt16.self) { Float(Float16(bitPattern: $0)) }
      isInteger = false
    case 16:
      tensor = try source.floats(proto.int32Data, as: UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
      isInteger = false
    case 11: (tensor, isInteger) = (try source.floats(proto.doubleData) { Float($0) }, false)
    case 6: (tensor, integers, isInteger) = try source.integers(proto.int32Data, as: Int32.self)
    case 7: (tensor, integers, isInteger) = try source.integers(proto.int64Data, as: Int64.self)
    case 2, 9: (tensor, integers, isInteger) = try source.integers(proto.int32Data, as: UInt8.self)
    case 3: (tensor, integers, isInteger) = try source.integers(proto.int32Data, as: Int8.self)
    default: throw .tensor(name: name, reason: "has the element type \(proto.dataType), which is not read")
    }
  }

  /// Where elements come from: the raw little-endian bytes, or the typed list, whichever the file uses.
  private struct Source {
    let proto: Onnx_TensorProto
    let shape: Shape
    let name: TensorName

    /// Elements of the type they are kept in.
    func floats<Element: BitwiseCopyable>(_ list: [Element], _ convert: (Element) -> Float) throws(ONNXError)
      -> Tensor
    {
      guard proto.rawData.isEmpty else { return try raw(convert) }
      try check(list.count == shape.count, "and has \(list.count)")
      return Tensor(unsafeUninitialized: shape) { values in
        for (place, element) in list.enumerated() { values[place] = convert(element) }
      }
    }

    /// Elements of a type that lists keep in 32 bits.
    func floats<Element: FixedWidthInteger & BitwiseCopyable>(
      _ list: [Int32], as type: Element.Type, _ convert: (Element) -> Float
    ) throws(ONNXError) -> Tensor {
      try floats(list, or: convert) { convert(Element(truncatingIfNeeded: $0)) }
    }

    func integers<Element: FixedWidthInteger & BitwiseCopyable, Listed: FixedWidthInteger & BitwiseCopyable>(
      _ list: [Listed], as type: Element.Type
    ) throws(ONNXError) -> (Tensor, [Int]?, Bool) {
      let tensor = try floats(list, or: { (element: Element) in Float(element) }) {
        Float(Element(truncatingIfNeeded: $0))
      }
      guard shape.count <= Self.mostExact else { return (tensor, nil, true) }
      guard !proto.rawData.isEmpty else {
        return (tensor, list.map { Int(Element(truncatingIfNeeded: $0)) }, true)
      }
      var exact: [Int] = []
      _ = try raw { (element: Element) in
        exact.append(Int(element))
        return 0
      }
      return (tensor, exact, true)
    }

    /// Longer ones are no axes or extents; their elements are exact to 2²⁴.
    private static let mostExact = 1 << 16

    private func floats<Listed: BitwiseCopyable, Element: BitwiseCopyable>(
      _ list: [Listed], or convertRaw: (Element) -> Float, _ convert: (Listed) -> Float
    ) throws(ONNXError) -> Tensor {
      proto.rawData.isEmpty ? try floats(list, convert) : try raw(convertRaw)
    }

    private func raw<Element: BitwiseCopyable>(_ convert: (Element) -> Float) throws(ONNXError) -> Tensor {
      let width = MemoryLayout<Element>.size
      let count = proto.rawData.count
      try check(count == saturatingProduct(shape.count, width), "in \(count) bytes")
      return Tensor(unsafeUninitialized: shape) { values in
        proto.rawData.withUnsafeBytes { bytes in
          for place in values.indices {
            values[place] = convert(bytes.loadUnaligned(fromByteOffset: place * width, as: Element.self))
          }
        }
      }
    }

    private func check(_ fits: Bool, _ found: String) throws(ONNXError) {
      guard fits else {
        throw .tensor(
          name: name, reason: "declares \(shape.count) elements of shape \(shape) \(found)")
      }
    }
  }
}
