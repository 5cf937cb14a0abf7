import OneDNN
import Tensors

/// Normalizations over places, channels, groups and neighbours.
let normalizationReaders: [String: OperatorReader] = [
  "BatchNormalization": { node in
    // Before opset 14 a network in training was told by its further results, which nobody at inference reads.
    let trains = node.integer("training_mode", default: 0) != 0
    return (
      BatchNormalization(
        epsilon: node.float("epsilon", default: 1e-5),
        momentum: trains ? node.float("momentum", default: 0.9) : nil),
      try node.operands(5)
    )
  },
  "InstanceNormalization": { node in
    let epsilon = node.float("epsilon", default: 1e-5)
    return (Standardization(.channel, epsilon: epsilon, kind: node.kind), try node.operands(3))
  },
  "GroupNormalization": { node in
    guard let groups = node.optionalInteger("num_groups"), groups > 0 else {
      throw node.unsupported("num_groups = \(node.integer("num_groups", default: 0))")
    }
    let epsilon = node.float("epsilon", default: 1e-5)
    return (Standardization(.groups(groups), epsilon: epsilon, kind: node.kind), try node.operands(3))
  },
  "LayerNormalization": { node in
    let axis = node.integer("axis", default: -1)
    let epsilon = node.float("epsilon", default: 1e-5)
    return (
      Standardization(.axes(from: axis), epsilon: epsilon, kind: node.kind), try node.operands(2, atMost: 3)
    )
  },
  "LpNormalization": { node in
    let power = node.integer("p", default: 2)
    guard power == 1 || power == 2 else { throw node.unsupported("p = \(power)") }
    return (
      NormScaling(axis: node.integer("axis", default: -1), isEuclidean: power == 2), try node.operands(1)
    )
  },
]

/// Normalizations made of several operations.
let normalizationComposites: [String: CompositeReader] = [
  // x / (bias + alpha / size · Σ x²)^beta, the sum over neighbouring channels
  "LRN": { node, composer in
    let source = try node.operands(1)[0]
    let size = node.integer("size", default: 0)
    guard (1...1 << 20).contains(size) else { throw node.unsupported("size = \(size)") }
    let sums = NeighbourSum(before: (size - 1) / 2, after: size / 2)
    let scale = node.float("alpha", default: 1e-4) / Float(size)
    let square = composer.add(Activation(.square, kind: "Square"), [source])
    let sum = composer.add(sums, [square])
    let base = composer.add(
      Activation(.linear(scale: scale, shift: node.float("bias", default: 1)), kind: "Linear"), [sum])
    let logarithm = composer.add(Activation(.log, kind: "Log"), [base])
    let exponent = composer.add(
      Activation(.linear(scale: -node.float("beta", default: 0.75), shift: 0), kind: "Linear"), [logarithm])
    let factor = composer.add(Activation(.exp, kind: "Exp"), [exponent])
    composer.add(Binary(.multiply), [source, factor], as: node.outputs[0])
  },
  // Standardized over some axes, which are brought to the end and back. ONNX adds 1e-9 to the deviation.
  "MeanVarianceNormalization": { node, composer in
    let source = try node.operands(1)[0]
    let given = node.optionalIntegers("axes")
    let rank = try given == nil ? 4 : node.knownShape(0).rank
    let mixed = Set((given ?? [0, 2, 3]).map { $0 < 0 ? $0 + rank : $0 })
    guard mixed.count == (given ?? [0, 2, 3]).count, mixed.allSatisfy((0..<rank).contains), !mixed.isEmpty
    else {
      throw node.unsupported("axes = \(given ?? [])")
    }
    let order = (0..<rank).filter { !mixed.contains($0) } + mixed.sorted()
    let turned = composer.add(Transposition(axes: order), [source])
    var standardization = Standardization(
      .axes(from: rank - mixed.count), epsilon: 1e-18, kind: node.kind)
    standardization.spansRows = mixed.contains(0)
    let standard = composer.add(standardization, [turned])
    var back = order
    for (to, from) in order.enumerated() { back[from] = to }
    composer.add(Transposition(axes: back), [standard], as: node.outputs[0])
  },
]
