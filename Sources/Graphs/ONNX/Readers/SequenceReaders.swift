import Tensors

/// Recurrent layers.
let sequenceReaders: [String: OperatorReader] = [
  "RNN": { try $0.recurrence(.simple, [.tanh]) },
  "LSTM": { node in
    try node.recurrence(
      .lstm(couplesForget: node.integer("input_forget", default: 0) != 0), [.sigmoid, .tanh, .tanh])
  },
  "GRU": { node in
    try node.recurrence(
      .gru(resetsAfter: node.integer("linear_before_reset", default: 0) != 0), [.sigmoid, .tanh])
  },
]

extension ONNXNode {
  /// - Parameter usual: the functions where the file names none.
  fileprivate func recurrence(_ cell: RecurrentCell, _ usual: [GateFunction.Kind]) throws
    -> (any Operator, inputs: [TensorName])
  {
    guard let direction = RecurrentDirection(rawValue: string("direction", default: "forward")) else {
      throw unsupported("direction = \(string("direction", default: ""))")
    }
    guard !inputs.prefix(3).contains(""), inputs.count >= 3 else {
      throw unsupported("it has \(inputs.count) operands and needs 3")
    }
    let recurrence = Recurrence(
      cell: cell, direction: direction, batchFirst: integer("layout", default: 0) != 0,
      functions: try gateFunctions(usual, directions: direction.count))
    let left = [TensorName](repeating: "", count: max(0, 8 - inputs.count))
    return (recurrence, inputs.prefix(8) + left)
  }

  /// `activations`, each with what it takes of `activation_alpha` and `activation_beta`, in their order.
  private func gateFunctions(_ usual: [GateFunction.Kind], directions: Int) throws -> [GateFunction] {
    let clip = optionalFloat("clip")
    if let clip, !(clip > 0) { throw unsupported("clip = \(clip)") }
    let all = (0..<directions).flatMap { _ in usual.map(\.rawValue) }
    var names = strings("activations") ?? []
    if names.isEmpty { names = all }
    guard names.count == all.count else {
      throw unsupported("\(names.count) activations where \(all.count) are needed")
    }
    var alphas = (optionalFloats("activation_alpha") ?? [])[...]
    var betas = (optionalFloats("activation_beta") ?? [])[...]
    return try names.enumerated().map { index, name in
      guard let kind = GateFunction.Kind(rawValue: name.lowercased()) else {
        throw unsupported("activation '\(name)' is not known")
      }
      let alpha = kind.defaults.alpha == nil ? nil : alphas.popFirst()
      let beta = kind.defaults.beta == nil ? nil : betas.popFirst()
      // The clip bounds what enters the gates, and not the cell state on its way out.
      let isWayOut = usual.count == 3 && index % 3 == 2
      return GateFunction(kind, alpha: alpha, beta: beta, clip: isWayOut ? nil : clip)
    }
  }
}
