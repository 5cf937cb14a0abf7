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

  /// The result in which a swish tells its derivative, for its gradient: both take the same exponential.
  private static let derivative = 1
  private var swishScale: Float? { if case .swish(let scale) = function { scale } else { nil } }

  package var resultCount: Int { swishScale == nil ? 1 : 2 }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    [Shape](repeating: try inputs.operand(0), count: resultCount)
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0] else { return [] }
    if swishScale != nil {
      return [builder.add(Binary(.multiply), [gradient, builder.result(Self.derivative, of: node)])]
    }
    let operation = ActivationGradient(function: function)
    return [builder.add(operation, [gradient, operation.fromResult ? node.outputs[0] : node.inputs[0]])]
  }

  package func tail(of node: Node, behind running: TensorName) -> [TailStep]? {
    node.result(Self.derivative) == nil ? [.function(function)] : nil
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    if let scale = swishScale, let derivative = node.result(Self.derivative) {
      return try lowering.emitSwish(scale, node, derivative: derivative)
    }
    try lowering.emitFunction(function, node)
  }
}

/// `gradient · f′`, where `f′` is written in terms of the function's result if it can be: then what lies between the
/// layer before and the activation need not be kept. Operands: gradient of y, then y (or x).
package struct ActivationGradient: Operator {
  let function: Function

  package var kind: String { "ActivationGradient" }

  /// Whether the second operand is the function's result rather than its argument.
  var fromResult: Bool { function.derivativeIsOfResult }

  package var operandCounts: ClosedRange<Int> { 2...2 }
  package var hostsTail: Bool { function.slopeFunction != nil }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] { [try inputs.operand(0)] }

  package func tail(of node: Node, behind running: TensorName) -> [TailStep]? {
    guard node.inputs[0] == running, node.inputs[1] != running, function.slopeFunction != nil else {
      return nil
    }
    return [.slope(function, node.inputs[1])]
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    // The data lies as its kernel left it; the gradient is brought to it, and overwritten where nobody else reads it.
    let data = try lowering.use(node.inputs[1])
    let gradient = try lowering.use(node.inputs[0], as: data.layout)
    let result = lowering.define(
      lowering.resultOfGroup ?? node.outputs[0], data.layout, inPlaceOf: (node.inputs[0], gradient))
    try lowering.emitSlope(function, node.inputs[1], from: gradient, to: result, node)
  }
}

extension Lowering {
  /// Emits `y = x · s` with `s = logistic(scale · x)`, and `y′ = s + scale · y · (1 − s)`, then the node's tail on `y`.
  fileprivate func emitSwish(_ scale: Float, _ node: Node, derivative: TensorName) throws {
    let source = try use(node.inputs[0])
    let slope = define(derivative, source.layout)
    let count = source.layout.byteCount / MemoryLayout<Float>.stride
    // As they lie, with what fills up the last block of channels: of zeros, the result is 0.
    let flat = try Layout.plain([count])
    let logistic: Primitive =
      if scale == 1 {
        try .elementwise(.logistic, source: flat, on: engine)
      } else {
        try .elementwise(
          .linear(scale: scale, shift: 0), source: flat, fusing: [.function(.logistic)], on: engine)
      }
    try emit(
      logistic,
      [
        (.source, Operand(buffer: source.buffer, layout: flat)),
        (.destination, Operand(buffer: slope.buffer, layout: flat)),
      ])
    let result = define(
      resultOfGroup ?? node.outputs[0], source.layout, inPlaceOf: (node.inputs[0], source))
    emit(
      NativeKernel(work: saturatingProduct(4, count)) { inputs, outputs, lanes in
        lanes.share((count + 4095) / 4096) { range in
          let first = range.lowerBound * 4096
          let (x, y, slope) = (inputs[0] + first, outputs[0] + first, outputs[1] + first)
          let length = min(count, range.upperBound * 4096) - first
          var place = 0
          while place + 16 <= length {
            let s = UnsafePointer(slope).vector(at: place)
            let value = x.vector(at: place) * s
            UnsafeMutableRawPointer(y + place).storeBytes(of: value, as: SIMD16<Float>.self)
            UnsafeMutableRawPointer(slope + place).storeBytes(
              of: s + scale * value * (1 - s), as: SIMD16<Float>.self)
            place += 16
          }
          for place in place..<length {
            y[place] = x[place] * slope[place]
            slope[place] += scale * y[place] * (1 - slope[place])
          }
        }
      }, inputs: [source], outputs: [result, slope])
    try emitTailAlone(on: result, try shape(node.outputs[0]))
  }
}
