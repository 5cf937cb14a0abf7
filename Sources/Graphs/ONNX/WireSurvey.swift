import SwiftProtobuf

/// How much memory a file would take when decoded, found by walking over its bytes and decoding nothing.
///
/// Protobuf lets two bytes stand for an empty node or an empty string, and one for a number of eight bytes: a hostile
/// file of some megabytes would fill gigabytes. What a file says in good faith (weights in one piece, names, some
/// thousand nodes) takes about its own size.
struct WireSurvey {
  /// Bytes of decoded messages, strings and lists, apart from the file's own bytes that are copied.
  private(set) var overhead = 0

  /// Walks over a `ModelProto`. What cannot be walked over is left to the decoder to complain about.
  init(_ bytes: [UInt8]) {
    bytes.withUnsafeBufferPointer { bytes in
      // The messages that are entered, and where each ends.
      var open = [(message: Message.model, end: bytes.count)]
      var place = 0
      while let (message, end) = open.last {
        guard place < end else {
          open.removeLast()
          continue
        }
        guard let key = Self.varint(bytes, &place, end) else { return }
        let field = message.fields[Int(truncatingIfNeeded: key >> 3)]
        switch key & 7 {
        case 0:
          guard Self.varint(bytes, &place, end) != nil else { return }
          if case .numbers(let width)? = field { overhead += Self.growth * width }
        case 1, 5:
          place += key & 7 == 1 ? 8 : 4
          if case .numbers(let width)? = field { overhead += Self.growth * width }
        case 2:
          guard let length = Self.varint(bytes, &place, end), length <= UInt64(end - place) else { return }
          let content = place..<place + Int(length)
          switch field {
          case .message(let inner)?:
            overhead += Self.growth * inner.stride
            // The decoder goes no deeper.
            guard open.count <= 100 else { return }
            open.append((inner, content.upperBound))
            continue
          case .text?: overhead += Self.growth * MemoryLayout<String>.stride + (length > 15 ? 32 : 0)
          case .numbers(let width)?:
            // A varint's last byte is its only one below 128; fixed numbers come in pieces of their width.
            let count =
              message.hasVarints(key >> 3) ? bytes[content].count { $0 < 128 } : content.count / width
            overhead += count * width
          case nil: break
          }
          place = content.upperBound
        default: return
        }
      }
    }
  }

  /// Lists grow by doubling.
  private static let growth = 2

  private static func varint(_ bytes: UnsafeBufferPointer<UInt8>, _ place: inout Int, _ end: Int) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: 0, to: 70, by: 7) {
      guard place < end else { return nil }
      let byte = bytes[place]
      place += 1
      value |= UInt64(byte & 127) << UInt64(min(shift, 63))
      if byte < 128 { return value }
    }
    return nil
  }

  private enum Field {
    case message(Message)
    /// Text or bytes.
    case text
    /// A list of numbers of that many bytes each.
    case numbers(Int)
  }

  /// The messages of onnx.proto.
  private enum Message {
    case model, opset, entry, function, graph, node, attribute, tensor, value, type, tensorType, shape,
      dimension

    /// Bytes of one in a list, with what it allocates for itself.
    var stride: Int {
      switch self {
      case .model: MemoryLayout<Onnx_ModelProto>.stride
      case .opset: MemoryLayout<Onnx_OperatorSetIdProto>.stride
      case .entry: MemoryLayout<Onnx_StringStringEntryProto>.stride
      case .function: MemoryLayout<Onnx_FunctionProto>.stride
      case .graph: MemoryLayout<Onnx_GraphProto>.stride
      case .node: MemoryLayout<Onnx_NodeProto>.stride
      // The only one that keeps its fields in an object of its own.
      case .attribute: 512
      case .tensor: MemoryLayout<Onnx_TensorProto>.stride
      case .value: MemoryLayout<Onnx_ValueInfoProto>.stride
      case .type: MemoryLayout<Onnx_TypeProto>.stride
      case .tensorType: MemoryLayout<Onnx_TypeProto.Tensor>.stride
      case .shape: MemoryLayout<Onnx_TensorShapeProto>.stride
      case .dimension: MemoryLayout<Onnx_TensorShapeProto.Dimension>.stride
      }
    }

    var fields: [Int: Field] {
      switch self {
      case .model: Self.modelFields
      case .opset: Self.opsetFields
      case .entry: Self.entryFields
      case .function: Self.functionFields
      case .graph: Self.graphFields
      case .node: Self.nodeFields
      case .attribute: Self.attributeFields
      case .tensor: Self.tensorFields
      case .value: Self.valueFields
      case .type: Self.typeFields
      case .tensorType: Self.tensorTypeFields
      case .shape: Self.shapeFields
      case .dimension: Self.dimensionFields
      }
    }

    /// Whether a list of numbers is one of varints; the others are fixed.
    func hasVarints(_ field: UInt64) -> Bool {
      switch self {
      case .attribute: field == 8
      case .tensor: [1, 5, 7, 11].contains(field)
      default: false
      }
    }

    private static let modelFields: [Int: Field] = [
      2: .text, 3: .text, 7: .message(.graph), 8: .message(.opset), 14: .message(.entry),
      25: .message(.function),
    ]
    private static let opsetFields: [Int: Field] = [1: .text]
    private static let entryFields: [Int: Field] = [1: .text, 2: .text]
    private static let functionFields: [Int: Field] = [
      1: .text, 4: .text, 5: .text, 6: .text, 7: .message(.node), 9: .message(.opset), 10: .text,
      11: .message(.attribute), 13: .text,
    ]
    private static let graphFields: [Int: Field] = [
      1: .message(.node), 2: .text, 5: .message(.tensor), 11: .message(.value), 12: .message(.value),
      15: .text,
    ]
    private static let nodeFields: [Int: Field] = [
      1: .text, 2: .text, 3: .text, 4: .text, 5: .message(.attribute), 7: .text, 8: .text,
    ]
    private static let attributeFields: [Int: Field] = [
      1: .text, 4: .text, 5: .message(.tensor), 6: .message(.graph), 7: .numbers(4), 8: .numbers(8), 9: .text,
      21: .text,
    ]
    private static let tensorFields: [Int: Field] = [
      1: .numbers(8), 4: .numbers(4), 5: .numbers(4), 7: .numbers(8), 8: .text, 9: .text, 10: .numbers(8),
      11: .numbers(8),
      13: .message(.entry),
    ]
    private static let valueFields: [Int: Field] = [1: .text, 2: .message(.type)]
    private static let typeFields: [Int: Field] = [1: .message(.tensorType)]
    private static let tensorTypeFields: [Int: Field] = [2: .message(.shape)]
    private static let shapeFields: [Int: Field] = [1: .message(.dimension)]
    private static let dimensionFields: [Int: Field] = [2: .text]
  }
}
