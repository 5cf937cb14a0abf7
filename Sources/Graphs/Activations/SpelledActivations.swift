import OneDNN
import Tensors

/// Activations: one node, or the several that some exporters write.
///
/// | written as | is |
/// |---|---|
/// | Softmax, LogSoftmax, Sigmoid, HardSigmoid | itself |
/// | `E / Σ E` with `E = exp(x)` or `exp(x − max x)` | softmax of x |
/// | `x − log Σ exp(x)`, with or without the maximum | logarithm of the softmax of x |
/// | `1 / (1 + exp(−x))`, `exp(x) / (1 + exp(x))`, `½ tanh(x / 2) + ½` | sigmoid of x |
/// | `−softplus(−x)` | logarithm of the sigmoid of x |
/// | `clip(a · x + b, 0, 1)`, `clip(x, 0, c) / c` | a hard sigmoid of x |
extension ActivationFinder {
  /// The activation whose result `tensor` is; nil where it is that of something else.
  mutating func spelled(_ tensor: TensorName, _ node: Node) -> Finding? {
    switch node.operation {
    case let softmax as Softmax:
      return Finding(
        activation: .softmax, logits: node.inputs[0], axis: classAxis(softmax, node.inputs[0]),
        isLogarithm: softmax.logarithm)
    case let activation as Graphs.Activation:
      switch activation.function {
      case .logistic, .hardSigmoid: return Finding(activation: .sigmoid, logits: node.inputs[0])
      default: break
      }
    default: break
    }
    return quotient(node) ?? reciprocal(node, tensor) ?? logarithm(node) ?? scaledFunction(tensor)
  }

  private func classAxis(_ softmax: Softmax, _ operand: TensorName) -> Int? {
    guard let shape = shapes[operand], let place = try? shape.place(ofAxis: softmax.axis) else { return nil }
    guard softmax.overAllBehind else { return place }
    let large = (place..<shape.rank).filter { shape[$0] != 1 }
    return large.count > 1 ? nil : large.first ?? place
  }

  // MARK: - Numbers

  /// One node as `scale · x + shift`.
  func affineStep(_ node: Node) -> (x: TensorName, scale: Double, shift: Double)? {
    if let activation = node.operation as? Graphs.Activation {
      guard case .linear(let scale, let shift) = activation.function else { return nil }
      return (node.inputs[0], Double(scale), Double(shift))
    }
    if let reshaping = node.operation as? Reshaping, reshaping.form == .identity {
      return (node.inputs[0], 1, 0)
    }
    guard let function = (node.operation as? Binary)?.function else { return nil }
    let (a, b) = (node.inputs[0], node.inputs[1])
    if let number = scalar(b), scalar(a) == nil {
      switch function {
      case .add: return (a, 1, number)
      case .subtract: return (a, 1, -number)
      case .multiply: return (a, number, 0)
      case .divide where number != 0: return (a, 1 / number, 0)
      default: return nil
      }
    }
    guard let number = scalar(a), scalar(b) == nil else { return nil }
    switch function {
    case .add: return (b, 1, number)
    case .subtract: return (b, -1, number)
    case .multiply: return (b, number, 0)
    default: return nil
    }
  }

  /// `tensor = scale · base + shift`, with all such nodes before it taken into one.
  private func affine(_ tensor: TensorName) -> (base: TensorName, scale: Double, shift: Double) {
    var (base, scale, shift) = (tensor, 1.0, 0.0)
    for _ in 0..<8 {
      guard let node = node(making: base), let step = affineStep(node) else { break }
      shift += scale * step.shift
      scale *= step.scale
      base = step.x
    }
    return (base, scale, shift)
  }

  private func isAbout(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-6 }

  /// The operand of oneDNN's `function` that makes `tensor`.
  private func argument(of tensor: TensorName, _ isMeant: (Function) -> Bool) -> TensorName? {
    guard let node = node(making: tensor), let activation = node.operation as? Graphs.Activation,
      isMeant(activation.function)
    else { return nil }
    return node.inputs[0]
  }

  private func exponent(_ tensor: TensorName) -> TensorName? { argument(of: tensor) { $0 == .exp } }

  /// `−n`
  private mutating func negative(_ n: TensorName) -> TensorName {
    if let node = node(making: n), let step = affineStep(node), step.scale == -1, step.shift == 0 {
      return step.x
    }
    return add(Self.negation, [n], like: n)
  }

  // MARK: - Sigmoids

  /// `n` of `1 + exp(n)`.
  private func exponentOfOneMore(_ tensor: TensorName) -> TensorName? {
    let sum = affine(tensor)
    guard sum.scale == 1, sum.shift == 1 else { return nil }
    return exponent(sum.base)
  }

  /// `1 / (1 + exp(n))`
  private mutating func reciprocal(_ node: Node, _ tensor: TensorName) -> Finding? {
    var denominator: TensorName?
    if node.kind == "Reciprocal" { denominator = node.inputs[0] }
    if (node.operation as? Binary)?.function == .divide, scalar(node.inputs[0]) == 1 {
      denominator = node.inputs[1]
    }
    if node.kind == "Pow", node.inputs.count == 2, scalar(node.inputs[1]) == -1 {
      denominator = node.inputs[0]
    }
    guard let denominator, let n = exponentOfOneMore(denominator) else { return nil }
    return Finding(activation: .sigmoid, logits: negative(n))
  }

  /// What hangs on one function of a number, before or after it is scaled.
  private mutating func scaledFunction(_ tensor: TensorName) -> Finding? {
    let outer = affine(tensor)
    if isAbout(outer.scale, 0.5), isAbout(outer.shift, 0.5), let u = argument(of: outer.base, { $0 == .tanh })
    {
      let inner = affine(u)
      if isAbout(inner.scale, 0.5), inner.shift == 0 {
        return Finding(activation: .sigmoid, logits: inner.base)
      }
      let twice = Graphs.Activation(.linear(scale: 2, shift: 0), kind: "Mul")
      return Finding(activation: .sigmoid, logits: add(twice, [u], like: tensor))
    }
    if outer.scale == -1, outer.shift == 0, let n = argument(of: outer.base, { $0 == .softplus }) {
      return Finding(activation: .sigmoid, logits: negative(n), isLogarithm: true)
    }
    var bounds: (lowest: Double, highest: Double)?
    let clipped = argument(of: outer.base) { function in
      guard case .clip(let lowest, let highest) = function else { return false }
      bounds = (Double(lowest), Double(highest))
      return true
    }
    guard let clipped, let bounds, outer.scale > 0,
      isAbout(outer.scale * bounds.lowest + outer.shift, 0),
      isAbout(outer.scale * bounds.highest + outer.shift, 1)
    else { return nil }
    // A clip to 0...1 alone says nothing of what is clipped.
    let inner = affine(clipped)
    guard outer.scale != 1 || inner.scale != 1 || inner.shift != 0 else { return nil }
    return Finding(activation: .sigmoid, logits: clipped)
  }

  // MARK: - Softmaxes, and quotients of exponentials

  /// Without reshapings that put axes of 1 in or take them away, and without what stretches those.
  private func bare(_ tensor: TensorName) -> TensorName {
    var tensor = tensor
    for _ in 0..<4 {
      guard let node = node(making: tensor), node.operation is Reshaping || node.operation is Expansion else {
        break
      }
      tensor = node.inputs[0]
    }
    return tensor
  }

  /// The operand of a reduction that makes `tensor`, and the axes that go.
  private func reduced(_ tensor: TensorName, _ function: Reduction.Function) -> (x: TensorName, axes: [Int])?
  {
    guard let node = node(making: bare(tensor)), let reduction = node.operation as? Reduction,
      reduction.function == function, let shape = shapes[node.inputs[0]],
      let places = try? shape.places(ofAxes: reduction.axes)
    else { return nil }
    return (node.inputs[0], places)
  }

  /// The one axis of `axes` along which a tensor is larger than 1.
  private func single(_ axes: [Int], of tensor: TensorName) -> Int? {
    guard let shape = shapes[tensor] else { return nil }
    let large = axes.filter { shape[$0] != 1 }
    return large.count == 1 ? large[0] : axes.count == 1 ? axes[0] : nil
  }

  /// `x` of `x − max x` along an axis, or `u` itself.
  private func withoutMaximum(_ u: TensorName, _ axes: [Int]) -> TensorName {
    guard let node = node(making: u), (node.operation as? Binary)?.function == .subtract,
      let highest = reduced(node.inputs[1], .maximum), highest.x == node.inputs[0], highest.axes == axes
    else { return u }
    return highest.x
  }

  /// `exp(u) / Σ exp(u)`, as a quotient or as a product with a reciprocal; or `exp(x) / (1 + exp(x))`.
  private func quotient(_ node: Node) -> Finding? {
    guard let function = (node.operation as? Binary)?.function else { return nil }
    var pairs: [(numerator: TensorName, denominator: TensorName)] = []
    switch function {
    case .divide: pairs = [(node.inputs[0], node.inputs[1])]
    case .multiply:
      for (a, b) in [(0, 1), (1, 0)] {
        if let other = self.node(making: node.inputs[b]), other.kind == "Reciprocal" {
          pairs.append((node.inputs[a], other.inputs[0]))
        }
      }
    default: return nil
    }
    for (numerator, denominator) in pairs {
      guard let u = exponent(numerator) else { continue }
      if exponentOfOneMore(denominator) == u { return Finding(activation: .sigmoid, logits: u) }
      guard let sum = reduced(denominator, .sum), exponent(sum.x) == u,
        let axis = single(sum.axes, of: sum.x)
      else { continue }
      return Finding(activation: .softmax, logits: withoutMaximum(u, sum.axes), axis: axis)
    }
    return nil
  }

  /// `u − log Σ exp(u)`
  private func logarithm(_ node: Node) -> Finding? {
    guard (node.operation as? Binary)?.function == .subtract else { return nil }
    let u = node.inputs[0]
    guard let axes = axesOfLogSum(node.inputs[1], u), let axis = single(axes, of: u) else { return nil }
    return Finding(
      activation: .softmax, logits: withoutMaximum(u, axes), axis: axis, isLogarithm: true)
  }

  /// The axes over which `tensor` is `log Σ exp(u)`.
  private func axesOfLogSum(_ tensor: TensorName, _ u: TensorName) -> [Int]? {
    let inner = bare(tensor)
    if let whole = reduced(inner, .logSumExp), whole.x == u { return whole.axes }
    if let sum = reduced(inner, .logSum), exponent(sum.x) == u { return sum.axes }
    if let logged = argument(of: inner, { $0 == .log }), let sum = reduced(logged, .sum), exponent(sum.x) == u
    {
      return sum.axes
    }
    // max u + log Σ exp(u − max u)
    guard let node = node(making: inner), (node.operation as? Binary)?.function == .add else { return nil }
    for (a, b) in [(0, 1), (1, 0)] {
      guard let highest = reduced(node.inputs[a], .maximum), highest.x == u,
        let logged = argument(of: bare(node.inputs[b]), { $0 == .log }), let sum = reduced(logged, .sum),
        let difference = exponent(sum.x), sum.axes == highest.axes, difference != u,
        withoutMaximum(difference, sum.axes) == u
      else { continue }
      return sum.axes
    }
    return nil
  }
}
