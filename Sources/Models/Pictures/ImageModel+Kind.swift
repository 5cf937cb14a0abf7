import Graphs

extension ImageModel {
  /// Whether a model looks at pictures: a bundled one that does, or an ONNX file that says so (`otoscope.image`) or takes
  /// `[rows, 3, height, width]` or `[rows, height, width, 3]` and says nothing of a front end for sound.
  ///
  /// - Throws: `ModelError.unknownModel`; what keeps the file from being read.
  package static func isOne(_ name: String) throws -> Bool {
    if BundledData.imageModelNames.contains(name) { return true }
    if BundledData.modelNames.contains(name) { return false }
    let path = try BundledData.modelPath(name)
    let model = try ONNXModel(contentsOf: path)
    if model.metadata["otoscope.image"] != nil { return true }
    guard try ModelDescription(of: model, at: path).frontEnd == nil, model.graph.inputs.count == 1,
      let shape = model.graph.inputs.first?.dimensions, shape.count == 4
    else { return false }
    return shape[1] == .fixed(3) || shape[3] == .fixed(3)
  }
}
