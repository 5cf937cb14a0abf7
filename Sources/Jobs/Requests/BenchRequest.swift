package import Explain
package import Graphs

/// How long a network takes.
package struct BenchRequest: Codable, Sendable, Hashable {
  package var model: String
  package var reading = NetworkReading()
  /// An array file; nil for numbers of a fixed generator.
  package var input: String?
  /// For inputs whose shape the file leaves open.
  package var shapes: [TensorName: [Int]] = [:]
  package var batch: Int?
  /// `forward`, `gradient`, names of methods.
  package var work: [String]
  /// Whether what cannot be done is passed over with a note.
  package var skipsUnsupported = false
  package var target = 0
  package var runs = 9
  /// Whether the kernels are timed one by one as well.
  package var profiles = false
  package var parameters = MethodParameters()

  package init(model: String, work: [String]) { (self.model, self.work) = (model, work) }
}
