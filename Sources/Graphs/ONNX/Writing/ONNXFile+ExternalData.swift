import SwiftProtobuf
import Tensors

import struct FoundationEssentials.Data

extension ONNXFile {
  /// Replaces references to external files by the bytes that they hold: those of the graph's weights and of the nodes'
  /// attributes, bodies included.
  mutating func takeInExternalData(folder: String) throws {
    var reader = ExternalData(folder: folder, path: path)
    try reader.takeIn(&proto.graph)
  }
}

/// Reads the bytes of weights that lie in other files.
private struct ExternalData {
  let folder: String
  let path: String
  private var byteCount = 0

  init(folder: String, path: String) { (self.folder, self.path) = (folder, path) }

  mutating func takeIn(_ graph: inout Onnx_GraphProto) throws {
    for index in graph.initializer.indices where graph.initializer[index].isExternal {
      try takeIn(&graph.initializer[index])
    }
    for (place, node) in graph.node.enumerated() {
      for (index, attribute) in node.attribute.enumerated() {
        if attribute.hasT, attribute.t.isExternal {
          try takeIn(&graph.node[place].attribute[index].t)
        }
        if attribute.hasG { try takeIn(&graph.node[place].attribute[index].g) }
      }
    }
  }

  private mutating func takeIn(_ tensor: inout Onnx_TensorProto) throws {
    let extents = tensor.dims.map { Int(clamping: $0) }
    guard let bits = tensor.elementBits, extents.allSatisfy({ $0 >= 0 }) else {
      throw ONNXError.tensor(
        name: tensor.name, reason: "has the element type \(tensor.dataType) and the shape \(extents)")
    }
    // Shapes that no memory holds have more bytes than any file.
    let count = Shape(extents).count
    let (allBits, overflow) = count.multipliedReportingOverflow(by: bits)
    let bytes = overflow ? Int.max : allBits / 8 + (allBits % 8 == 0 ? 0 : 1)
    guard bytes <= ONNXFile.mostBytes - byteCount else {
      throw ONNXFileError.tooLarge(path: path, bytes: byteCount.addingReportingOverflow(bytes).partialValue)
    }
    byteCount += bytes
    guard let source = try TensorBytes(tensor, named: tensor.name, folder: folder, apart: nil) else { return }
    let content: [UInt8] = try source.elements(bytes, shape: tensor.dims)
    tensor.rawData = Data(content)
    tensor.externalData = []
    tensor.dataLocation = 0
  }
}

extension Onnx_TensorProto {
  fileprivate var isExternal: Bool { dataLocation != 0 || !externalData.isEmpty }

  /// Bits of one element; nil for text and unknown types.
  fileprivate var elementBits: Int? {
    switch dataType {
    case 2, 3, 9, 17...20, 24: 8
    case 4, 5, 10, 16: 16
    case 1, 6, 12: 32
    case 7, 11, 13, 14: 64
    case 15: 128
    case 21...23: 4
    case 25, 26: 2
    default: nil
    }
  }
}
