import Tensors

/// Reads an operation, and which of the node's operands it computes with.
typealias OperatorReader = @Sendable (ONNXNode) throws -> (any Operator, inputs: [TensorName])

/// Builds a node of the file from several operations.
typealias CompositeReader = @Sendable (ONNXNode, inout Composer) throws -> Void

/// Every ONNX operator that is one operation here, by name. To add one: its file in `Operators/`, and a line in one of
/// these tables.
let operatorReaders: [String: OperatorReader] = [
  layerReaders, normalizationReaders, elementwiseReaders, reductionReaders, matrixReaders, movementReaders,
  resamplingReaders, sequenceReaders, signalReaders, quantizationReaders,
].reduce(into: [:]) { all, table in all.merge(table) { first, _ in first } }

/// Every ONNX operator that is made of several operations, by name.
let compositeReaders: [String: CompositeReader] = [
  layerComposites, normalizationComposites, elementwiseComposites, constructionReaders, signalComposites,
  summationComposites, matrixComposites,
].reduce(into: [:]) { all, table in all.merge(table) { first, _ in first } }
