import OneDNN

// What relevance rules ask about a graph.

extension GradientBuilder {
  /// Whether `tensor` is computed, not a constant.
  func isComputed(_ tensor: TensorName) -> Bool { graph.constants[tensor] == nil }

  /// Whether `tensor` is made, directly or not, by a layer with weights.
  func isBehindLayer(_ tensor: TensorName) -> Bool {
    var seen: Set<TensorName> = []
    var open = [tensor]
    while let name = open.popLast() {
      guard seen.insert(name).inserted, let node = producers[name] else { continue }
      if LinearLayer(node, graph.constants) != nil { return true }
      open += node.inputs
    }
    return false
  }

  /// Whether no element of `tensor` can be negative, as far as is seen at once: behind a rectifier and what only moves,
  /// averages or compares.
  func isNonNegative(_ tensor: TensorName) -> Bool {
    var tensor = tensor
    while let node = producers[tensor] {
      switch node.operation {
      case let activation as Activation:
        switch activation.function {
        case .relu(let slope): return slope == 0
        case .clip(let lowest, _): return lowest >= 0
        case .logistic, .sqrt, .square, .abs, .exp, .softplus, .hardSigmoid: return true
        default: return false
        }
      case let reduction as Reduction:
        guard [.mean, .sum, .maximum, .minimum].contains(reduction.function) else { return false }
      case is Pooling, is Reshaping, is Transposition, is Slice, is Dropout: break
      default: return false
      }
      tensor = node.inputs[0]
    }
    return false
  }

  /// Whether `tensor` weighs another one: it is what a Sigmoid or its like makes, perhaps moved or repeated.
  func isGate(_ tensor: TensorName) -> Bool {
    var tensor = tensor
    while let node = producers[tensor] {
      switch node.operation {
      case let activation as Activation:
        switch activation.function {
        case .logistic, .hardSigmoid: return true
        default: return false
        }
      case is Reshaping, is Transposition, is Expansion: tensor = node.inputs[0]
      case let softmax as Softmax: return !softmax.logarithm
      default: return false
      }
    }
    return false
  }

  /// What a node whose result has a constant added would make without it; nil where there is none.
  mutating func withoutConstants(_ node: Node) -> TensorName? {
    guard tallies else { return nil }
    switch node.operation {
    case let scaling as ChannelScaling where scaling.shift != nil:
      return add(ChannelScaling(scale: scaling.scale), [node.inputs[0]])
    case let activation as Activation:
      guard case .linear(let scale, _) = activation.function else { return nil }
      return add(Activation(.linear(scale: scale, shift: 0), kind: "Mul"), [node.inputs[0]])
    case let binary as Binary where binary.function == .add || binary.function == .subtract:
      guard let constant = node.inputs.firstIndex(where: { !isComputed($0) }) else { return nil }
      // What is left of `a − b` where a is the constant is −b.
      let isTakenAway = binary.function == .subtract && constant == 1
      return add(Binary(isTakenAway ? .add : .subtract), [node.outputs[0], node.inputs[constant]])
    default: return nil
    }
  }
}

extension Node {
  /// Whether each element of the results is one of the operand's elements, or a chosen one of several.
  var handsOnPlaces: Bool {
    switch operation {
    case is any Selecting, is Reshaping, is Transposition, is Concatenation, is Splitting, is Gathering,
      is AddressedGathering, is Scattering, is BlockRearrangement, is SequenceReversal, is Triangle:
      true
    case let pooling as Pooling: pooling.reduction == .maximum
    case let reduction as Reduction: reduction.function == .maximum || reduction.function == .minimum
    default: kind == "Where"
    }
  }
}
