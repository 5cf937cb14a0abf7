import OneDNN
package import Tensors

/// A sum of wishes about one picture that a network sees, as part of its graph, so that one run gives its value and its
/// gradient with respect to the input.
///
/// `objective = Σ weight_i · term_i`. Weights, and what a term compares with, are inputs of the graph: other classes, other
/// seeds and a cross-fade from one to the other compile nothing anew.
package struct Objective: Sendable, Hashable {
  /// Of tensors `[1, channels, height, width]`, or `[1, classes]` and longer for classes.
  package enum Term: Sendable, Hashable {
    /// `½ · mean x²`
    case energy(TensorName)
    /// `Σ_c vector_c · mean over places of x_c`; its vector is `[channels, 1]`.
    case channels(TensorName)
    /// `Σ_k vector_k · x_k`; its vector is `[classes, 1]`.
    case classes(TensorName)
    /// The mean over places of `max_p Σ_c guide_pc · x_c`; its guide is `[places, channels]`.
    case likeness(TensorName)

    package var tensor: TensorName {
      switch self {
      case .energy(let tensor), .channels(let tensor), .classes(let tensor), .likeness(let tensor): tensor
      }
    }
  }

  package let terms: [Term]

  package init(_ terms: [Term]) { self.terms = terms }

  /// The input that holds a term's weight, `[1, 1]`.
  package static func weight(_ term: Int) -> TensorName { "weight of wish \(term)" }
  /// The input that holds a term's vector or guide.
  package static func subject(_ term: Int) -> TensorName { "subject of wish \(term)" }
  /// The term's value, `[1, 1]`, without its weight.
  package static func value(_ term: Int) -> TensorName { "wish \(term)" }
  package static let total: TensorName = "all wishes"
}

extension Graph {
  /// This graph up to the tensors of an objective, and the objective behind them.
  ///
  /// - Parameter channels: of each tensor of a likeness.
  /// - Throws: `GraphError.unknownTensor`.
  package func appending(_ objective: Objective, channels: [TensorName: Int]) throws(GraphError) -> Graph {
    var nodes = nodes
    var inputs = inputs
    func add(_ operation: any Operator, _ operands: [TensorName], as name: TensorName) -> TensorName {
      nodes.append(Node(name: name, operation: operation, inputs: operands, outputs: [name]))
      return name
    }
    func take(_ name: TensorName) -> TensorName {
      inputs.append(GraphInput(name: name, dimensions: nil))
      return name
    }
    let one = Reshaping(.reshape(to: [1, 1], zeroKeeps: false))
    var constants = constants
    let half: TensorName = "half of a wish"
    var sum: TensorName?
    for (number, term) in objective.terms.enumerated() {
      let tensor = try tensor(named: term.tensor)
      let value = Objective.value(number)
      func inner(_ part: String) -> TensorName { "\(value), \(part)" }
      switch term {
      case .energy:
        constants[half] = Tensor([1, 1], [0.5])
        let square = add(Binary(.multiply), [tensor, tensor], as: inner("square"))
        let mean = add(Reduction(.mean, axes: nil, keepsAxes: true), [square], as: inner("mean"))
        _ = add(Binary(.multiply), [add(one, [mean], as: inner("number")), half], as: value)
      case .channels:
        let mean = add(Reduction(.mean, axes: [2, 3], keepsAxes: false), [tensor], as: inner("mean"))
        _ = add(MatrixProduct(kind: "MatMul"), [mean, take(Objective.subject(number))], as: value)
      case .classes:
        let flat = add(Reshaping(.flatten(axis: 1)), [tensor], as: inner("flat"))
        _ = add(MatrixProduct(kind: "MatMul"), [flat, take(Objective.subject(number))], as: value)
      case .likeness:
        let count = channels[term.tensor] ?? -1
        let flat = add(Reshaping(.reshape(to: [count, -1], zeroKeeps: false)), [tensor], as: inner("flat"))
        let products = add(
          MatrixProduct(kind: "MatMul"), [take(Objective.subject(number)), flat], as: inner("products"))
        let best = add(Reduction(.maximum, axes: [0], keepsAxes: true), [products], as: inner("best"))
        _ = add(Reduction(.mean, axes: [1], keepsAxes: true), [best], as: value)
      }
      let weighted = add(Binary(.multiply), [value, take(Objective.weight(number))], as: inner("weighted"))
      sum = sum.map { add(Binary(.add), [$0, weighted], as: inner("sum")) } ?? weighted
    }
    guard let sum else { throw .malformed("an objective without wishes") }
    let values = objective.terms.indices.map(Objective.value)
    _ = add(Reshaping(.identity), [sum], as: Objective.total)
    return try Graph(
      name: name, inputs: inputs, nodes: nodes, constants: constants, outputs: [Objective.total] + values)
  }

  /// The same graph, whose one input takes pictures of any height and width.
  ///
  /// - Parameter colours: the axis of the three colours, 1 or 3.
  package func freeing(_ input: TensorName, colours: Int) throws(GraphError) -> Graph {
    let dimensions: [Dimension] =
      colours == 1
      ? [.symbolic("rows"), .fixed(3), .symbolic("height"), .symbolic("width")]
      : [.symbolic("rows"), .symbolic("height"), .symbolic("width"), .fixed(3)]
    return try Graph(
      name: name,
      inputs: inputs.map { $0.name == input ? GraphInput(name: input, dimensions: dimensions) : $0 },
      nodes: nodes,
      constants: constants, outputs: outputs,
      resolver: rereading { graph, _ in try graph.freeing(input, colours: colours) })
  }
}

extension Network {
  /// A program of one run that gives the gradient of an objective with respect to `input`, and the value of each term.
  ///
  /// - Parameters:
  ///   - shapes: of the network's input and of those of the objective.
  ///   - channels: of each tensor of a likeness.
  /// - Returns: a program whose results are the gradient, and then the terms' values.
  package func program(
    of objective: Objective, channels: [TensorName: Int], withRespectTo input: TensorName,
    at shapes: [TensorName: Shape]
  ) throws -> Program {
    let names = Set(graph.inputs.map(\.name))
    let whole = try evaluator.resolved(for: shapes.filter { names.contains($0.key) })
    let wanted = [Objective.total] + objective.terms.indices.map(Objective.value)
    let backward = try whole.appending(objective, channels: channels)
      .simplified(keeping: wanted, sharing: evaluator.packer)
      .gradient(of: Objective.total, withRespectTo: [input])
    var all = shapes
    all[Graph.seedName(Objective.total)] = [1, 1]
    return try Program(
      backward, inputShapes: all, wanted: [Graph.gradientName(input)] + wanted.dropFirst(), threads: threads,
      packer: evaluator.packer)
  }
}
