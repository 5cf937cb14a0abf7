import OneDNN
package import Tensors

/// The same elements in another shape. ONNX `Reshape`, `Flatten`, `Squeeze`, `Unsqueeze`, `Identity`.
package struct Reshaping: Operator {
  package enum Form: Sendable, Hashable {
    case identity
    /// To a matrix, split before this axis.
    case flatten(axis: Int)
    /// Axes of extent 1 taken away; nil takes all of them.
    case squeeze(axes: [Int]?)
    /// Axes of extent 1 put in, counted in the result.
    case unsqueeze(axes: [Int])
    /// 0 keeps an extent, −1 is what is left over.
    case reshape(to: [Int], zeroKeeps: Bool)
  }

  package let form: Form

  package init(_ form: Form) { self.form = form }

  package var kind: String {
    switch form {
    case .identity: "Identity"
    case .flatten: "Flatten"
    case .squeeze: "Squeeze"
    case .unsqueeze: "Unsqueeze"
    case .reshape: "Reshape"
    }
  }

  package func isLinear(inOperand index: Int) -> Bool { index == 0 }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let source = try inputs.operand(0)
    switch form {
    case .identity: return [source]
    case .flatten(let axis):
      let split = try position(axis, rank: source.rank, inclusive: true)
      return [Shape([source.dimensions[..<split].reduce(1, *), source.dimensions[split...].reduce(1, *)])]
    case .squeeze(let axes):
      var taken: Set<Int> = []
      if let axes {
        for axis in axes { taken.insert(try position(axis, rank: source.rank)) }
      } else {
        taken = Set(source.dimensions.indices.filter { source[$0] == 1 })
      }
      if let axis = taken.first(where: { source[$0] != 1 }) {
        throw ShapeMismatch("axis \(axis) of \(source) is not 1 and cannot be squeezed")
      }
      return [Shape(source.dimensions.indices.filter { !taken.contains($0) }.map { source[$0] })]
    case .unsqueeze(let axes):
      let rank = source.rank + axes.count
      var places: Set<Int> = []
      for axis in axes { places.insert(try position(axis, rank: rank)) }
      guard places.count == axes.count else { throw ShapeMismatch("axes \(axes) name a place twice") }
      var rest = source.dimensions[...]
      return [Shape((0..<rank).map { places.contains($0) ? 1 : rest.removeFirst() })]
    case .reshape(let wanted, let zeroKeeps):
      return [try reshaped(source, to: wanted, zeroKeeps: zeroKeeps)]
    }
  }

  private func position(_ axis: Int, rank: Int, inclusive: Bool = false) throws(ShapeMismatch) -> Int {
    let place = axis < 0 ? axis + rank : axis
    guard place >= 0, place < rank + (inclusive ? 1 : 0) else {
      throw ShapeMismatch("axis \(axis) of a tensor of rank \(rank)")
    }
    return place
  }

  private func reshaped(_ source: Shape, to wanted: [Int], zeroKeeps: Bool) throws(ShapeMismatch) -> Shape {
    let mismatch = ShapeMismatch("\(source) cannot be reshaped to \(wanted)")
    var extents = wanted
    for (axis, extent) in wanted.enumerated() where extent == 0 && zeroKeeps {
      guard axis < source.rank else { throw mismatch }
      extents[axis] = source[axis]
    }
    guard extents.allSatisfy({ $0 >= -1 }), extents.count(where: { $0 == -1 }) <= 1 else { throw mismatch }
    var known = 1
    for extent in extents where extent != -1 {
      let (product, overflow) = known.multipliedReportingOverflow(by: extent)
      guard !overflow else { throw mismatch }
      known = product
    }
    if let free = extents.firstIndex(of: -1) {
      guard known > 0, source.count % known == 0 else { throw mismatch }
      extents[free] = source.count / known
      known = source.count
    }
    guard known == source.count else { throw mismatch }
    return Shape(extents)
  }

  package func field(_ inputs: [ReceptiveField?], inputShapes: [Shape?], outputShape: Shape) -> ReceptiveField
  {
    // Axes larger than 1 that come through unchanged and in order keep what they follow.
    var axes = [ReceptiveField.Axis?](repeating: nil, count: outputShape.rank)
    guard let field = inputs[0], let shape = inputShapes[0] else { return ReceptiveField(axes: axes) }
    let from = shape.dimensions.indices.filter { shape[$0] != 1 || shape.rank == outputShape.rank }
    let to = outputShape.dimensions.indices.filter { outputShape[$0] != 1 || shape.rank == outputShape.rank }
    for (source, destination) in zip(from, to) {
      guard shape[source] == outputShape[destination] else { break }
      axes[destination] = field.axes[source]
    }
    return ReceptiveField(axes: axes)
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0] else { return [] }
    return [builder.add(ReshapingLike(), [gradient, node.inputs[0]])]
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    try lowering.reshape(node.inputs[0], to: node.outputs[0])
  }
}

/// `x` in the shape of `like`, of which only the shape is read: the gradient of every reshaping.
package struct ReshapingLike: Operator {
  package var kind: String { "ReshapeLike" }

  package var operandCounts: ClosedRange<Int> { 2...2 }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let (source, like) = (try inputs.operand(0), try inputs.operand(1))
    guard source.count == like.count else { throw ShapeMismatch("\(source) is not as large as \(like)") }
    return [like]
  }

  package func readsValue(ofInput index: Int) -> Bool { index == 0 }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    try lowering.reshape(node.inputs[0], to: node.outputs[0])
  }
}
