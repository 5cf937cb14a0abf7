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
    guard !bytes.isEmpty else { throw ONNXError.unreadable(path: path, reason: "it is empty") }
    guard WireSurvey(bytes).overhead <= size + Self.mostOverhead else {
      throw ONNXError.unreadable(path: path, reason: "decoded, it would take many times its size")
    }
    var options = BinaryDecodingOptions()
    options.discardUnknownFields = true
    var file: Onnx_ModelProto
    do { file = try Onnx_ModelProto(serializedBytes: bytes, options: options) } catch {
      throw ONNXError.unreadable(path: path, reason: "it ends early or is not protobuf")
    }
    bytes = []
    guard file.hasGraph, !file.graph.node.isEmpty || !file.graph.output.isEmpty else {
      throw ONNXError.notANetwork(path: path, reason: "holds no network")
    }
    opset = Int(
      clamping: file.opsetImport.first { $0.domain.isEmpty || $0.domain == "ai.onnx" }?.version ?? 1)
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

  /// Bytes that decoded nodes, names and lists may take beyond the file's own size.
  private static let mostOverhead = 24 << 20
}
