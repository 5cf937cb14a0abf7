/// A request to propose how a model listens.
package struct ConfigureRequest: Codable, Sendable, Hashable {
  /// The path of an ONNX file.
  package var model: String
  /// A sound to try the proposal on; nil for a bundled one.
  package var sound: String?
  /// A preset or a JSON file that the user is sure of.
  package var frontEnd: String?

  package init(model: String) { self.model = model }
}
