package import Graphs

/// How a network's file is read where it does not say everything itself.
package struct NetworkReading: Codable, Sendable, Hashable {
  /// By the name of a result, the input that it becomes in the next step.
  package var state: [TensorName: TensorName] = [:]
  /// The axis along which rows run in a tensor; nil where it is one row.
  package var rows: [TensorName: Int?] = [:]

  package init() {}
}
