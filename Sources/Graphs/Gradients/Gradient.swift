import OneDNN
package import Tensors

extension Graph {
  /// The name under which the gradient with respect to `tensor` is found in a gradient graph.
  public static func gradientName(_ tensor: TensorName) -> TensorName { "∂/∂\(tensor)" }

  /// The name of the input that takes the vector of the vector-Jacobian product: one number for each element of the
  /// tensor being differentiated. A one there and zeros elsewhere gives the gradient of that element.
  public static func seedName(_ tensor: TensorName) -> TensorName { "seed(\(tensor))" }

  /// This graph, and behind it the nodes that compute `Σ seed · ∂score/∂t` for each tensor `t` of `wanted`.
  ///
  /// Reverse accumulation (Griewank and Walther, Evaluating Derivatives, 2008) as a graph-to-graph transform, so that
  /// everything a `Program` does to a graph it does to the backward pass as well. It goes back only as far as the
  /// wanted tensors, which may be inputs or any inner tensors. The outputs are `gradientName(t)`.
  public func gradient(
    of score: TensorName, withRespectTo wanted: [TensorName], rule: GradientRule = .standard
  ) throws(GraphError) -> Graph {
    try gradient(of: [score], withRespectTo: wanted, rule: rule)
  }

  /// The same for several tensors at once, each with a seed of its own: `Σ seed_s · ∂s/∂t` over the `scores` s.
  public func gradient(
    of scores: [TensorName], withRespectTo wanted: [TensorName], rule: GradientRule = .standard
  ) throws(GraphError) -> Graph {
    for name in scores + wanted { try tensor(named: name) }
    return try rule.prepared(self, keeping: scores + wanted)
      .differentiated(scores, withRespectTo: wanted, rule: rule)
  }

  private func differentiated(
    _ scores: [TensorName], withRespectTo wanted: [TensorName], rule: GradientRule
  ) throws(GraphError) -> Graph {
    var onTheWay = Set(wanted)
    for node in nodes where node.inputs.contains(where: onTheWay.contains) {
      onTheWay.formUnion(node.outputs.filter { !$0.isEmpty })
    }
    var builder = GradientBuilder(graph: self, onTheWay: onTheWay, tallies: rule.tallies)
    for score in scores {
      guard nodes.contains(where: { $0.outputs.contains(score) }) else {
        throw .independent(score, of: wanted.first ?? "")
      }
      // The seed is the caller's: this node checks that it is as large as the score.
      let seed = builder.add(ReshapingLike(), [Graph.seedName(score), score], as: "seed of \(score)")
      builder.contribute(
        rule.startsFromScore ? builder.add(Binary(.multiply), [seed, score]) : seed, to: score)
    }
    for (position, node) in nodes.enumerated().reversed()
    where node.outputs.contains(where: onTheWay.contains) {
      var given: [TensorName?] = []
      for output in node.outputs { given.append(builder.total(of: output)) }
      guard given.contains(where: { $0 != nil }), node.inputs.contains(where: onTheWay.contains) else {
        continue
      }
      let contributions: [TensorName?]
      if let backward = rule.substitute(for: node, at: position) {
        contributions = try backward.gradients(of: node, given: given, in: &builder)
      } else {
        contributions = try node.operation.gradients(of: node, given: given, in: &builder)
      }
      try builder.check(contributions, of: node)
      for (input, contribution) in zip(node.inputs, contributions) {
        if let contribution { builder.contribute(contribution, to: input) }
      }
    }
    var found: Set<TensorName> = []
    for name in wanted where found.insert(name).inserted {
      guard let total = builder.total(of: name) else { throw .independent(scores.first ?? "", of: name) }
      builder.add(Reshaping(.identity), [total], as: Graph.gradientName(name))
    }
    let tallies = builder.addTallies()
    return try builder.finished(
      seeds: scores.map { GraphInput(name: Graph.seedName($0), dimensions: nil) },
      outputs: wanted.map(Graph.gradientName) + tallies)
  }
}

/// Collects the nodes of a backward pass.
package struct GradientBuilder {
  /// What is differentiated.
  let graph: Graph
  /// The node that makes each tensor of it.
  let producers: [TensorName: Node]
  /// Whether it is added up what does not reach the inputs.
  let tallies: Bool
  private let onTheWay: Set<TensorName>
  private var added: [Node] = []
  private var constants: [TensorName: Tensor] = [:]
  private var contributions: [TensorName: [TensorName]] = [:]
  /// Forward nodes, by name, that must also tell something their gradient needs: the new results' names, by place.
  private var asides: [TensorName: [Int: TensorName]] = [:]
  /// The numbers a row that have been absorbed on the way, `[N]` each.
  private var absorbed: [Absorber: [TensorName]] = [:]
  /// Gradients that are smaller tensors stretched, and the operations that make those.
  private var stretched: [TensorName: (operation: any Operator, inputs: [TensorName])] = [:]
  private var counter = 0

  init(graph: Graph, onTheWay: Set<TensorName>, tallies: Bool) {
    self.graph = graph
    self.onTheWay = onTheWay
    self.tallies = tallies
    producers = graph.nodes.reduce(into: [:]) { producers, node in
      for output in node.outputs where !output.isEmpty { producers[output] = node }
    }
  }

  /// Throws if a gradient rule has passed over an operand whose gradient is wanted, or made up one too many. A rule gives
  /// one entry for each operand, nil where nothing flows; it may end after the last operand that has a gradient at all,
  /// and gives none where nothing flows at all.
  func check(_ contributions: [TensorName?], of node: Node) throws(GraphError) {
    let extra = contributions.dropFirst(node.inputs.count).contains { $0 != nil }
    let missing =
      !contributions.isEmpty && node.inputs.dropFirst(contributions.count).contains(where: wants)
    guard extra || missing else { return }
    throw .malformed(
      "the gradient rule of node '\(node.name)' (\(node.kind)) gives \(contributions.count) gradients "
        + "for \(node.inputs.count) operands")
  }

  /// Whether a gradient with respect to `tensor` is worth computing.
  package func wants(_ tensor: TensorName) -> Bool { onTheWay.contains(tensor) }

  /// Adds a node and returns the name of its result.
  @discardableResult
  package mutating func add(_ operation: any Operator, _ inputs: [TensorName], as name: TensorName? = nil)
    -> TensorName
  {
    counter += 1
    let output = name ?? "backward \(counter) (\(operation.kind))"
    added.append(Node(name: output, operation: operation, inputs: inputs, outputs: [output]))
    return output
  }

  /// Adds a node of several results, and returns the names of those that are to be made.
  package mutating func add(_ operation: any Operator, _ inputs: [TensorName], making wanted: [Bool])
    -> [TensorName?]
  {
    guard wanted.contains(true) else { return wanted.map { _ in nil } }
    counter += 1
    let name = "backward \(counter) (\(operation.kind))"
    let outputs = wanted.indices.map { wanted[$0] ? "\(name) \($0)" : "" }
    added.append(Node(name: name, operation: operation, inputs: inputs, outputs: outputs))
    return outputs.map { $0.isEmpty ? nil : $0 }
  }

  /// Adds a node and returns the names of its first `results` results.
  package mutating func add(_ operation: any Operator, _ inputs: [TensorName], results: Int) -> [TensorName] {
    counter += 1
    let name = "backward \(counter) (\(operation.kind))"
    let outputs = (0..<results).map { $0 == 0 ? name : "\(name) \($0)" }
    added.append(Node(name: name, operation: operation, inputs: inputs, outputs: outputs))
    return outputs
  }

  /// Adds a constant and returns its name.
  package mutating func add(constant: Tensor) -> TensorName {
    counter += 1
    let name = "backward \(counter) (constant)"
    constants[name] = constant
    return name
  }

  /// Result `place` of a forward node, for its gradient to read; the node makes it even if nobody else asked.
  package mutating func result(_ place: Int, of node: Node) -> TensorName {
    if place < node.outputs.count, !node.outputs[place].isEmpty { return node.outputs[place] }
    let key = node.outputs.first { !$0.isEmpty } ?? node.name
    let name = "aside \(place)(\(key))"
    asides[key, default: [:]][place] = name
    return name
  }

  /// Counts all elements of `tensor` as absorbed, row by row.
  mutating func absorb(_ tensor: TensorName, by absorber: Absorber) {
    absorbed[absorber, default: []].append(add(RowSum(), [tensor]))
  }

  /// Adds the sums of what was absorbed, and returns their names.
  mutating func addTallies() -> [TensorName] {
    Absorber.allCases.compactMap { absorber in
      guard let parts = absorbed[absorber], var total = parts.first else { return nil }
      for part in parts.dropFirst() { total = add(Binary(.add), [total, part]) }
      return add(Reshaping(.identity), [total], as: Graph.absorbedName(absorber))
    }
  }

  mutating func contribute(_ gradient: TensorName, to tensor: TensorName) {
    contributions[tensor, default: []].append(gradient)
  }

  /// The sum of all that flows back into `tensor`; nil if nothing does.
  mutating func total(of tensor: TensorName) -> TensorName? {
    guard let parts = contributions[tensor], var total = parts.first else { return nil }
    for part in parts.dropFirst() { total = sum(total, part) }
    contributions[tensor] = [total]
    return total
  }

  /// Tells that `gradient` is what `operation` makes of `inputs`, stretched: added to another gradient, it stays small.
  mutating func stretches(_ gradient: TensorName, _ operation: any Operator, _ inputs: [TensorName]) {
    stretched[gradient] = (operation, inputs)
  }

  private mutating func sum(_ a: TensorName, _ b: TensorName) -> TensorName {
    if let small = stretched[b] { return add(Binary(.add), [a, add(small.operation, small.inputs)]) }
    if let small = stretched[a] { return add(Binary(.add), [b, add(small.operation, small.inputs)]) }
    return add(Binary(.add), [a, b])
  }

  func finished(seeds: [GraphInput], outputs: [TensorName]) throws(GraphError) -> Graph {
    let forward = graph.nodes.map { node in
      guard let key = node.outputs.first(where: { !$0.isEmpty }), let asides = asides[key] else {
        return node
      }
      var outputs = node.outputs
      for (place, name) in asides {
        while outputs.count <= place { outputs.append("") }
        outputs[place] = name
      }
      return Node(name: node.name, operation: node.operation, inputs: node.inputs, outputs: outputs)
    }
    return try Graph(
      name: graph.name, inputs: graph.inputs + seeds, nodes: forward + added,
      constants: graph.constants.merging(constants) { first, _ in first }, outputs: outputs)
  }
}
