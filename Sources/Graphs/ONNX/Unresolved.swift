import Tensors

/// A node of a file that can only be read when the shapes of the graph's inputs are known.
struct Unresolved: Operator {
  let kind: String
  let reason: String
  let resultCount: Int

  var operandCounts: ClosedRange<Int> { 0...Int.max }

  func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] { throw ShapeMismatch(reason) }

  func lower(_ node: Node, in lowering: Lowering) throws {
    throw GraphError.unsupported(node: node.name, kind: kind, reason: reason)
  }
}
