extension Graph {
  /// Checks what every pass may rely on, and must leave true: each tensor is defined exactly once, before its first
  /// use; every output exists.
  func verify() throws(GraphError) {
    var defined = Set(constants.keys)
    for input in inputs {
      guard defined.insert(input.name).inserted else {
        throw .malformed("tensor '\(input.name)' is defined twice")
      }
    }
    for node in nodes {
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
