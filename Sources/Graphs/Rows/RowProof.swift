import Tensors

/// Which tensors of a graph have their rows apart, as far as the graph alone tells: those that are made, by operations that
/// work row by row, of tensors whose first axis grows with the rows.
struct RowProof: Sendable {
  /// Tensors of which each row is surely made of one row of the inputs.
  private(set) var apart: Set<TensorName> = []
  /// Tensors of which it surely is not: dynamic quantisation has one scale for the whole batch.
  private(set) var mixed: Set<TensorName> = []

  /// Nothing is known.
  init() {}

  /// - Parameters:
  ///   - oneRow: the shapes of the inputs in the file for one row.
  ///   - shapes: of all tensors, for one, two and three rows.
  init(
    _ evaluator: Evaluator, _ layout: RowLayout, _ oneRow: [TensorName: Shape],
    _ shapes: [[TensorName: Shape]]
  ) throws {
    let single = try evaluator.resolved(for: oneRow)
    let graph = try evaluator.resolved(for: RowSurvey.grown(oneRow, layout, evaluator.graph, by: 2))
    var dependent: Set<TensorName> = []
    for input in graph.inputs where layout.grows(input) {
      dependent.insert(input.name)
      if layout.axes[input.name] == 0 { apart.insert(input.name) }
    }
    // How many places of the first axis a row has; nil where it does not grow with the rows.
    func places(_ name: TensorName) -> Int? {
      RowSurvey.growingAxis(shapes.map { $0[name] }) == 0 ? shapes[0][name]?[0] : nil
    }
    // Constants that hang on the number of rows must be the same for each of them.
    func isEven(_ name: TensorName) -> Bool {
      guard let constant = graph.constants[name] else { return shapes[0][name] == shapes[1][name] }
      guard let other = single.constants[name], constant.shape == other.shape else {
        return constant.withUnsafeValues { values in values.allSatisfy { $0 == values.first } }
      }
      return constant.count > Self.largestArithmetic || constant == other
    }
    for node in graph.nodes {
      let operands = node.inputs.filter(dependent.contains)
      guard !operands.isEmpty else { continue }
      dependent.formUnion(node.outputs)
      if node.kind == "DynamicQuantizeLinear" || operands.contains(where: mixed.contains) {
        mixed.formUnion(node.outputs)
      }
      guard operands.allSatisfy(apart.contains), Self.worksByRow(node, dependent, shapes[1]),
        node.inputs.allSatisfy({ $0.isEmpty || dependent.contains($0) || isEven($0) }),
        Set(operands.map { shapes[1][$0]?.rank }).count == 1,
        let before = places(operands[0]), operands.allSatisfy({ places($0) == before })
      else { continue }
      // Reshapes keep the order of what they move; whatever else changes how many places a row has may not.
      let mayRegroup = node.operation is Reshaping
      for output in node.outputs where !output.isEmpty {
        if let after = places(output), mayRegroup || after == before { apart.insert(output) }
      }
    }
  }

  /// Elements that what is computed from shapes has at most; larger constants are weights.
  private static let largestArithmetic = 4096

  /// Whether the operation makes each place of the first axis of the same place of its operands.
  private static func worksByRow(_ node: Node, _ dependent: Set<TensorName>, _ shapes: [TensorName: Shape])
    -> Bool
  {
    if let gathering = node.operation as? Gathering, let data = node.inputs.first, dependent.contains(data) {
      return (try? shapes[data]?.place(ofAxis: gathering.axis)) != 0
    }
    return !node.operation.spansRows
  }
}
