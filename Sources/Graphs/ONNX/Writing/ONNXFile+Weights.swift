import Glibc
import SwiftProtobuf
public import Tensors

import struct FoundationEssentials.Data

extension ONNXFile {
  /// The names of all weights that are stored in the file, in its order.
  public var weightNames: [TensorName] { proto.graph.initializer.map(\.name) }

  /// Gives weights new values. They keep their element types: float32, float64, float16 or bfloat16.
  ///
  /// - Parameter values: by name, of the shapes that the weights have.
  /// - Throws: `ONNXFileError`; nothing is changed then.
  public mutating func replaceWeights(_ values: [TensorName: Tensor]) throws {
    var places: [TensorName: Int] = [:]
    for (place, weight) in proto.graph.initializer.enumerated() { places[weight.name] = place }
    var replaced: [(Int, Onnx_TensorProto)] = []
    for name in values.keys.sorted() {
      guard let place = places[name], let value = values[name] else {
        throw ONNXFileError.noWeight(name, nearest: nearest(to: name, among: weightNames))
      }
      var weight = proto.graph.initializer[place]
      let shape = Shape(weight.dims.map { Int(clamping: max(0, $0)) })
      guard shape == value.shape else {
        throw ONNXFileError.weightShape(name, expected: shape, got: value.shape)
      }
      try weight.store(value)
      replaced.append((place, weight))
    }
    for (place, weight) in replaced { proto.graph.initializer[place] = weight }
  }
}

extension Onnx_TensorProto {
  /// A weight of float32, or of another type of real numbers.
  init(_ name: TensorName, _ value: Tensor, elementType: Int32 = 1) throws(ONNXFileError) {
    self.init()
    self.name = name
    dims = value.shape.dimensions.map(Int64.init)
    dataType = elementType
    try store(value)
  }

  /// Whole numbers, as int64.
  init(_ name: TensorName, integers: [Int], _ shape: [Int]) {
    self.init()
    self.name = name
    dims = shape.map(Int64.init)
    dataType = 7
    rawData = integers.map(Int64.init).withUnsafeBufferPointer { Data(buffer: $0) }
  }

  /// Writes the elements in the tensor's own type.
  mutating func store(_ value: Tensor) throws(ONNXFileError) {
    let name = self.name
    func converted<Element>(_ convert: (Float) -> Element, isFinite: (Element) -> Bool) throws(ONNXFileError)
      -> Data
    {
      try value.withUnsafeValues { values throws(ONNXFileError) in
        let elements = values.map(convert)
        if let place = elements.indices.first(where: { !isFinite(elements[$0]) && values[$0].isFinite }) {
          throw .weightRange(name, value: values[place])
        }
        return elements.withUnsafeBufferPointer { Data(buffer: $0) }
      }
    }
    switch dataType {
    case 1: rawData = value.withUnsafeValues { Data(buffer: $0) }
    case 10: rawData = try converted({ Float16($0).bitPattern }) { Float16(bitPattern: $0).isFinite }
    case 16:
      rawData = try converted({ Self.bfloat16($0) }) { Float(bitPattern: UInt32($0) << 16).isFinite }
    case 11: rawData = try converted({ Double($0) }) { $0.isFinite }
    default: throw .weightType(name, elementType: Int(dataType))
    }
    (floatData, int32Data, doubleData) = ([], [], [])
  }

  /// The nearest bfloat16, ties to even.
  private static func bfloat16(_ value: Float) -> UInt16 {
    guard !value.isNaN else { return 0x7FC0 }
    let bits = value.bitPattern
    return UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
  }
}
