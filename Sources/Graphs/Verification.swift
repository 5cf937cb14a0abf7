import Tensors

extension Graph {
  /// Checks what every pass may rely on, and must leave true: each tensor is defined exactly once, before its first
  /// use; every node has as many operands as its operation takes; every output exists.
  func verify() throws(GraphError) {
    var defined = Set(constants.keys)
    for input in inputs {
      guard defined.insert(input.name).inserted else {
        throw .malformed("tensor '\(input.name)' is defined twice")
      }
    }
    for node in nodes {
      try node.checkOperandCount()
      for input in node.inputs where !input.isEmpty && !defined.contains(input) {
        throw .malformed("node '\(node.name)' (\(node.kind)) reads '\(input)', which nothing before it makes")
      }
      for output in node.outputs where !output.isEmpty {
        guard defined.insert(output).inserted else { throw .malformed("tensor '\(output)' is defined twice") }
      }
    }
    for output in outputs where !defined.contains(output) {
      throw .malformed("output '\(output)' is never made")
    }
  }
}

extension Node {
  /// Throws unless the node has as many operands as its operation takes. Those left out at the end do not count.
  func checkOperandCount() throws(GraphError) {
    let count = (inputs.lastIndex { !$0.isEmpty } ?? -1) + 1
    let counts = operation.operandCounts
    guard !counts.contains(count) else { return }
    let wanted =
      counts.count == 1
      ? "\(counts.lowerBound)"
      : counts.upperBound == .max
        ? "at least \(counts.lowerBound)" : "\(counts.lowerBound) to \(counts.upperBound)"
    throw .malformed("node '\(name)' (\(kind)) has \(count) operands, it takes \(wanted)")
  }

  /// Throws unless the operation tells the shape of each of the node's results but the opaque ones.
  func checkResultCount(_ results: [Shape]) throws(ShapeMismatch) {
    guard outputs.count <= results.count + operation.opaqueResultCount else {
      throw ShapeMismatch("it has \(outputs.count) results, the operation makes \(results.count)")
    }
  }
}
