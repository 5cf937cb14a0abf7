/// A request to propose how a model listens.
package struct ConfigureRequest: Codable, Sendable, Hashable {
  /// The path of an ONNX file.
  package var model: String
  /// A sound to try the proposal on; nil for a bundled one.
  package var sound: String?
  /// A preset or a JSON file that the user is sure of.
  package var frontEnd: String?
  /// Whether a network that fails on a sound as proposed is described as far as it can be, instead of ending the run.
  package var acceptsUnheard = false

  package init(model: String) { self.model = model }
}
