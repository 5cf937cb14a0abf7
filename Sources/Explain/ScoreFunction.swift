public import Graphs
public import Models
public import Tensors

/// A score for each row of a batch, and its gradient: all that a gradient method sees of a network.
public protocol ScoreFunction: Sendable {
  /// The score of each row of `x`.
  func scores(at x: Tensor) throws -> [Float]
  /// The score of each row of `x`, which differ from the one row `base` in a part each.
  func scores(at x: Tensor, differingFrom base: Tensor) throws -> [Float]
  /// For each row of `x`, the gradient of its score with respect to it; shaped as `x`.
  func gradient(at x: Tensor) throws -> Tensor
  /// For each row of `x`, multipliers m with `Σ m · (x − baseline) = score(x) − score(baseline)`, by DeepLIFT's rescale
  /// rule; shaped as `x`, as `baseline` is.
  func multipliers(at x: Tensor, from baseline: Tensor) throws -> Tensor
}

extension ScoreFunction {
  public func scores(at x: Tensor, differingFrom base: Tensor) throws -> [Float] { try scores(at: x) }

  public func multipliers(at x: Tensor, from baseline: Tensor) throws -> Tensor {
    throw ExplainError.noMultipliers
  }
}

/// A sum of the elements of a network's tensor, one of them as a rule, as a function of one of the network's inputs.
public struct NetworkScore: ScoreFunction {
  public let network: Network
  /// The tensor that the score is of: logits, as a rule.
  public let tensor: TensorName
  /// What of it.
  public let of: ScoreOf
  /// How gradients flow back.
  public var rule: GradientRule
  /// Where the picture lies, if not in the input itself: what maps of layers are drawn on.
  public var panels: [PicturePanel]?
  /// What is remembered of rows that come up again; nil for nothing.
  public var memory: RowMemory?

  let input: TensorName
  /// What the other inputs are given: one row each, the same beside every row of `input`.
  private let beside: [TensorName: Tensor]

  /// An element of `tensor`, counted over all axes but the first, less another one if there is one to hold it against.
  public init(
    _ network: Network, tensor: TensorName, element: Int, against: Int? = nil,
    beside: [TensorName: Tensor] = [:],
    rule: GradientRule = .standard
  ) throws {
    try self.init(
      network, tensor: tensor, of: against.map { .difference(element, $0) } ?? .element(element),
      beside: beside,
      rule: rule)
  }

  /// - Parameter beside: one row for every input but one, which the score is a function of.
  /// - Throws: `ExplainError` when that leaves several inputs; `GraphError` when the network has no such tensor.
  public init(
    _ network: Network, tensor: TensorName, of: ScoreOf, beside: [TensorName: Tensor] = [:],
    rule: GradientRule = .standard
  ) throws {
    let free = network.graph.inputs.filter { beside[$0.name] == nil }
    guard free.count == 1, let input = free.first else { throw ExplainError.severalInputs(free.map(\.name)) }
    self.network = network
    self.tensor = try network.graph.tensor(named: tensor)
    self.of = of
    self.beside = beside
    self.rule = rule
    self.input = input.name
  }

  /// All inputs, for these rows of the one that is free.
  func inputs(_ x: Tensor) -> [TensorName: Tensor] {
    let rows = x.shape.dimensions.first ?? 1
    var inputs = beside.mapValues { Tensor(joining: [Tensor](repeating: $0, count: max(1, rows))) }
    inputs[input] = x
    return inputs
  }

  /// The shapes of all inputs, for one of this shape that is free.
  func inputShapes(beside shape: Shape) -> [TensorName: Shape] {
    let rows = max(1, shape.dimensions.first ?? 1)
    var shapes = beside.mapValues { Shape([rows * $0.shape[0]] + $0.shape.dimensions.dropFirst()) }
    shapes[input] = shape
    return shapes
  }

  public func scores(at x: Tensor) throws -> [Float] {
    let ask: (Tensor) throws -> Tensor = { try network.values(of: [tensor], at: inputs($0))[0] }
    // What is remembered has lost its places, which a channel's mean goes by.
    if case .channelMean = of { return try selected(ask(x)) }
    guard let memory, beside.isEmpty else { return try selected(ask(x)) }
    return try selected(memory.answers(tensor, for: x, ask))
  }

  public func scores(at x: Tensor, differingFrom base: Tensor) throws -> [Float] {
    guard beside.isEmpty else { return try scores(at: x) }
    return try selected(try network.values(of: [tensor], at: x, differingFrom: base)[0])
  }

  public func gradient(at x: Tensor) throws -> Tensor {
    let ask: (Tensor) throws -> Tensor = { x in
      try network.gradients(
        of: tensor, seed: try seed(for: x), withRespectTo: [input], rule: rule, at: inputs(x)
      )
      .gradients[0]
    }
    guard let memory, memory.keepsGradients, beside.isEmpty else { return try ask(x) }
    let topic = "\(rule.name) gradient of \(of) of \(tensor)"
    return try memory.answers(topic, for: x, ask).reshaped(to: x.shape)
  }

  public func multipliers(at x: Tensor, from baseline: Tensor) throws -> Tensor {
    try network.gradients(
      of: tensor, seed: try seed(for: x), withRespectTo: [input], rule: .rescale, at: inputs(x),
      from: inputs(baseline)
    )
    .gradients[0]
  }

  /// The values of `layer`.
  func values(of layer: TensorName, at x: Tensor) throws -> Tensor {
    try network.values(of: [layer], at: inputs(x))[0]
  }

  /// The same score with its true gradients.
  var standard: NetworkScore {
    var score = self
    score.rule = .standard
    return score
  }

  /// The values of `layer`, and the gradients of the scores with respect to them.
  public func layer(_ layer: TensorName, at x: Tensor) throws -> (values: Tensor, gradients: Tensor) {
    let result = try network.gradients(
      of: tensor, seed: try seed(for: x), withRespectTo: [layer], alongside: [layer], rule: rule,
      at: inputs(x))
    return (result.values[0], result.gradients[0])
  }

  /// The score of each row.
  func selected(_ values: Tensor) throws -> [Float] {
    let rows = values.shape.dimensions.first ?? 0
    let width = rows == 0 ? 0 : values.count / rows
    let terms = try of.terms(of: Array(values.shape.dimensions.dropFirst()), in: tensor)
    return values.withUnsafeValues { values in
      (0..<rows).map { row in
        Float(terms.reduce(0.0) { $0 + Double($1.weight) * Double(values[row * width + $1.element]) })
      }
    }
  }

  /// The weight of each element of each row.
  func seed(for x: Tensor) throws -> Tensor {
    let shape = try network.shape(of: tensor, at: inputShapes(beside: x.shape))
    let width = shape.dimensions.dropFirst().reduce(1, *)
    let terms = try of.terms(of: Array(shape.dimensions.dropFirst()), in: tensor)
    var seed = Tensor(shape)
    seed.withUnsafeMutableValues { values in
      for row in 0..<shape[0] {
        for term in terms { values[row * width + term.element] += term.weight }
      }
    }
    return seed
  }
}
