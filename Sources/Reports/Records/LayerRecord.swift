package import Graphs
package import Models
import Tensors

/// A network and its layers, as `inspect --json` tells them.
package struct NetworkRecord: Codable, Sendable {
  package let model: String
  package let opset: Int
  package let producer: String
  package let inputs: [String]
  package let outputs: [String]
  /// For which shapes of the inputs the rest holds.
  package let shapes: [String: [Int]]
  package let parameters: Int
  package let multiplyAccumulates: Int
  package let activationBytes: Int
  @OrNull package var arenaBytes: Int?
  package let layers: [LayerRecord]

  private enum CodingKeys: String, CodingKey {
    case model, opset, producer, inputs, outputs, shapes, parameters, layers
    case multiplyAccumulates = "multiply_accumulates"
    case activationBytes = "activation_bytes"
    case arenaBytes = "arena_bytes"
  }

  package init(_ list: LayerList, of file: ONNXModel, named model: String) {
    self.model = model
    (opset, producer) = (Int(file.opset), file.producer)
    inputs = file.graph.inputs.map { "\($0.name) \($0.shownShape)" }
    outputs = file.graph.outputs
    shapes = list.inputShapes.mapValues(\.dimensions)
    (parameters, multiplyAccumulates) = (list.parameters, list.multiplyAccumulates)
    activationBytes = list.activationBytes
    arenaBytes = list.arenaBytes
    layers = list.layers.map(LayerRecord.init)
  }
}

package struct LayerRecord: Codable, Sendable {
  package let tensor: String
  package let kind: String
  package let shape: [Int]
  package let parameters: Int
  package let multiplyAccumulates: Int
  package let bytes: Int
  /// In places of the first input.
  package let receptiveField: [Int]
  @OrNull package var receptiveFieldSeconds: Double?
  @OrNull package var receptiveFieldHertz: Double?

  private enum CodingKeys: String, CodingKey {
    case tensor, shape, parameters, bytes
    case kind = "operator"
    case multiplyAccumulates = "multiply_accumulates"
    case receptiveField = "receptive_field"
    case receptiveFieldSeconds = "receptive_field_s"
    case receptiveFieldHertz = "receptive_field_hz"
  }

  init(_ layer: LayerList.Layer) {
    (tensor, kind, shape) = (layer.tensor, layer.kind, layer.shape.dimensions)
    (parameters, multiplyAccumulates, bytes) = (layer.parameters, layer.multiplyAccumulates, layer.bytes)
    receptiveField = layer.field.extents
    receptiveFieldSeconds = layer.field.seconds
    receptiveFieldHertz = layer.field.hertz
  }
}
