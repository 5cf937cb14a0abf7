import Files
import SwiftProtobuf
public import Tensors

/// A graph as it came from an ONNX file, with what the file says besides.
public struct ONNXModel: Sendable {
  public private(set) var graph: Graph
  /// The file's `metadata_props`.
  public let metadata: [String: String]
  public let producer: String
  public let opset: Int

  /// The opsets whose operators are read.
  public static let opsets = 7...26

  /// The ONNX operators that are read, in alphabetical order.
  public static let operators =
    (allOperators.filter { !$0.hasPrefix(Reading.runtimeDomain) } + Reading.builtInOperators).sorted()

  /// The operators of ONNX Runtime's own domain that are read, without it, in alphabetical order.
  public static let runtimeOperators = allOperators.filter { $0.hasPrefix(Reading.runtimeDomain) }
    .map { String($0.dropFirst(Reading.runtimeDomain.count + 1)) }.sorted()

  private static let allOperators = Array(operatorReaders.keys) + compositeReaders.keys + rewriters.keys

  /// Reads the ONNX file at `path`.
  ///
  /// - Throws: `FileError`, `ONNXError`, or `GraphError.malformed`.
  public init(contentsOf path: String) throws {
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? ""
    if let lean = LeanFile(path) {
      try self.init(
        lean.bytes, of: lean.byteCount, from: path, folder: folder, weights: lean.weights)
    } else {
      let bytes = try WholeFile.read(path)
      try self.init(bytes, of: bytes.count, from: path, folder: folder)
    }
  }

  /// Reads the ONNX file at `path`, with the inputs that `values` names as constants: see `Graph.fixing(_:)`.
  public init(contentsOf path: String, values: [TensorName: Tensor]) throws {
    try self.init(contentsOf: path)
    graph = try graph.fixing(values)
  }

  /// Reads ONNX from memory; `path` is for messages only, and weights in other files are not read.
  ///
  /// Besides the bytes and the weights as float32, reading takes no more than some dozen megabytes, whatever they say.
  public init(_ bytes: consuming [UInt8], from path: String) throws {
    let count = bytes.count
    try self.init(bytes, of: count, from: path, folder: nil)
  }

  /// - Parameters:
  ///   - size: bytes of the whole file.
  ///   - weights: where the bytes of weights are that were left out of `bytes`, by their place in the graph.
  private init(
    _ bytes: consuming [UInt8], of size: Int, from path: String, folder: String?,
    weights: [Int: LeanFile.Span] = [:]
  ) throws {
    var bytes = bytes
    let file = try Onnx_ModelProto(checking: bytes, of: size, from: path, keepsUnknownFields: false)
    bytes = []
    try self.init(consume file, from: path, folder: folder, weights: weights)
  }

  /// Reads a file that has been decoded.
  init(
    _ file: consuming Onnx_ModelProto, from path: String, folder: String? = nil,
    weights: [Int: LeanFile.Span] = [:]
  ) throws {
    var file = file
    guard file.hasGraph, !file.graph.node.isEmpty || !file.graph.output.isEmpty else {
      throw ONNXError.notANetwork(path: path, reason: "holds no network")
    }
    opset = Self.opset(of: file)
    guard Self.opsets.contains(opset) else { throw ONNXError.opset(path: path, version: opset) }
    metadata = Dictionary(file.metadataProps.map { ($0.key, $0.value) }) { first, _ in first }
    producer = file.producerName
    // Handed over, so that each weight's bytes can be let go when it has been converted.
    let functions = FunctionTable(file.functions)
    let contents = file.graph
    file.graph = .init()
    graph = try GraphReader(
      contents, weights: weights, opset: opset, path: path, folder: folder, functions: functions
    ).graph()
  }

  /// The version of ONNX's own operators that `file` uses.
  static func opset(of file: Onnx_ModelProto) -> Int {
    Int(clamping: file.opsetImport.first { $0.domain.isEmpty || $0.domain == "ai.onnx" }?.version ?? 1)
  }
}

extension Onnx_ModelProto {
  /// Decodes a file, and refuses one that would take far more memory than it is long.
  ///
  /// - Parameters:
  ///   - size: bytes of the whole file.
  ///   - keepsUnknownFields: whether what is not read is kept, to be written again.
  init(
    checking bytes: [UInt8], of size: Int, from path: String, keepsUnknownFields: Bool
  ) throws(ONNXError) {
    guard !bytes.isEmpty else { throw .unreadable(path: path, reason: "it is empty") }
    guard WireSurvey(bytes).overhead <= size + Self.mostOverhead else {
      throw .unreadable(path: path, reason: "decoded, it would take many times its size")
    }
    var options = BinaryDecodingOptions()
    options.discardUnknownFields = !keepsUnknownFields
    do { self = try Onnx_ModelProto(serializedBytes: bytes, options: options) } catch {
      throw .unreadable(path: path, reason: "it ends early or is not protobuf")
    }
  }

  /// Bytes that decoded nodes, names and lists may take beyond the file's own size.
  private static let mostOverhead = 24 << 20
}
