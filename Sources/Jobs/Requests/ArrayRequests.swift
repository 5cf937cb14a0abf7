package import Explain
package import Graphs
package import Models

/// What is explained of arrays.
package struct ArrayRequest: Codable, Sendable, Hashable {
  /// A bundled name, or the path of an ONNX file.
  package var model: String
  package var reading = NetworkReading()
  /// The path of the arrays.
  package var input: String
  /// The input that is explained, of several.
  package var explained: TensorName?
  package var layers: [TensorName] = []
  package var parameters = MethodParameters()

  package init(model: String, input: String) { (self.model, self.input) = (model, input) }
}

/// How good maps of arrays are.
package struct MeasureRequest: Codable, Sendable, Hashable {
  package var arrays: ArrayRequest
  package var target: Int
  /// The file of the maps to judge.
  package var attribution: String?
  /// The method to ask how steady its maps are, and for the maps where there is no file.
  package var method: String?
  package var region: String?
  package var disturbances: String?
  package var curveSteps = 10
  package var stages = 3
  package var activation = ModelDescription.Activation.softmax

  package init(arrays: ArrayRequest, target: Int) { (self.arrays, self.target) = (arrays, target) }
}
