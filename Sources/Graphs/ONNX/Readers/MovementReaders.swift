import OneDNN
import Tensors

/// What only moves elements, or looks at them in another shape.
let movementReaders: [String: OperatorReader] = [
  "Identity": { (Reshaping(.identity), try $0.operands(1)) },
  "Flatten": { (Reshaping(.flatten(axis: $0.integer("axis", default: 1))), try $0.operands(1)) },
  "Squeeze": { node in
    (Reshaping(.squeeze(axes: try node.optionalIntegers("axes") ?? node.integers(1))), try node.operands(1))
  },
  "Unsqueeze": { node in
    guard let axes = try node.optionalIntegers("axes") ?? node.integers(1) else {
      throw node.unsupported("it names no axes")
    }
    return (Reshaping(.unsqueeze(axes: axes)), try node.operands(1))
  },
  "Reshape": { node in
    guard let shape = try node.integers(1) else { throw node.unsupported("it names no shape") }
    let zeroKeeps = node.integer("allowzero", default: 0) == 0
    return (Reshaping(.reshape(to: shape, zeroKeeps: zeroKeeps)), try node.operands(1))
  },
  "Transpose": { node in
    let axes = node.optionalIntegers("perm")
    if let axes, axes.sorted() != Array(axes.indices) { throw node.unsupported("perm = \(axes)") }
    return (Transposition(axes: axes), try node.operands(1))
  },
]
