package import Graphs
package import Models
import Tensors

extension LayerList {
  package func json(of file: ONNXModel, named model: String) -> JSON {
    .object([
      ("model", .string(model)), ("opset", .number(Double(file.opset))), ("producer", .string(file.producer)),
      ("inputs", .array(file.graph.inputs.map { .string("\($0.name) \($0.shownShape)") })),
      ("outputs", .array(file.graph.outputs.map { .string($0) })),
      (
        "shapes",
        .object(graph.inputs.compactMap { input in inputShapes[input.name].map { (input.name, $0.json) } })
      ),
      ("parameters", .number(Double(parameters))),
      ("multiply_accumulates", .number(Double(multiplyAccumulates))),
      ("activation_bytes", .number(Double(activationBytes))),
      ("arena_bytes", arenaBytes.map { .number(Double($0)) } ?? .null),
      ("layers", .array(layers.map(\.json))),
    ])
  }
}

extension LayerList.Layer {
  fileprivate var json: JSON {
    .object([
      ("tensor", .string(tensor)), ("operator", .string(kind)), ("shape", shape.json),
      ("parameters", .number(Double(parameters))),
      ("multiply_accumulates", .number(Double(multiplyAccumulates))), ("bytes", .number(Double(bytes))),
      ("receptive_field", .array(field.extents.map { .number(Double($0)) })),
      ("receptive_field_s", field.seconds.map { .number($0) } ?? .null),
      ("receptive_field_hz", field.hertz.map { .number($0) } ?? .null),
    ])
  }
}

extension Shape {
  fileprivate var json: JSON { .array(dimensions.map { .number(Double($0)) }) }
}
