package import Tensors

/// An operation: its shape rule, its gradient rule and its kernels, side by side.
///
/// One file an operation. Attributes and constant operands such as axes are resolved when a file is read, so that a
/// value of this type says all there is to know and `inputs` holds tensors only.
package protocol Operator: Sendable {
  /// The ONNX name, or a name of our own for what only gradients need.
  var kind: String { get }

  /// How many results there can be; a node may leave the last ones out.
  var resultCount: Int { get }

  /// How many operands there can be, those left out in the middle counted. One, if the operation does not say.
  var operandCounts: ClosedRange<Int> { get }

  /// Results behind those of `outputShapes` that only the operation's own gradient can read: they have no shape.
  var opaqueResultCount: Int { get }

  /// The shapes of the results; nil stands for an operand left out.
  func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape]

  /// Multiplications followed by an addition, for one evaluation.
  func multiplyAccumulates(inputs: [Shape?], outputs: [Shape]) -> Int

  /// Weights that the operation keeps in itself rather than as operands.
  var parameterCount: Int { get }

  /// Whether operand `index` is read at all: gradients of reshapes and convolutions only ask how large it was.
  func readsValue(ofInput index: Int) -> Bool

  /// Whether there may be results with elements although an operand whose value is read has none: a sum over nothing
  /// is 0. Where all results are empty, nothing is lowered, and no operation needs to care.
  var acceptsEmptyOperands: Bool { get }

  /// From which stretch of the network's input each place of a result of shape `outputShape` is made.
  func field(_ inputs: [ReceptiveField?], inputShapes: [Shape?], outputShape: Shape) -> ReceptiveField

  /// Whether a place of the results' first axis may hang on other places of the operands' first axis, or on its number,
  /// though both have equally many. Then `Network` compares values before it computes several rows together.
  var spansRows: Bool { get }

  /// Whether the results are a linear function of operand `index`, plus something constant, if all others are constant.
  func isLinear(inOperand index: Int) -> Bool

  /// Whether the operation is `max(0, x)`, which methods such as guided backpropagation go back through differently.
  var isRectifier: Bool { get }

  /// Whether the results are steps of the operands: their slope is zero wherever there is one.
  var isStep: Bool { get }

  /// Adds the nodes of the vector-Jacobian product: from the gradients of the results (nil where nothing flows) to
  /// those of the operands (nil where none is wanted or none exists).
  func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder) throws(GraphError)
    -> [TensorName?]

  /// Whether a chain of element-wise operations can be fused behind this one.
  var hostsTail: Bool { get }

  /// This operation as a tail of the operation that makes `running`, one of the node's operands.
  func tail(of node: Node, behind running: TensorName) -> [TailStep]?

  /// Adds the kernels to a program.
  func lower(_ node: Node, in lowering: Lowering) throws
}

extension Operator {
  package func multiplyAccumulates(inputs: [Shape?], outputs: [Shape]) -> Int { 0 }
  package var parameterCount: Int { 0 }
  package var resultCount: Int { 1 }
  package var opaqueResultCount: Int { 0 }
  package var operandCounts: ClosedRange<Int> { 1...1 }
  package func readsValue(ofInput index: Int) -> Bool { true }
  package var acceptsEmptyOperands: Bool { false }
  package var hostsTail: Bool { false }
  package var spansRows: Bool { false }
  package func isLinear(inOperand index: Int) -> Bool { false }
  package var isRectifier: Bool { false }
  package var isStep: Bool { false }
  package func tail(of node: Node, behind running: TensorName) -> [TailStep]? { nil }

  package func field(_ inputs: [ReceptiveField?], inputShapes: [Shape?], outputShape: Shape) -> ReceptiveField
  {
    ReceptiveField.merged(inputs, inputShapes, into: outputShape)
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    throw .notDifferentiable(node: node.name, kind: kind)
  }
}

/// `a · b`, or the largest number there is: for estimates that a hostile file could drive beyond it.
func saturatingProduct(_ a: Int, _ b: Int) -> Int {
  let (product, overflow) = a.multipliedReportingOverflow(by: b)
  return overflow ? .max : product
}

extension Array where Element == Shape? {
  /// Operand `index`, which the operation cannot do without.
  func operand(_ index: Int) throws(ShapeMismatch) -> Shape {
    guard index < count, let shape = self[index] else { throw ShapeMismatch("operand \(index) is missing") }
    return shape
  }
}
