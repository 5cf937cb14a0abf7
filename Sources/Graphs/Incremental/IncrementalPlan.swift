import OneDNN
import Tensors

/// A graph rewritten to evaluate many inputs that differ from one known input in a small part each: every layer computes
/// only the places that the difference can reach, and takes the others from the known input's evaluation.
///
/// The idea of Krypton (Nakandala et al., Incremental and Approximate Inference for Faster Occlusion-based Deep CNN
/// Explanations, SIGMOD 2019), exactly: up to the order of sums, results are those of the whole evaluation. As the
/// reached part grows from layer to layer, it pays up to some tensor only, which is then completed and evaluated on as
/// usual; the plan goes over to it where the fewest operations are left in all.
package struct IncrementalPlan: Sendable {
  /// Inputs: the network's own, `unchangedName(t)` for each tensor of `unchanged`, and the positions.
  let graph: Graph
  /// Tensors whose values at the known input are read.
  let unchanged: [TensorName]
  let positions: [Positions]
  /// How many places along each axis of the input change.
  let changing: [Int]
  /// The share of the whole evaluation's operations that is left.
  package let share: Double

  /// Whether the rewritten graph takes several rows and gives a result for each. Shape arithmetic that was computed for one
  /// row holds for one only.
  let takesSeveralRows: Bool

  /// What `RegionAssembly` is told: for each axis, where stretches and patches begin, given where the change begins.
  struct Positions: Sendable {
    let name: TensorName
    /// The axes of the network's input.
    let inputAxes: [Int]
    let starts: [[Int]]
    let patchStarts: [[Int]]

    /// The row for a change that begins at `change`, by axis of the network's input.
    func row(_ change: [Int]) -> [Float] {
      let places = inputAxes.map { change[$0] }
      return zip(starts, places).map { Float($0[$1]) } + zip(patchStarts, places).map { Float($0[$1]) }
    }
  }

  static func unchangedName(_ tensor: TensorName) -> TensorName { "unchanged(\(tensor))" }

  /// - Parameter changing: how many places along each axis of the input change (1 or more).
  /// - Returns: nil where nothing is gained.
  init?(_ graph: Graph, wanted: [TensorName], changing: [Int], inputShape: Shape) throws(GraphError) {
    guard graph.inputs.count == 1, let input = graph.inputs.first else { return nil }
    let shapes = try graph.shapes(for: [input.name: inputShape])
    let route = Route(graph, wanted: wanted, input: input.name, shapes: shapes)
    guard let head = route.head(graph.receptiveFields(of: input.name, shapes: shapes)) else { return nil }
    var builder = IncrementalBuilder(route, head: head, changing: changing)
    guard let last = builder.bestEnd() else { return nil }
    share = last.share
    self.changing = changing
    let nodes = try builder.nodes(upTo: last.position)
    unchanged = builder.unchanged
    positions = builder.positions
    let batch = [Dimension.symbolic("rows")]
    var inputs = [
      GraphInput(name: input.name, dimensions: batch + inputShape.dimensions.dropFirst().map(Dimension.fixed))
    ]
    for name in unchanged {
      inputs.append(
        GraphInput(
          name: Self.unchangedName(name),
          dimensions: (shapes[name] ?? []).dimensions.map(Dimension.fixed)))
    }
    for position in positions {
      inputs.append(
        GraphInput(name: position.name, dimensions: batch + [.fixed(2 * position.inputAxes.count)]))
    }
    self.graph = try Graph(
      name: graph.name, inputs: inputs, nodes: nodes, constants: graph.constants, outputs: wanted)
    takesSeveralRows = Self.takesSeveralRows(self.graph)
  }

  private static func takesSeveralRows(_ graph: Graph) -> Bool {
    let all = [1, 2, 3].map { rows in
      let shapes = graph.inputs.map { input in
        let extents = (input.dimensions ?? []).map { dimension in
          if case .fixed(let extent) = dimension { extent } else { rows }
        }
        return (input.name, Shape(extents))
      }
      return try? graph.shapes(for: Dictionary(shapes) { first, _ in first })
    }
    return graph.outputs.allSatisfy { name in RowSurvey.growingAxis(all.map { $0?[name] }) != nil }
  }
}

/// The nodes that lead from the input to what is wanted.
struct Route {
  let nodes: [Node]
  let shapes: [TensorName: Shape]
  let constants: [TensorName: Tensor]
  private let input: TensorName
  /// Tensors that depend on the input.
  let dependent: Set<TensorName>
  /// For each place between nodes: the only tensor that nodes behind it read of those before it, if there is just one.
  /// `bottlenecks[i]` stands before node `i`.
  let bottlenecks: [TensorName?]

  init(_ graph: Graph, wanted: [TensorName], input: TensorName, shapes: [TensorName: Shape]) {
    nodes = neededNodes(graph, for: Set(wanted))
    constants = graph.constants
    self.input = input
    self.shapes = shapes
    var dependent: Set<TensorName> = [input]
    for node in nodes where node.inputs.contains(where: dependent.contains) {
      dependent.formUnion(node.outputs)
    }
    self.dependent = dependent
    var open = Set(wanted)
    var bottlenecks = [TensorName?](repeating: nil, count: nodes.count + 1)
    for index in nodes.indices.reversed() {
      open.subtract(nodes[index].outputs)
      open.formUnion(nodes[index].inputs.filter(dependent.contains))
      bottlenecks[index] = open.count == 1 ? open.first : nil
    }
    self.bottlenecks = bottlenecks
  }

  struct Head {
    let tensor: TensorName
    /// The node before which it stands.
    let position: Int
    /// The axes of the input that its places run along.
    let inputAxes: [Int]
  }

  /// The last bottleneck before the first sliding window whose places are those of the input.
  func head(_ fields: [TensorName: ReceptiveField]) -> Head? {
    let first = nodes.firstIndex { $0.operation is Convolution || $0.operation is Pooling } ?? 0
    for position in stride(from: first, through: 0, by: -1) {
      guard let tensor = bottlenecks[position], let shape = shapes[tensor], (3...4).contains(shape.rank),
        let field = fields[tensor]
      else { continue }
      let axes = field.axes.dropFirst(2).compactMap { axis -> Int? in
        guard let axis, axis.jump == 1, axis.size == 1, axis.start == 0 else { return nil }
        return axis.inputAxis
      }
      if axes.count == shape.rank - 2, Set(axes).count == axes.count {
        return Head(tensor: tensor, position: position, inputAxes: axes)
      }
    }
    return nil
  }

  /// Operations of one evaluation of `node`: multiplications and a few for each element.
  func cost(_ node: Node) -> Double {
    let elements = node.outputs.reduce(0) { $0 + (shapes[$1]?.count ?? 0) }
    return Double(node.multiplyAccumulates(shapes)) + Self.costOfElement * Double(elements)
  }

  /// Moving a number about costs as much as some multiplications.
  static let costOfElement = 8.0
}
