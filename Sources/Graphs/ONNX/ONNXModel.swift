import Files
import SwiftProtobuf
import Tensors

/// A graph as it came from an ONNX file, with what the file says besides.
public struct ONNXModel: Sendable {
  public let graph: Graph
  /// The file's `metadata_props`.
  public let metadata: [String: String]
  public let producer: String
  public let opset: Int

  /// The opsets whose operators are read.
  public static let opsets = 7...21

  /// Reads the ONNX file at `path`.
  ///
  /// - Throws: `FileError`, `ONNXError`, or `GraphError.malformed`.
  public init(contentsOf path: String) throws {
    try self.init(try WholeFile.read(path), from: path)
  }

  /// Reads ONNX from memory; `path` is for messages only.
  public init(_ bytes: [UInt8], from path: String) throws {
    guard !bytes.isEmpty else { throw ONNXError.unreadable(path: path, reason: "it is empty") }
    let file: Onnx_ModelProto
    do { file = try Onnx_ModelProto(serializedBytes: bytes) } catch {
      throw ONNXError.unreadable(path: path, reason: "it ends early or is not protobuf")
    }
    guard file.hasGraph, !file.graph.node.isEmpty || !file.graph.output.isEmpty else {
      throw ONNXError.notANetwork(path: path, reason: "holds no network")
    }
    opset = Int(
      clamping: file.opsetImport.first { $0.domain.isEmpty || $0.domain == "ai.onnx" }?.version ?? 1)
    guard Self.opsets.contains(opset) else { throw ONNXError.opset(path: path, version: opset) }
    metadata = Dictionary(file.metadataProps.map { ($0.key, $0.value) }) { first, _ in first }
    producer = file.producerName
    graph = try GraphReader(file.graph, opset: opset, path: path).graph()
  }
}

/// Turns the nodes of a file into those of a graph, resolving attributes and constant operands.
private struct GraphReader {
  private let file: Onnx_GraphProto
  private let opset: Int
  private let path: String

  init(_ file: Onnx_GraphProto, opset: Int, path: String) {
    self.file = file
    self.opset = opset
    self.path = path
  }

  func graph() throws -> Graph {
    var constants = ConstantTable()
    for tensor in file.initializer { try constants.add(tensor, named: tensor.name) }

    var missing: [(kind: String, nodes: [String])] = []
    var nodes: [Node] = []
    for (index, proto) in file.node.enumerated() {
      let name = proto.name.isEmpty ? proto.output.first ?? "\(proto.opType) \(index)" : proto.name
      if proto.opType == "Constant" {
        let node = ONNXNode(proto, name: name, opset: opset, constants: constants)
        guard let output = proto.output.first else { throw node.unsupported("it makes nothing") }
        try constants.add(constant: node, named: output)
        continue
      }
      guard proto.domain.isEmpty || proto.domain == "ai.onnx", let reader = operatorReaders[proto.opType]
      else {
        let kind = proto.domain.isEmpty ? proto.opType : "\(proto.domain).\(proto.opType)"
        if let place = missing.firstIndex(where: { $0.kind == kind }) {
          missing[place].nodes.append(name)
        } else {
          missing.append((kind, [name]))
        }
        continue
      }
      guard missing.isEmpty else { continue }
      let node = ONNXNode(proto, name: name, opset: opset, constants: constants)
      let (operation, inputs) = try reader(node)
      // Results that nobody can use (a dropout's mask, a training statistic) are not made.
      let outputs = Array(proto.output.prefix(1))
      guard outputs.first?.isEmpty == false else { throw node.unsupported("it makes nothing") }
      nodes.append(Node(name: name, operation: operation, inputs: inputs, outputs: outputs))
    }
    guard missing.isEmpty else { throw ONNXError.missingOperators(path: path, missing) }

    let inputs = try file.input.filter { !constants.contains($0.name) }.map(readInput)
    guard !inputs.isEmpty else { throw ONNXError.notANetwork(path: path, reason: "has no input") }
    guard !file.output.isEmpty else { throw ONNXError.notANetwork(path: path, reason: "has no output") }
    return try Graph(
      name: path, inputs: inputs, nodes: nodes, constants: constants.tensors, outputs: file.output.map(\.name)
    )
  }

  private func readInput(_ value: Onnx_ValueInfoProto) throws -> GraphInput {
    let type = value.type.tensorType
    guard type.elemType == 1 || type.elemType == 0 else {
      throw ONNXError.notANetwork(
        path: path, reason: "input '\(value.name)' is not float32 (ONNX type \(type.elemType))")
    }
    guard type.hasShape else { return GraphInput(name: value.name, dimensions: nil) }
    return GraphInput(
      name: value.name,
      dimensions: try type.shape.dim.map { dimension in
        switch dimension.value {
        case .dimValue(let extent)? where extent > 0 && extent < 1 << 31: return .fixed(Int(extent))
        case .dimValue(let extent)? where extent > 0:
          throw ONNXError.notANetwork(path: path, reason: "input '\(value.name)' has an axis of \(extent)")
        case .dimParam(let symbol)?: return .symbolic(symbol)
        default: return .symbolic("")
        }
      })
  }
}
