public import Tensors

/// What can be wrong with a graph, or with what is asked of it.
public enum GraphError: Error, CustomStringConvertible {
  /// The nodes do not form a graph: an undefined, doubled or circular tensor.
  case malformed(String)
  /// The operands of a node do not fit its operation.
  case shapes(node: String, kind: String, reason: String)
  /// A form of an operation that is not known here.
  case unsupported(node: String, kind: String, reason: String)
  /// The file cannot be read for inputs of the shapes given.
  case unresolved(String)
  /// An operation without a gradient stands between the tensors.
  case notDifferentiable(node: String, kind: String)
  case unknownTensor(TensorName, nearest: [TensorName])
  /// The shape of an input cannot be told without the data.
  case unknownInputShape(TensorName, String)
  /// A tensor fed to an input has another shape than the graph declares.
  case input(TensorName, expected: String, got: Shape)
  case missingInput(TensorName)
  /// Inputs that have different numbers of rows.
  case rowCounts([TensorName: Int])
  /// Sequences of different lengths.
  case stepCounts([TensorName: Int])
  /// A rule of gradients, or another question, that is not asked across the steps of a network with state.
  case notAcrossSteps(String)
  /// A tensor without a place for each of the rows that the network takes at a time.
  case noRows(TensorName, rows: Int, shape: Shape)
  /// More than fits into memory.
  case tooLarge(String)
  /// The intermediate results of a run take more bytes than the caller allows.
  case memory(needed: Int, allowed: Int)
  /// The derivative of one tensor with respect to another on which it does not depend.
  case independent(TensorName, of: TensorName)
  /// Tensors that do not hold all that the outputs depend on: there is a way around them from an input.
  case notSeparated([TensorName], from: TensorName)

  public var description: String {
    switch self {
    case .malformed(let reason): "the graph is malformed: \(reason)"
    case .shapes(let node, let kind, let reason): "node '\(node)' (\(kind)): \(reason)"
    case .unsupported(let node, let kind, let reason): "node '\(node)' (\(kind)) is not supported: \(reason)"
    case .unresolved(let reason): reason
    case .notDifferentiable(let node, let kind): "node '\(node)' (\(kind)) has no gradient"
    case .unknownTensor(let name, let nearest):
      "no tensor is called '\(name)'"
        + (nearest.isEmpty ? "" : "; nearest: \(nearest.map { "'\($0)'" }.joined(separator: ", "))")
        + "; 'otoscope inspect MODEL' lists all"
    case .unknownInputShape(let name, let reason): "the shape of input '\(name)' is not known: \(reason)"
    case .input(let name, let expected, let got):
      "input '\(name)' has shape \(got), the model wants \(expected)"
    case .missingInput(let name): "input '\(name)' is missing; give an .npz with an array of that name"
    case .rowCounts(let counts):
      "the inputs differ in their number of rows: "
        + counts.keys.sorted().map { "'\($0)' has \(counts[$0] ?? 0)" }.joined(separator: ", ")
        + "; give each as many as the others, or one"
    case .stepCounts(let counts):
      "the inputs differ in their number of steps: "
        + counts.keys.sorted().map { "'\($0)' has \(counts[$0] ?? 0)" }.joined(separator: ", ")
        + "; give sequences [rows, steps, …] of one length"
    case .notAcrossSteps(let what):
      "\(what) is not passed on from step to step of a network with state; ask for gradients, such as saliency, "
        + "smoothgrad and integrated-gradients"
    case .noRows(let name, let rows, let shape):
      "the network takes \(rows) rows at a time, and '\(name)' of shape \(shape) has no place for each of them; choose a "
        + "tensor that has, or export the network for one row"
    case .tooLarge(let what): "\(what) would not fit into memory"
    case .memory(let needed, let allowed):
      "the intermediate results of one run take \(Self.shown(needed, .up)), allowed are \(Self.shown(allowed, .down)); "
        + "allow more memory or give shorter inputs"
    case .independent(let tensor, let other):
      "'\(tensor)' does not depend on '\(other)'; name a layer before it"
    case .notSeparated(let names, let input):
      "the network cannot be cut at \(names.map { "'\($0)'" }.joined(separator: ", ")): its results also follow from "
        + "'\(input)' by another way; name the tensors on all ways"
    }
  }

  /// What is wrong, without the name of the node where that is `node`: for messages that name it themselves.
  func reason(at node: String) -> String {
    switch self {
    case .shapes(node, _, let reason): reason
    case .unsupported(node, _, let reason): "not supported: \(reason)"
    default: description
    }
  }

  /// Bytes for people, to a tenth of their unit.
  private static func shown(_ bytes: Int, _ rounding: FloatingPointRoundingRule) -> String {
    let (unit, name) = bytes < 1 << 20 ? (1024, "KiB") : (1 << 20, "MiB")
    return "\((Double(bytes) / Double(unit) * 10).rounded(rounding) / 10) \(name)"
  }
}
