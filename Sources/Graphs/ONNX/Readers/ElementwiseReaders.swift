import OneDNN
import Tensors

/// Functions of one number, and of several with broadcasting.
let elementwiseReaders: [String: OperatorReader] = joined([
  formReaders,
  Pointwise.functions.mapValues { function -> OperatorReader in { (function, try $0.operands(1)) } },
  Pointwise.comparisons.mapValues { function -> OperatorReader in { (function, try $0.operands(2)) } },
])

/// Those with attributes or constants that decide what they are.
private let formReaders: [String: OperatorReader] = [
  "Relu": { try $0.activation(.relu(slope: 0)) },
  "LeakyRelu": { try $0.activation(.relu(slope: $0.float("alpha", default: 0.01))) },
  "Elu": { try $0.activation(.elu(scale: $0.float("alpha", default: 1))) },
  "Sigmoid": { try $0.activation(.logistic) },
  "HardSigmoid": { node in
    let (slope, shift) = (node.float("alpha", default: 0.2), node.float("beta", default: 0.5))
    return try node.activation(.hardSigmoid(slope: slope, shift: shift))
  },
  "HardSwish": { try $0.activation(.hardSwish(slope: 1 / 6, shift: 0.5)) },
  "Mish": { try $0.activation(.mish) },
  "Gelu": { node in
    switch node.string("approximate", default: "none") {
    case "none": try node.activation(.gelu)
    case "tanh": try node.activation(.tanhGelu)
    case let other: throw node.unsupported("approximate = \(other)")
    }
  },
  "Softplus": { try $0.activation(.softplus) },
  "Tanh": { try $0.activation(.tanh) },
  "Exp": { try $0.activation(.exp) },
  "Log": { try $0.activation(.log) },
  "Sqrt": { try $0.activation(.sqrt) },
  "Abs": { try $0.activation(.abs) },
  "Neg": { try $0.activation(.linear(scale: -1, shift: 0)) },
  "ThresholdedRelu": { (Pointwise.thresholded(at: $0.float("alpha", default: 1)), try $0.operands(1)) },
  "Shrink": { node in
    let (width, bias) = (node.float("lambd", default: 0.5), node.float("bias", default: 0))
    return (Pointwise.shrink(width: width, bias: bias), try node.operands(1))
  },
  "IsInf": { node in
    let positive = node.integer("detect_positive", default: 1) != 0
    let negative = node.integer("detect_negative", default: 1) != 0
    return (Pointwise.isInfinite(positive: positive, negative: negative), try node.operands(1))
  },
  "PRelu": { node in
    // One slope for all is a leaky ReLU, which fuses.
    if node.isConstant(1), let slope = try node.weight(1).values.first, try node.weight(1).count == 1,
      try node.weight(1).shape.rank <= 1
    {
      return (Activation(.relu(slope: slope), kind: "PRelu"), try node.operands(1))
    }
    return (Pointwise.parametricRelu, try node.operands(2))
  },
  "Cast": { node in
    guard let type = node.optionalInteger("to") else { throw node.unsupported("it does not say to what") }
    return try node.conversion(to: type)
  },
  // What is no float is taken for a whole number.
  "CastLike": { try $0.conversion(to: $0.isInteger(1) ? 7 : 1) },

  "Add": { (Binary(.add), try $0.operands(2)) },
  "Sub": { (Binary(.subtract), try $0.operands(2)) },
  "Mul": { (Binary(.multiply), try $0.operands(2)) },
  "Div": { node in
    let isWhole = node.isInteger(0) && node.isInteger(1)
    return (isWhole ? Pointwise.wholeQuotient : Binary(.divide), try node.operands(2))
  },
  "Pow": { node in
    let operands = try node.operands(2)
    let exponent = node.isConstant(1) ? try node.weight(1) : nil
    guard let exponent, exponent.count == 1, exponent.shape.rank <= (node.shape(0)?.rank ?? 0) else {
      return (Pointwise.power, operands)
    }
    switch exponent.values[0] {
    case 0.5: return (Activation(.sqrt, kind: "Pow"), [operands[0]])
    case 2: return (Activation(.square, kind: "Pow"), [operands[0]])
    case 3: return (Pointwise.cube, [operands[0]])
    default: return (Pointwise.power, operands)
    }
  },
  "Mod": { node in
    let keepsSign = node.integer("fmod", default: 0) != 0
    return (keepsSign ? Pointwise.remainder : Pointwise.modulus, try node.operands(2))
  },
  "Where": { (Pointwise.choice, try $0.operands(3)) },
]

/// Element-wise operators that are made of several operations.
let elementwiseComposites: [String: CompositeReader] = [
  "Selu": { node, composer in
    let alpha = node.float("alpha", default: 1.67326319217681884765625)
    let gamma = node.float("gamma", default: 1.05070102214813232421875)
    let inner = composer.add(Activation(.elu(scale: alpha), kind: "Elu"), try node.operands(1))
    composer.scale(inner, by: gamma, as: node.outputs[0])
  },
  // α · elu(x / α)
  "Celu": { node, composer in
    let alpha = node.float("alpha", default: 1)
    guard alpha != 0 else { throw node.unsupported("alpha = 0") }
    let inner = composer.scale(try node.operands(1)[0], by: 1 / alpha)
    composer.scale(
      composer.add(Activation(.elu(scale: 1), kind: "Elu"), [inner]), by: alpha, as: node.outputs[0])
  },
  "Clip": { node, composer in
    var clipped = try node.operands(1)[0]
    // Bounds that are computed are operands, all others are part of the function.
    guard (1...2).contains(where: { node.hasOperand($0) && !node.isConstant($0) }) else {
      let lowest = try node.optionalFloat("min") ?? node.scalar(1) ?? -.infinity
      let highest = try node.optionalFloat("max") ?? node.scalar(2) ?? .infinity
      // Where the bounds cross, the upper one holds.
      let function = Function.clip(lowest: min(lowest, highest), highest: highest)
      composer.add(Activation(function, kind: "Clip"), [clipped], as: node.outputs[0])
      return
    }
    if node.hasOperand(1) {
      clipped = composer.add(
        Pointwise.clippedBelow, [clipped, node.inputs[1]], as: node.hasOperand(2) ? nil : node.outputs[0])
    }
    if node.hasOperand(2) {
      composer.add(Pointwise.clippedAbove, [clipped, node.inputs[2]], as: node.outputs[0])
    }
  },
  "Max": { try $1.chain(.maximum, $0) },
  "Min": { try $1.chain(.minimum, $0) },
  "Sum": { try $1.chain(.add, $0) },
  "Mean": { node, composer in
    let sum = try composer.chain(.add, node, named: false)
    composer.scale(sum, by: 1 / Float(node.inputs.count), as: node.outputs[0])
  },
]

extension ONNXNode {
  /// How a conversion to few bits rounds.
  var smallFloatRounding: SmallFloat.Rounding {
    SmallFloat.Rounding(
      saturates: integer("saturate", default: 1) != 0,
      direction: .init(rawValue: string("round_mode", default: "up")) ?? .nearest)
  }

  fileprivate func activation(_ function: Function) throws -> (any Operator, inputs: [TensorName]) {
    (Activation(function, kind: kind), try operands(1))
  }

  fileprivate func conversion(to type: Int) throws -> (any Operator, inputs: [TensorName]) {
    do {
      let conversion = try Pointwise.conversion(
        to: type, fromIntegers: isInteger(0), rounding: smallFloatRounding)
      return (conversion ?? Reshaping(.identity), [try operands(1)[0]])
    } catch is Pointwise.UnknownType {
      throw unsupported("to = \(type), which is no number that is read here")
    }
  }
}

extension Composer {
  /// `factor · x`
  @discardableResult
  fileprivate mutating func scale(_ x: TensorName, by factor: Float, as name: TensorName? = nil) -> TensorName
  {
    add(Activation(.linear(scale: factor, shift: 0), kind: "Scale"), [x], as: name)
  }

  /// All operands of `node`, two at a time from the first on. Equal maxima of more than two share the gradient by halves.
  @discardableResult
  fileprivate mutating func chain(_ function: BinaryFunction, _ node: ONNXNode, named: Bool = true) throws
    -> TensorName
  {
    let operands = try node.operands(max(1, node.inputs.count))
    let result = named ? node.outputs[0] : nil
    guard operands.count > 1 else { return add(Reshaping(.identity), operands, as: result) }
    var running = operands[0]
    for (place, operand) in operands.enumerated().dropFirst() {
      running = add(Binary(function), [running, operand], as: place == operands.count - 1 ? result : nil)
    }
    return running
  }
}
