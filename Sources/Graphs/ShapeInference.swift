public import Tensors

extension Graph {
  /// The shape of every tensor, given those of the inputs.
  ///
  /// - Throws: `GraphError.missingInput`, `.input` where a shape contradicts what the graph declares, and `.shapes`
  ///   where operands do not fit.
  public func shapes(for inputShapes: [TensorName: Shape]) throws(GraphError) -> [TensorName: Shape] {
    guard !dependsOnShapes else { return try resolved(for: inputShapes).shapes(for: inputShapes) }
    var shapes = constants.mapValues(\.shape)
    var symbols: [String: Int] = [:]
    for input in inputs {
      guard let shape = inputShapes[input.name] else { throw .missingInput(input.name) }
      try input.check(shape, &symbols)
      shapes[input.name] = shape
    }
    for node in nodes {
      let operands = node.inputs.map { $0.isEmpty ? nil : shapes[$0] }
      let results: [Shape]
      do {
        results = try node.operation.outputShapes(operands)
        try node.checkResultCount(results)
        try node.checkEmpty(operands, results)
      } catch {
        throw .shapes(node: node.name, kind: node.kind, reason: error.reason)
      }
      for (name, shape) in zip(node.outputs, results) where !name.isEmpty {
        if let flaw = shape.sizeFlaw {
          throw .shapes(node: node.name, kind: node.kind, reason: "its result of shape \(shape) \(flaw)")
        }
        shapes[name] = shape
      }
    }
    return shapes
  }
}

extension GraphInput {
  /// Whether `shape` agrees with the declared dimensions, and with what other inputs bound their symbols to.
  func check(_ shape: Shape, _ symbols: inout [String: Int]) throws(GraphError) {
    let mismatch = GraphError.input(
      name, expected: "[" + (dimensions ?? []).map(\.description).joined(separator: ", ") + "]", got: shape)
    if let flaw = shape.sizeFlaw { throw .unknownInputShape(name, "\(shape) \(flaw)") }
    guard let dimensions else { return }
    guard dimensions.count == shape.rank else { throw mismatch }
    for (dimension, extent) in zip(dimensions, shape.dimensions) {
      switch dimension {
      case .fixed(let wanted):
        guard wanted == extent else { throw mismatch }
      case .symbolic(let symbol) where !symbol.isEmpty:
        guard symbols[symbol, default: extent] == extent else { throw mismatch }
        symbols[symbol] = extent
      case .symbolic: break
      }
    }
  }
}

extension Node {
  /// Throws if an operand has no elements, and the operation cannot make elements of nothing.
  ///
  /// Where all results are empty too, nothing is computed. Otherwise the operation must say that it copes
  /// (`acceptsEmptyOperands`).
  func checkEmpty(_ operands: [Shape?], _ results: [Shape]) throws(ShapeMismatch) {
    let empty = operands.indices.first { operands[$0]?.count == 0 && operation.readsValue(ofInput: $0) }
    guard let empty, !operation.acceptsEmptyOperands,
      zip(outputs, results).contains(where: { !$0.isEmpty && $1.count > 0 })
    else { return }
    throw ShapeMismatch("operand \(empty) is empty, of shape \(operands[empty] ?? [])")
  }
}

extension Shape {
  /// Why a tensor of this shape is too large; nil if it is not. Shapes that pass have a `count` that fits an `Int`.
  var sizeFlaw: String? { sizeFlaw(atMostAxes: 12) }

  func sizeFlaw(atMostAxes most: Int) -> String? {
    guard rank <= most else { return "has more than the 12 axes that oneDNN knows" }
    let count = dimensions.reduce(1) { saturatingProduct($0, max(1, $1)) }
    // Operations keep a place for each index of an axis, also where another axis is empty.
    guard !dimensions.contains(0) else {
      return count >= 1 << 26 ? "has no elements beside axes too long to work on" : nil
    }
    return count >= 1 << 40 ? "would not fit into memory" : nil
  }
}

/// Why an operation cannot take operands of the given shapes. The caller adds which node it was.
package struct ShapeMismatch: Error {
  package let reason: String
  package init(_ reason: String) { self.reason = reason }
}
