import OneDNN

/// How gradients flow back: the operators' own derivatives, with substitutes for some of the nodes.
///
/// Explanation methods that bend the backward pass (guided backpropagation, deconvolution, relevance propagation) are
/// nothing but such a table.
public struct GradientRule: Sendable {
  /// Names the rule; two rules of one name are taken to be the same.
  public let name: String
  /// Whether what flows back begins as the seed times the score's own value, as relevance does.
  package let startsFromScore: Bool
  /// Whether the rule reads what the network makes of a baseline: the graph is then paired with a copy of itself.
  package let comparesWithBaseline: Bool
  /// Whether the backward pass also adds up what does not reach the inputs (`Graph.absorbedName`).
  package private(set) var tallies = false
  private let entries: [Entry]

  private struct Entry: Sendable {
    let applies: @Sendable (Node, _ position: Int) -> Bool
    let backward: any BackwardRule
  }

  init(name: String, startsFromScore: Bool = false, comparesWithBaseline: Bool = false) {
    self.init(name, startsFromScore, comparesWithBaseline, [])
  }

  private init(_ name: String, _ startsFromScore: Bool, _ comparesWithBaseline: Bool, _ entries: [Entry]) {
    self.name = name
    self.startsFromScore = startsFromScore
    self.comparesWithBaseline = comparesWithBaseline
    self.entries = entries
  }

  /// This rule, and `backward` at the nodes for which `applies` holds. Earlier entries win.
  package func substituting(
    _ backward: any BackwardRule, as name: String, where applies: @escaping @Sendable (Node) -> Bool
  ) -> GradientRule {
    substituting(backward, as: name) { node, _ in applies(node) }
  }

  /// The same, with `applies` told where the node stands in the graph as well: rules for the first layers, for example.
  package func substituting(
    _ backward: any BackwardRule, as name: String,
    where applies: @escaping @Sendable (Node, _ position: Int) -> Bool
  ) -> GradientRule {
    GradientRule(
      name, startsFromScore, comparesWithBaseline, entries + [Entry(applies: applies, backward: backward)])
  }

  /// This rule, which also adds up what does not reach the inputs.
  package var tallying: GradientRule {
    var rule = self
    rule.tallies = true
    return rule
  }

  /// The graph that is differentiated by this rule in place of `graph`; tensors in `kept` stay.
  func prepared(_ graph: Graph, keeping kept: [TensorName]) throws(GraphError) -> Graph {
    if startsFromScore { return try graph.joiningBiases(keeping: Set(kept)) }
    return comparesWithBaseline ? try graph.paired() : graph
  }

  func substitute(for node: Node, at position: Int) -> (any BackwardRule)? {
    entries.first { $0.applies(node, position) }?.backward
  }

  /// The true derivative.
  public static let standard = GradientRule(name: "standard")

  /// Springenberg et al., 2015: at every ReLU, only positive gradients pass, and only where the ReLU was open.
  public static let guided = GradientRule(name: "standard")
    .substituting(RectifiedBackward(alsoWhereClosed: false), as: "guided") { $0.operation.isRectifier }

  /// Zeiler and Fergus, 2014: at every ReLU, only positive gradients pass, whether the ReLU was open or not.
  public static let deconvolution = GradientRule(name: "standard")
    .substituting(RectifiedBackward(alsoWhereClosed: true), as: "deconvolution") { $0.operation.isRectifier }

  /// Closed ReLUs pass `slope` times the gradient, so that an input from which a unit is silent still says how to wake
  /// it: for activation maximization (Olah et al., Feature Visualization, 2017).
  public static func leaky(_ slope: Float) -> GradientRule {
    GradientRule(name: "standard")
      .substituting(LeakyBackward(slope: slope), as: "leaky \(slope)") { $0.operation.isRectifier }
  }

  /// Steps (rounding, signs) pass gradients as if they were not there (Bengio et al., 2013).
  public static let straightThrough = GradientRule(name: "standard")
    .substituting(StraightBackward(), as: "straight-through") { $0.operation.isStep }
}

/// What stands in for an operator's own gradient.
package protocol BackwardRule: Sendable {
  func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder) throws(GraphError)
    -> [TensorName?]
}

/// `max(0, gradient)`, times `[result > 0]` unless `alsoWhereClosed`.
struct RectifiedBackward: BackwardRule {
  let alsoWhereClosed: Bool

  func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder) throws(GraphError)
    -> [TensorName?]
  {
    guard let gradient = given[0] else { return [nil] }
    let rectified = builder.add(Activation(.relu(slope: 0), kind: "Relu"), [gradient])
    return alsoWhereClosed
      ? [rectified] : try node.operation.gradients(of: node, given: [rectified], in: &builder)
  }
}

/// `gradient · (result > 0 ? 1 : slope)`.
struct LeakyBackward: BackwardRule {
  let slope: Float

  func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder) throws(GraphError)
    -> [TensorName?]
  {
    guard let gradient = given[0] else { return [nil] }
    return [builder.add(ActivationGradient(function: .relu(slope: slope)), [gradient, node.outputs[0]])]
  }
}

/// The gradient as it is.
package struct StraightBackward: BackwardRule {
  package init() {}

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError)
    -> [TensorName?]
  { [given[0]] }
}
