import Files
import SwiftProtobuf
import Tensors

import struct FoundationEssentials.Data

/// The raw bytes of a tensor: in the file itself, or in another one beside it.
struct TensorBytes {
  private enum Place {
    case inside(Data)
    case outside(location: String, folder: String, offset: Int)
  }

  private let place: Place
  private let name: TensorName
  /// nil: up to the end of the other file.
  private let count: Int?

  /// nil where the file lists the elements instead.
  ///
  /// - Parameter folder: where other files may lie; nil where the model did not come from a file.
  init?(_ proto: Onnx_TensorProto, named name: TensorName, folder: String?) throws(ONNXError) {
    self.name = name
    guard proto.dataLocation != 0 || !proto.externalData.isEmpty else {
      guard !proto.rawData.isEmpty else { return nil }
      place = .inside(proto.rawData)
      count = proto.rawData.count
      return
    }
    guard let folder else {
      throw .tensor(name: name, reason: "is kept in an external file, which is not read")
    }
    let entries = Dictionary(proto.externalData.map { ($0.key, $0.value) }) { first, _ in first }
    guard let location = entries["location"] else {
      throw .tensor(name: name, reason: "is kept in an external file without a name")
    }
    func number(_ key: String) throws(ONNXError) -> Int? {
      guard let text = entries[key] else { return nil }
      guard let value = Int(text), 0...1 << 48 ~= value else {
        throw .tensor(name: name, reason: "is kept in an external file at \(key) '\(text)'")
      }
      return value
    }
    place = .outside(location: location, folder: folder, offset: try number("offset") ?? 0)
    count = try number("length")
  }

  /// `count` elements, which must be all there are. Nothing is allocated before it is known that they are there.
  func elements<Element: BitwiseCopyable>(_ count: Int, shape: [Int64]) throws(ONNXError) -> [Element] {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
    func mismatch(_ found: Int) -> ONNXError {
      .tensor(name: name, reason: "declares \(count) elements of shape \(shape) in \(found) bytes")
    }
    if let found = self.count, overflow || found != bytes { throw mismatch(found) }
    switch place {
    case .inside(let data):
      return [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
        _ = data.copyBytes(to: UnsafeMutableRawBufferPointer(buffer))
        initialized = count
      }
    case .outside(let location, let folder, let offset):
      do {
        let file = try FileInFolder(location, in: folder)
        let left = max(0, file.byteCount - offset)
        guard !overflow, bytes <= left, self.count != nil || bytes == left else { throw mismatch(left) }
        return try [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
          try file.read(
            into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<bytes]),
            at: offset)
          initialized = count
        }
      } catch let error as FileError {
        throw .tensor(name: name, reason: "is kept in an external file: \(error)")
      } catch {
        throw (error as? ONNXError) ?? .tensor(name: name, reason: "\(error)")
      }
    }
  }
}
