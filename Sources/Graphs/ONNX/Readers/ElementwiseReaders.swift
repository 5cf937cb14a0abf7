import OneDNN
import Tensors

/// Functions of one number, and of two.
let elementwiseReaders: [String: OperatorReader] = [
  "Relu": { try $0.activation(.relu(slope: 0)) },
  "LeakyRelu": { try $0.activation(.relu(slope: $0.float("alpha", default: 0.01))) },
  "Elu": { try $0.activation(.elu(scale: $0.float("alpha", default: 1))) },
  "Sigmoid": { try $0.activation(.logistic) },
  "Tanh": { try $0.activation(.tanh) },
  "Exp": { try $0.activation(.exp) },
  "Log": { try $0.activation(.log) },
  "Sqrt": { try $0.activation(.sqrt) },
  "Abs": { try $0.activation(.abs) },
  "Neg": { try $0.activation(.linear(scale: -1, shift: 0)) },
  "Clip": { node in
    let lowest = try node.optionalFloat("min") ?? node.scalar(1)
    let highest = try node.optionalFloat("max") ?? node.scalar(2)
    let bound = highest ?? .greatestFiniteMagnitude
    // Where the bounds cross, the upper one holds.
    return try node.activation(.clip(lowest: min(lowest ?? -.greatestFiniteMagnitude, bound), highest: bound))
  },

  "Add": { (Binary(.add), try $0.operands(2)) },
  "Sub": { (Binary(.subtract), try $0.operands(2)) },
  "Mul": { (Binary(.multiply), try $0.operands(2)) },
  "Div": { (Binary(.divide), try $0.operands(2)) },

]

extension ONNXNode {
  fileprivate func activation(_ function: Function) throws -> (any Operator, inputs: [TensorName]) {
    (Activation(function, kind: kind), try operands(1))
  }
}
