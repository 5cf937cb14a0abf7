package import OneDNN
package import Tensors

/// `y = f(x)`, element by element, for the functions that oneDNN has. ONNX `Relu`, `LeakyRelu`, `Clip`, `Sigmoid`, `Tanh`,
/// `Elu`, `Exp`, `Log`, `Sqrt`, `Abs`, `Neg`, `Softplus`, `HardSigmoid`, `HardSwish`, `Mish`, `Gelu`; `Selu` and `Celu` are
/// two of them. `Pointwise.functions` are the others.
package struct Activation: Operator {
  package let function: Function
  package let kind: String

  package init(_ function: Function, kind: String) {
    self.function = function
    self.kind = kind
  }

  package var hostsTail: Bool { true }
  package var isRectifier: Bool { function == .relu(slope: 0) }

  package func isLinear(inOperand index: Int) -> Bool {
    if case .linear = function { true } else { false }
  }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] { [try inputs.operand(0)] }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0] else { return [] }
    let operation = ActivationGradient(function: function)
    return [builder.add(operation, [gradient, operation.fromResult ? node.outputs[0] : node.inputs[0]])]
  }

  package func tail(of node: Node, behind running: TensorName) -> [TailStep]? { [.function(function)] }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    try lowering.emitFunction(function, node)
  }
}

/// `gradient · f′`, where `f′` is written in terms of the function's result if it can be: then what lies between the
/// layer before and the activation need not be kept. Operands: gradient of y, then y (or x).
package struct ActivationGradient: Operator {
  let function: Function

  package var kind: String { "ActivationGradient" }

  /// Whether the second operand is the function's result rather than its argument.
  var fromResult: Bool {
    switch function {
    case .relu(let slope): slope >= 0
    case .elu(let scale): scale >= 0
    case .clip, .logistic, .tanh, .exp, .sqrt: true
    case .linear, .log, .abs, .square, .softplus, .hardSigmoid, .hardSwish, .swish, .mish, .gelu, .tanhGelu:
      false
    }
  }

  package var operandCounts: ClosedRange<Int> { 2...2 }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] { [try inputs.operand(0)] }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    // The data lies as its kernel left it; the gradient is brought to it, and overwritten where nobody else reads it.
    let data = try lowering.use(node.inputs[1])
    let gradient = try lowering.use(node.inputs[0], as: data.layout)
    let primitive = try Primitive.elementwiseGradient(
      function, fromResult: fromResult, data: data.layout, gradient: data.layout, on: lowering.engine)
    let result = lowering.define(node.outputs[0], data.layout, inPlaceOf: (node.inputs[0], gradient))
    try lowering.emit(
      primitive,
      [
        (fromResult ? .destination : .source, data), (.destinationGradient, gradient),
        (.sourceGradient, result),
      ])
  }
}
