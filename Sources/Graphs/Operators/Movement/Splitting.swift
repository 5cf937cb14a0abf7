package import Tensors

/// Consecutive parts of one axis, each a result of its own. ONNX `Split`.
package struct Splitting: Operator {
  package enum Parts: Sendable, Hashable {
    case sizes([Int])
    /// This many of equal size, the last one perhaps smaller.
    case count(Int)
  }

  package let axis: Int
  package let parts: Parts

  package init(axis: Int, parts: Parts) { (self.axis, self.parts) = (axis, parts) }

  package var kind: String { "Split" }

  package var resultCount: Int {
    switch parts {
    case .sizes(let sizes): sizes.count
    case .count(let count): count
    }
  }

  /// The axis, and the extent of each part.
  fileprivate func sizes(of source: Shape) throws(ShapeMismatch) -> (axis: Int, sizes: [Int]) {
    let place = try source.place(ofAxis: axis)
    let extent = source[place]
    switch parts {
    case .sizes(let sizes):
      var total = 0
      for size in sizes where size >= 0 && size <= extent { total += size }
      guard total == extent, sizes.allSatisfy({ (0...extent).contains($0) }) else {
        throw ShapeMismatch("axis \(place) of \(source) cannot be split into \(sizes)")
      }
      return (place, sizes)
    case .count(let count):
      guard extent > 0 else { return (place, [Int](repeating: 0, count: count)) }
      let size = (extent + count - 1) / count
      guard count <= extent, size * (count - 1) < extent else {
        throw ShapeMismatch("axis \(place) of \(source) cannot be split into \(count) parts")
      }
      return (place, (0..<count).map { min(size, extent - $0 * size) })
    }
  }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let source = try inputs.operand(0)
    let (place, sizes) = try sizes(of: source)
    return sizes.map { size in
      var part = source
      part[place] = size
      return part
    }
  }

  package func field(_ inputs: [ReceptiveField?], inputShapes: [Shape?], outputShape: Shape) -> ReceptiveField
  {
    // The field is that of the first part.
    inputs[0] ?? ReceptiveField(axes: outputShape.dimensions.map { _ in nil })
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard builder.wants(node.inputs[0]) else { return [] }
    let gradients = given + [TensorName?](repeating: nil, count: resultCount - given.count)
    return [
      builder.add(SplittingGradient(forward: self), [node.inputs[0]] + gradients.map { $0 ?? "" })
    ]
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let source = try lowering.shape(node.inputs[0])
    let (place, sizes) = try sizes(of: source)
    var start = 0
    for (name, size) in zip(node.outputs, sizes) {
      if !name.isEmpty {
        try lowering.selectPart(start..<start + size, along: place, of: node.inputs[0], as: name)
      }
      start += size
    }
  }
}

/// The gradient of a splitting: the parts' gradients joined, zeros where none flows. Operands: x (only its shape), then
/// the gradient of each part.
struct SplittingGradient: Operator {
  let forward: Splitting

  var kind: String { "SplitGradient" }
  var acceptsEmptyOperands: Bool { true }

  var operandCounts: ClosedRange<Int> { 2...Int.max }

  func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] { [try inputs.operand(0)] }
  func readsValue(ofInput index: Int) -> Bool { index > 0 }

  func lower(_ node: Node, in lowering: Lowering) throws {
    let (place, sizes) = try forward.sizes(of: try lowering.shape(node.inputs[0]))
    let parts = zip(node.inputs.dropFirst(), sizes).map { ($0.isEmpty ? nil : $0, $1) }
    try lowering.join(parts, along: place, as: node.outputs[0])
  }
}

extension Lowering {
  /// Emits the copy of the places `range` along `axis` of `source`.
  func selectPart(_ range: Range<Int>, along axis: Int, of source: TensorName, as result: TensorName) throws {
    let extents = try shape(source).dimensions
    var selections = extents.map(AxisSelection.all)
    selections[axis] = AxisSelection(Array(range), of: extents[axis])
    try select(selections, of: source, fill: 0, as: result)
  }
}
