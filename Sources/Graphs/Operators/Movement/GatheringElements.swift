package import Tensors

/// `y[…, i, …] = x[…, indices[…, i, …], …]`: along one axis, every element names its own place. ONNX `GatherElements`.
/// Places as in `Gathering`.
package struct GatheringElements: Operator {
  package let axis: Int

  package init(axis: Int) { self.axis = axis }

  package var kind: String { "GatherElements" }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let (source, places) = (try inputs.operand(0), try inputs.operand(1))
    let place = try source.place(ofAxis: axis)
    guard places.rank == source.rank,
      places.dimensions.indices.allSatisfy({ $0 == place || places[$0] <= source[$0] })
    else { throw ShapeMismatch("indices of shape \(places) into \(source)") }
    return [places]
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0], builder.wants(node.inputs[0]) else { return [] }
    let operation = GatheringElementsGradient(axis: axis)
    return [builder.add(operation, [gradient, node.inputs[1], node.inputs[0]]), nil]
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let (source, places) = (try lowering.shape(node.inputs[0]), try lowering.shape(node.inputs[1]))
    let grid = ElementGrid(places, into: source, axis: try source.place(ofAxis: axis))
    try lowering.checkPlaces(node.inputs[1], within: grid.extent, of: node)
    try lowering.emitNative(node, work: places.count * 4) { inputs, outputs, lanes in
      lanes.share(grid.rows.count) { range in
        grid.forEach(in: range, inputs[1]) { index, place in outputs[0][index] = inputs[0][place] }
      }
    }
  }
}

/// The gradient of a gathering of elements: each element of x becomes the sum of those that show it. Operands: gradient
/// of y, indices, x (only its shape).
struct GatheringElementsGradient: Operator {
  let axis: Int

  var kind: String { "GatherElementsGradient" }

  func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] { [try inputs.operand(2)] }
  func readsValue(ofInput index: Int) -> Bool { index < 2 }

  func lower(_ node: Node, in lowering: Lowering) throws {
    let (source, places) = (try lowering.shape(node.inputs[2]), try lowering.shape(node.inputs[1]))
    let grid = ElementGrid(places, into: source, axis: try source.place(ofAxis: axis))
    let count = source.count
    try lowering.emitNative(node, reading: [0, 1], work: count + places.count * 4) { inputs, outputs, _ in
      outputs[0].update(repeating: 0, count: count)
      grid.forEach(in: 0..<grid.rows.count, inputs[1]) { index, place in outputs[0][place] += inputs[0][index] }
    }
  }
}

/// Where the elements of a tensor of indices lie in the tensor that they index along one axis.
struct ElementGrid: Sendable {
  /// Where each row of indices (all but the last axis) begins in the other tensor, at place 0 of the axis.
  let rows: [Int]
  private let width: Int
  /// How far apart neighbours along the last axis of the indices lie in the other tensor.
  private let columnStep: Int
  private let axisStep: Int
  let extent: Int

  init(_ places: Shape, into source: Shape, axis: Int) {
    let strides = source.strides
    rows = gridOffsets(
      places.dimensions.indices.dropLast().map { index in
        (0..<places[index]).map { index == axis ? 0 : $0 * strides[index] }
      })
    width = places.dimensions.last ?? 1
    columnStep = axis == places.rank - 1 ? 0 : 1
    axisStep = strides[axis]
    extent = source[axis]
  }

  /// Calls `body` with each index of `rows` and where it points to.
  @inline(__always)
  func forEach(in range: Range<Int>, _ places: UnsafePointer<Float>, _ body: (Int, Int) -> Void) {
    for row in range {
      for column in 0..<width {
        let index = row * width + column
        body(index, rows[row] + column * columnStep + axisPlace(places[index], extent) * axisStep)
      }
    }
  }
}
