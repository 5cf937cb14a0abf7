import Files
import SwiftProtobuf

/// An ONNX file that can be changed and written.
///
/// What Otoscope does not read (doc strings, shapes of inner tensors, quantization notes) is kept and written again.
/// Weights from external files are taken in, so that what is written is one file. Protobuf ends at 2 GB, and so does this.
///
/// ```swift
/// var file = try ONNXFile(contentsOf: "model.onnx")
/// try file.replaceWeights(["conv1.weight": weights])
/// file.metadata["otoscope.labels"] = #"["dog", "siren"]"#
/// try file.write(to: "trained.onnx")                  // whole or not at all
/// ```
public struct ONNXFile: Sendable {
  var proto: Onnx_ModelProto
  /// Where it came from, for messages; empty for one that was built.
  public let path: String

  /// Reads the ONNX file at `path`.
  ///
  /// - Throws: `FileError`, `ONNXError` for what is no ONNX, `ONNXFileError.tooLarge`.
  public init(contentsOf path: String) throws {
    let bytes: [UInt8]
    do throws(FileError) { bytes = try WholeFile.read(path, limit: Self.mostBytes) } catch {
      guard case .tooLarge(_, let count, _) = error else { throw error }
      throw ONNXFileError.tooLarge(path: path, bytes: count)
    }
    proto = try Onnx_ModelProto(checking: bytes, of: bytes.count, from: path, keepsUnknownFields: true)
    self.path = path
    let slash = path.lastIndex(of: "/")
    try takeInExternalData(folder: slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "")
  }

  init(_ proto: Onnx_ModelProto, path: String) { (self.proto, self.path) = (proto, path) }

  /// The most bytes that protobuf's readers take.
  static let mostBytes = Int(Int32.max)

  /// The file's `metadata_props`. Of keys that are there more than once, the first counts.
  public var metadata: [String: String] {
    get { Dictionary(proto.metadataProps.map { ($0.key, $0.value) }) { first, _ in first } }
    set {
      var left = newValue
      var entries: [Onnx_StringStringEntryProto] = []
      for var entry in proto.metadataProps {
        guard let value = left.removeValue(forKey: entry.key) else { continue }
        entry.value = value
        entries.append(entry)
      }
      for key in left.keys.sorted() {
        var entry = Onnx_StringStringEntryProto()
        (entry.key, entry.value) = (key, left[key] ?? "")
        entries.append(entry)
      }
      proto.metadataProps = entries
    }
  }

  /// The version of ONNX's own operators.
  public var opset: Int { ONNXModel.opset(of: proto) }

  /// The names of the outputs, in order.
  public var outputs: [TensorName] { proto.graph.output.map(\.name) }

  /// The model as Otoscope reads it.
  ///
  /// - Parameter path: for messages; nil for where the file came from.
  /// - Throws: `ONNXError`, or `GraphError.malformed`.
  public func model(from path: String? = nil) throws -> ONNXModel {
    try ONNXModel(proto, from: path ?? self.path)
  }

  /// Writes the file, whole or not at all.
  ///
  /// - Throws: `ONNXFileError.tooLarge`, `FileError`.
  public func write(to path: String) throws { try WholeFile.write(try bytes(for: path), to: path) }

  /// The file as bytes.
  ///
  /// - Parameter path: for messages.
  /// - Throws: `ONNXFileError.tooLarge`.
  public func bytes(for path: String) throws -> [UInt8] {
    let weights = proto.graph.initializer.reduce(0) { $0 + $1.rawData.count }
    guard weights < Self.mostBytes else { throw ONNXFileError.tooLarge(path: path, bytes: weights) }
    do { return try proto.serializedBytes() } catch {
      throw ONNXFileError.tooLarge(path: path, bytes: max(weights, Self.mostBytes))
    }
  }
}
