/// What can go wrong between a file and a graph.
public enum ONNXError: Error, CustomStringConvertible {
  /// The file ends early or is not protobuf.
  case unreadable(path: String, reason: String)
  /// Readable, but not a network: no graph, no input, no output.
  case notANetwork(path: String, reason: String)
  case opset(path: String, version: Int)
  /// Operators that Otoscope does not know, all of them, each with the nodes that use it.
  case missingOperators(path: String, [(kind: String, nodes: [String])])
  /// An operator in a form that Otoscope does not know.
  case unsupported(node: String, kind: String, reason: String)
  /// An operand or a shape that must be known beforehand is not.
  case notConstant(node: String, kind: String, reason: String)
  /// A weight whose declared shape or type does not match its bytes.
  case tensor(name: String, reason: String)

  public var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "\(path): not a readable ONNX file: \(reason); export the model again or check the download"
    case .notANetwork(let path, let reason): "\(path): \(reason); export the model again"
    case .opset(let path, let version):
      "\(path): uses ONNX opset \(version); Otoscope reads 7 to 26: export with opset_version=17"
    case .missingOperators(let path, let missing):
      "\(path): uses operators that Otoscope does not know: "
        + missing.map { kind, nodes in
          let shown = nodes.prefix(4).map { "'\($0)'" }.joined(separator: ", ")
          return "\(kind) (\(shown)\(nodes.count > 4 ? " and \(nodes.count - 4) more" : ""))"
        }.joined(separator: "; ") + Self.remedies(missing.map(\.kind))
    case .unsupported(let node, let kind, let reason), .notConstant(let node, let kind, let reason):
      "node '\(node)' (\(kind)): \(reason)"
    case .tensor(let name, let reason):
      "weight '\(name)': \(reason); the file is damaged, export the model again"
    }
  }

  /// What to do about operators of these names, where their domain tells.
  private static func remedies(_ kinds: [String]) -> String {
    [
      (
        "com.microsoft.nchwc.",
        "ONNX Runtime optimised this file for one processor; give the original, or optimise it to the level "
          + "ORT_ENABLE_EXTENDED"
      ),
      ("org.pytorch.aten.", "export the model again, without falling back to ATen"),
      ("ai.onnx.ml.", "operators of classical machine learning are not read; export the network alone"),
    ].filter { domain, _ in kinds.contains { $0.hasPrefix(domain) } }.map { "; \($0.1)" }.joined()
  }
}
