import OneDNN
import Tensors

extension Graph {
  /// With functions that exporters write as several nodes in one: a single kernel, which can also ride on the one before.
  ///
  /// | written as | is |
  /// |---|---|
  /// | `x · sigmoid(x)` | swish |
  /// | `x · hardSigmoid(x)` | hard swish |
  /// | `x · tanh(softplus(x))` | mish |
  /// | `x · ½ · (1 + erf(x / √2))`, in any order | GELU |
  ///
  /// The inner tensors of such a function must have no other reader, and not be named in `kept`.
  package func recognizingFunctions(keeping kept: Set<TensorName>) throws(GraphError) -> Graph {
    let finder = FunctionFinder(self, kept: kept)
    let recognized = nodes.map { node in
      guard let (function, kind, argument) = finder.function(endingIn: node) else { return node }
      return Node(
        name: node.name, operation: Activation(function, kind: kind), inputs: [argument],
        outputs: node.outputs)
    }
    return try Graph(
      name: name, inputs: inputs, nodes: recognized, constants: constants, outputs: outputs)
  }
}

private struct FunctionFinder {
  private let constants: [TensorName: Tensor]
  private let producers: [TensorName: Node]
  private let readers: [TensorName: Int]
  private let kept: Set<TensorName>

  init(_ graph: Graph, kept: Set<TensorName>) {
    constants = graph.constants
    self.kept = kept
    producers = Dictionary(graph.nodes.flatMap { node in node.outputs.map { ($0, node) } }) { first, _ in
      first
    }
    readers = graph.nodes.reduce(into: [:]) { readers, node in
      for input in node.inputs { readers[input, default: 0] += 1 }
    }
  }

  func function(endingIn node: Node) -> (Function, kind: String, argument: TensorName)? {
    guard isProduct(node) else { return nil }
    return gate(node) ?? gelu(node)
  }

  private func isProduct(_ node: Node) -> Bool { (node.operation as? Binary)?.function == .multiply }

  /// What makes `tensor`, if only one node reads it and nobody wants to see it.
  private func inner(_ tensor: TensorName) -> Node? {
    kept.contains(tensor) || readers[tensor] != 1 ? nil : producers[tensor]
  }

  private func activation(_ tensor: TensorName) -> (Function, argument: TensorName)? {
    guard let node = inner(tensor), let activation = node.operation as? Activation else { return nil }
    return (activation.function, node.inputs[0])
  }

  private func gate(_ node: Node) -> (Function, kind: String, argument: TensorName)? {
    for (x, gate) in [(node.inputs[0], node.inputs[1]), (node.inputs[1], node.inputs[0])] {
      guard let (function, argument) = activation(gate) else { continue }
      switch function {
      case .logistic where argument == x: return (.swish(scale: 1), "Swish", x)
      case .hardSigmoid(let slope, let shift) where argument == x:
        return (.hardSwish(slope: slope, shift: shift), "HardSwish", x)
      case .tanh:
        if case (.softplus, x)? = activation(argument) { return (.mish, "Mish", x) }
      default: break
      }
    }
    return nil
  }

  private func gelu(_ node: Node) -> (Function, kind: String, argument: TensorName)? {
    var factors = node.inputs
    if let place = factors.indices.first(where: { inner(factors[$0]).map(isProduct) ?? false }),
      let product = inner(factors[place])
    {
      factors = [factors[1 - place]] + product.inputs
    }
    guard factors.count == 3, let half = factors.firstIndex(where: { scalar($0) == 0.5 }) else { return nil }
    factors.remove(at: half)
    for (x, other) in [(factors[0], factors[1]), (factors[1], factors[0])]
    where errorArgument(ofOneMore: other) == x {
      return (.gelu, "Gelu", x)
    }
    return nil
  }

  /// `x`, if `tensor` is `1 + erf(x / √2)`.
  private func errorArgument(ofOneMore tensor: TensorName) -> TensorName? {
    guard let sum = inner(tensor), (sum.operation as? Binary)?.function == .add,
      let one = sum.inputs.firstIndex(where: { scalar($0) == 1 }),
      let error = inner(sum.inputs[1 - one]), error.kind == "Erf",
      let scaling = inner(error.inputs[0]), let binary = scaling.operation as? Binary
    else { return nil }
    for (x, factor) in [(0, 1), (1, 0)] {
      guard let factor = scalar(scaling.inputs[factor]) else { continue }
      switch binary.function {
      case .multiply where abs(factor - 0.5.squareRoot()) < 1e-5: return scaling.inputs[x]
      case .divide where x == 0 && abs(factor - 2.0.squareRoot()) < 1e-5: return scaling.inputs[x]
      default: break
      }
    }
    return nil
  }

  private func scalar(_ tensor: TensorName) -> Double? {
    guard let constant = constants[tensor], constant.count == 1, constant.shape.rank <= 1 else { return nil }
    return constant.values.first.map { Double($0) }
  }
}
