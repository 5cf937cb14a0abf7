import SwiftProtobuf
import Tensors

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
    /// ONNX's number of the type in the file.
    var elementType: Int?
  }

  private(set) var tensors: [TensorName: Tensor] = [:]
  private var exact: [TensorName: [Int]] = [:]
  private var integerNames: Set<TensorName> = []
  private var elementTypes: [TensorName: Int] = [:]

  func contains(_ name: TensorName) -> Bool { tensors[name] != nil }
  func isInteger(_ name: TensorName) -> Bool { integerNames.contains(name) }
  func elementType(_ name: TensorName) -> Int? { elementTypes[name] }

  /// The constant `name` as whole numbers; nil if there is none.
  func integers(_ name: TensorName) -> [Int]? {
    exact[name] ?? tensors[name]?.values.map { Int(clamping: $0) }
  }

  /// The constant `name` with all that is known of it.
  func value(_ name: TensorName) -> Value? {
    tensors[name].map {
      Value(
        tensor: $0, isInteger: isInteger(name), integers: exact[name], elementType: elementTypes[name])
    }
  }

  mutating func add(_ value: Value, named name: TensorName) throws(GraphError) {
    guard !contains(name) else { throw GraphError.malformed("tensor '\(name)' is defined twice") }
    tensors[name] = value.tensor
    exact[name] = value.integers
    elementTypes[name] = value.elementType
    if value.isInteger { integerNames.insert(name) }
  }

  /// What a `Constant` node says: a tensor, or numbers given as attributes.
  static func value(of node: ONNXNode, folder: String?) throws(ONNXError) -> Value {
    if let tensor = node.tensor("value") {
      return try Value(tensor, named: node.outputs[0], folder: folder)
    }
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

  init(
    _ proto: Onnx_TensorProto, named name: TensorName, folder: String?, apart: LeanFile.Span? = nil
  ) throws(ONNXError) {
    let read = try ONNXTensor(proto, named: name, folder: folder, apart: apart)
    self.init(
      tensor: read.tensor, isInteger: read.isInteger, integers: read.integers,
      elementType: Int(proto.dataType))
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

  fileprivate init(
    _ proto: Onnx_TensorProto, named name: TensorName, folder: String?, apart: LeanFile.Span?
  ) throws(ONNXError) {
    var extents: [Int] = []
    for extent in proto.dims {
      extents.append(Int(extent))
      guard extent >= 0, proto.dims.count <= 64, Shape(extents).sizeFlaw(atMostAxes: 64) == nil else {
        throw .tensor(name: name, reason: "has the impossible shape \(proto.dims.prefix(12))")
      }
    }
    let source = Elements(
      proto: proto, bytes: try TensorBytes(proto, named: name, folder: folder, apart: apart),
      shape: Shape(extents), name: name)
    switch proto.dataType {
    case 1: (tensor, isInteger) = (try source.tensor(proto.floatData) { $0 }, false)
    case 10:
      tensor = try source.tensor(UInt16.self, proto.int32Data) { Float(Float16(bitPattern: $0)) }
      isInteger = false
    case 16:
      tensor = try source.tensor(UInt16.self, proto.int32Data) { Float(bitPattern: UInt32($0) << 16) }
      isInteger = false
    case 11: (tensor, isInteger) = (try source.tensor(proto.doubleData) { Float($0) }, false)
    case 2, 9: (tensor, integers, isInteger) = try source.integers(UInt8.self, proto.int32Data)
    case 3: (tensor, integers, isInteger) = try source.integers(Int8.self, proto.int32Data)
    case 4: (tensor, integers, isInteger) = try source.integers(UInt16.self, proto.int32Data)
    case 5: (tensor, integers, isInteger) = try source.integers(Int16.self, proto.int32Data)
    case 6: (tensor, integers, isInteger) = try source.integers(Int32.self, proto.int32Data)
    case 7: (tensor, integers, isInteger) = try source.integers(Int64.self, proto.int64Data)
    case 12: (tensor, integers, isInteger) = try source.integers(UInt32.self, proto.uint64Data)
    case 13: (tensor, integers, isInteger) = try source.integers(UInt64.self, proto.uint64Data)
    case 21, 22:
      (tensor, integers, isInteger) = source.exactly(
        try source.packed(bits: 4).map { Self.signed($0, bits: 4, proto.dataType == 22) })
    case 25, 26:
      (tensor, integers, isInteger) = source.exactly(
        try source.packed(bits: 2).map { Self.signed($0, bits: 2, proto.dataType == 26) })
    case let type where SmallFloat.formats[Int(type)] != nil:
      let format = SmallFloat.formats[Int(type)]
      let values = (0..<256).map { format?.value(UInt8($0)) ?? 0 }
      isInteger = false
      if type == 23 {
        tensor = Tensor(Shape(extents), try source.packed(bits: 4).map { values[Int($0)] })
      } else {
        tensor = try source.tensor(UInt8.self, proto.int32Data) { values[Int($0)] }
      }
    default: throw .tensor(name: name, reason: "has the element type \(proto.dataType), which is not read")
    }
  }
}

extension ONNXTensor {
  /// A code of few bits as the number that it stands for.
  private static func signed(_ code: UInt8, bits: Int, _ isSigned: Bool) -> Int8 {
    isSigned && code >> (bits - 1) == 1 ? Int8(code) - Int8(1 << bits) : Int8(code)
  }
}

/// Whether ONNX's element type `type` is one of whole numbers or truth values.
func holdsWholeNumbers(_ type: Int) -> Bool {
  ![0, 1, 10, 11, 16].contains(type) && SmallFloat.formats[type] == nil
}

/// The elements of a tensor: from its little-endian bytes, or from a typed list, whichever the file uses.
private struct Elements {
  let proto: Onnx_TensorProto
  let bytes: TensorBytes?
  let shape: Shape
  let name: TensorName

  var count: Int { shape.count }

  /// Each element as float32; little is allocated beside the tensor.
  func tensor<Element: BitwiseCopyable>(_ typed: [Element], _ convert: (Element) -> Float) throws(ONNXError)
    -> Tensor
  {
    if let bytes { return try tensor(bytes, convert) }
    let elements = try checked(typed, count)
    return Tensor(unsafeUninitialized: shape) { values in
      for place in values.indices { values[place] = convert(elements[place]) }
    }
  }

  /// The same of a type that has no list of its own, and lies in one of a wider type.
  func tensor<Element: FixedWidthInteger & BitwiseCopyable>(
    _ type: Element.Type, _ wider: [some FixedWidthInteger], _ convert: (Element) -> Float
  ) throws(ONNXError) -> Tensor {
    if let bytes { return try tensor(bytes, convert) }
    let elements = try checked(wider, count)
    return Tensor(unsafeUninitialized: shape) { values in
      for place in values.indices { values[place] = convert(Element(truncatingIfNeeded: elements[place])) }
    }
  }

  private func tensor<Element: BitwiseCopyable>(_ bytes: TensorBytes, _ convert: (Element) -> Float)
    throws(ONNXError) -> Tensor
  {
    try bytes.check(count, of: Element.self, shape: proto.dims)
    return try Tensor(unsafeUninitialized: shape) { values throws(ONNXError) in
      try bytes.read(count) { (first: Int, piece: UnsafeBufferPointer<Element>) in
        for place in piece.indices { values[first + place] = convert(piece[place]) }
      }
    }
  }

  private func read<Element: FixedWidthInteger & BitwiseCopyable>(_ wider: [some FixedWidthInteger])
    throws(ONNXError) -> [Element]
  {
    if let bytes { return try bytes.elements(count, shape: proto.dims) }
    return try checked(wider, count).map { Element(truncatingIfNeeded: $0) }
  }

  func integers<Element: FixedWidthInteger & BitwiseCopyable>(
    _ type: Element.Type, _ wider: [some FixedWidthInteger]
  ) throws(ONNXError) -> (Tensor, [Int]?, Bool) {
    guard count <= Self.mostExact else { return (try tensor(type, wider) { Float($0) }, nil, true) }
    let elements: [Element] = try read(wider)
    return exactly(elements)
  }

  /// Whole numbers as float32, and exactly where they are few enough to be axes or extents.
  func exactly(_ elements: [some FixedWidthInteger]) -> (Tensor, [Int]?, Bool) {
    let exact = elements.count <= Self.mostExact ? elements.map { Int(clamping: $0) } : nil
    let tensor = Tensor(unsafeUninitialized: shape) { values in
      for place in values.indices { values[place] = Float(elements[place]) }
    }
    return (tensor, exact, true)
  }

  private static let mostExact = 1 << 16

  /// Codes of 4 or 2 bits, several in a byte, the lowest bits first.
  func packed(bits: Int) throws(ONNXError) -> [UInt8] {
    let each = 8 / bits
    let bytes: [UInt8] = try packed(count / each + (count % each == 0 ? 0 : 1))
    return (0..<count).map { bytes[$0 / each] >> UInt8($0 % each * bits) & UInt8(1 << bits - 1) }
  }

  private func packed(_ count: Int) throws(ONNXError) -> [UInt8] {
    if let bytes { return try bytes.elements(count, shape: proto.dims) }
    return try checked(proto.int32Data, count).map { UInt8(truncatingIfNeeded: $0) }
  }

  private func checked<Element>(_ list: [Element], _ count: Int) throws(ONNXError) -> [Element] {
    guard list.count == count else {
      throw .tensor(
        name: name, reason: "declares \(self.count) elements of shape \(proto.dims) and has \(list.count)")
    }
    return list
  }
}
