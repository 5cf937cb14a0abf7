public import Files
public import Graphs

/// What can be wrong with a pattern of parameter names.
public enum ParameterPatternError: RemediableError, Hashable {
  case malformed(String, reason: String)
  /// No parameter has such a name.
  case matchesNothing(String, nearest: [TensorName])

  public var description: String {
    switch self {
    case .malformed(let text, let reason): "pattern '\(text)': \(reason)"
    case .matchesNothing(let text, let nearest):
      "no parameter matches '\(text)'"
        + (nearest.isEmpty ? "" : "; nearest: \(nearest.map { "'\($0)'" }.joined(separator: ", "))")
        + "; 'otoscope inspect MODEL' lists all"
    }
  }

  public var isMisuse: Bool { true }
}
