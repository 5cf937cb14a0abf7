package import Tensors

/// `y = f(a, b, …)`, element by element, by a loop of our own: what oneDNN has no kernel for. Axes of extent 1 and missing
/// leading axes are broadcast, as in NumPy.
///
/// The tables in this folder say which ONNX operators these are.
package struct Pointwise: Operator {
  /// How a gradient passes to one operand.
  struct Slope: Sendable {
    /// Which operands the function reads after the gradient of the result; one more than the last is the result itself.
    let reading: [Int]
    /// From the gradient of the result, and those operands.
    let function: ElementFunction
  }

  package let kind: String
  private let function: ElementFunction
  /// One for each operand; nil where the derivative is zero almost everywhere.
  private let slopes: [Slope?]
  private let arity: Int
  /// About how many elementary operations an element takes.
  private let work: Int

  init(
    _ kind: String, arity: Int, work: Int = 1, slopes: [Slope?] = [], _ function: @escaping ElementFunction
  ) {
    self.kind = kind
    self.arity = arity
    self.work = work
    self.slopes = slopes
    self.function = function
  }

  /// Whether it makes floats of floats, of another precision perhaps: a cast through which gradients pass.
  var roundsOnly: Bool { kind == "Cast" && slopes.contains { $0 != nil } }

  package var isStep: Bool { ["Round", "Floor", "Ceil", "Sign"].contains(kind) }

  package var operandCounts: ClosedRange<Int> { arity...arity }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    [try Shape.broadcast(inputs, count: arity)]
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0] else { return [] }
    return zip(node.inputs, slopes).map { operand, slope in
      guard let slope, builder.wants(operand) else { return nil }
      let read = slope.reading.map { $0 < arity ? node.inputs[$0] : node.outputs[0] }
      let backward = Pointwise(
        "\(kind)Gradient", arity: 1 + read.count, work: work, slope.function)
      let flowing = builder.add(backward, [gradient] + read)
      return arity == 1 ? flowing : builder.summed(flowing, like: operand)
    }
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    try lowering.emitElementwise(node, work: work, function)
  }
}

extension Shape {
  /// What tensors of these shapes give together, aligned at their last axes: `[5, 1]` and `[2, 1, 3]` give `[2, 5, 3]`.
  static func broadcast(_ shapes: [Shape?], count: Int) throws(ShapeMismatch) -> Shape {
    var result = try shapes.operand(0)
    for index in 1..<max(1, count) {
      let other = try shapes.operand(index)
      var extents: [Int] = []
      for place in 1...max(1, max(result.rank, other.rank)) where place <= max(result.rank, other.rank) {
        let a = place <= result.rank ? result[result.rank - place] : 1
        let b = place <= other.rank ? other[other.rank - place] : 1
        guard a == b || a == 1 || b == 1 else {
          throw ShapeMismatch("\(result) and \(other) cannot be broadcast together")
        }
        extents.append(a == 1 ? b : a)
      }
      result = Shape(extents.reversed())
    }
    return result
  }
}
