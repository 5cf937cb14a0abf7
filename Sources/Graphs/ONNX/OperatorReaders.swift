import Tensors

/// Reads an operation, and which of the node's operands it computes with.
typealias OperatorReader = @Sendable (ONNXNode) throws -> (any Operator, inputs: [TensorName])

/// Builds a node of the file from several operations.
typealias CompositeReader = @Sendable (ONNXNode, inout Composer) throws -> Void

/// Several tables as one. Two entries of one name are a mistake of the program, found when the tables are first read.
func joined<Reader>(_ tables: [[String: Reader]]) -> [String: Reader] {
  var all: [String: Reader] = [:]
  for (kind, reader) in tables.joined() {
    let other = all.updateValue(reader, forKey: kind)
    precondition(other == nil, "operator \(kind) stands in two tables")
  }
  return all
}

/// Every ONNX operator that is one operation here, by name. To add one: its file in `Operators/`, and a line in one of
/// these tables.
let operatorReaders: [String: OperatorReader] = joined([
  layerReaders, normalizationReaders, elementwiseReaders, reductionReaders, matrixReaders, movementReaders,
  resamplingReaders, sequenceReaders, signalReaders, quantizationReaders,
])

/// Every ONNX operator that is made of several operations, by name.
let compositeReaders: [String: CompositeReader] = joined([
  layerComposites, normalizationComposites, elementwiseComposites, constructionReaders, signalComposites,
  summationComposites, matrixComposites,
])
