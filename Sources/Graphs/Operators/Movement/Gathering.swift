package import Tensors

/// `y[…, i…, …] = x[…, indices[i…], …]`: whole slices of one axis, chosen by a tensor of places. ONNX `Gather`.
/// Places below zero count from behind. The places may be computed; those beyond the axis then read its first or last
/// place.
package struct Gathering: Operator {
  package let axis: Int

  package init(axis: Int) { self.axis = axis }

  package var kind: String { "Gather" }

  package var operandCounts: ClosedRange<Int> { 2...2 }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let (source, places) = (try inputs.operand(0), try inputs.operand(1))
    let place = try source.place(ofAxis: axis)
    return [
      try Shape(
        checking: source.dimensions[..<place] + places.dimensions + source.dimensions[(place + 1)...])
    ]
  }

  package func field(_ inputs: [ReceptiveField?], inputShapes: [Shape?], outputShape: Shape) -> ReceptiveField
  {
    var axes = [ReceptiveField.Axis?](repeating: nil, count: outputShape.rank)
    guard let field = inputs[0], let shape = inputShapes[0], let place = try? shape.place(ofAxis: axis) else {
      return ReceptiveField(axes: axes)
    }
    let behind = shape.rank - place - 1
    for index in 0..<place { axes[index] = field.axes[index] }
    for index in 0..<behind { axes[axes.count - 1 - index] = field.axes[shape.rank - 1 - index] }
    return ReceptiveField(axes: axes)
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0], builder.wants(node.inputs[0]) else { return [] }
    return [
      builder.add(GatheringGradient(axis: axis), [gradient, node.inputs[1], node.inputs[0]]), nil,
    ]
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let source = try lowering.shape(node.inputs[0])
    let place = try source.place(ofAxis: axis)
    let (extent, (outer, inner)) = (source[place], source.around(place))
    let count = try lowering.shape(node.inputs[1]).count
    try lowering.checkPlaces(node.inputs[1], within: extent, of: node)
    if let places = lowering.constant(node.inputs[1]), places.shape.rank == 1 {
      var selections = source.dimensions.map(AxisSelection.all)
      selections[place] = AxisSelection(places.values.map { axisPlace($0, extent) }, of: extent)
      return try lowering.select(selections, of: node.inputs[0], fill: 0, as: node.outputs[0])
    }
    try lowering.emitNative(node, work: outer * count * inner) { inputs, outputs, lanes in
      let (x, places, y) = (inputs[0], inputs[1], outputs[0])
      lanes.share(outer * count) { range in
        for row in range {
          let from = row / count * extent + axisPlace(places[row % count], extent)
          (y + row * inner).update(from: x + from * inner, count: inner)
        }
      }
    }
  }
}

/// The gradient of a gathering: each slice of x becomes the sum of the slices that show it. Operands: gradient of y,
/// indices, x (only its shape).
struct GatheringGradient: Operator {
  let axis: Int

  var kind: String { "GatherGradient" }
  var acceptsEmptyOperands: Bool { true }

  var operandCounts: ClosedRange<Int> { 3...3 }

  func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] { [try inputs.operand(2)] }
  func readsValue(ofInput index: Int) -> Bool { index < 2 }

  func lower(_ node: Node, in lowering: Lowering) throws {
    let source = try lowering.shape(node.inputs[2])
    let place = try source.place(ofAxis: axis)
    let (extent, (outer, inner)) = (source[place], source.around(place))
    let count = try lowering.shape(node.inputs[1]).count
    try lowering.emitNative(node, reading: [0, 1], work: outer * max(count, extent) * inner) {
      inputs, outputs, lanes in
      let (gradient, places, x) = (inputs[0], inputs[1], outputs[0])
      lanes.share(outer) { range in
        (x + range.lowerBound * extent * inner).update(repeating: 0, count: range.count * extent * inner)
        for row in range.lowerBound * count..<range.upperBound * count {
          let to = x + (row / count * extent + axisPlace(places[row % count], extent)) * inner
          let from = gradient + row * inner
          for index in 0..<inner { to[index] += from[index] }
        }
      }
    }
  }
}

/// The place that a computed index names on an axis: counted from behind below zero, and never beyond the axis.
@inline(__always)
func axisPlace(_ index: Float, _ extent: Int) -> Int {
  guard index > -0x1p30 else { return 0 }
  guard index < 0x1p30 else { return extent - 1 }
  let place = Int(index)
  return min(max(place < 0 ? place + extent : place, 0), extent - 1)
}

extension Lowering {
  /// Checks indices that are constant: each must lie on an axis of extent `extent`.
  func checkPlaces(_ name: TensorName, within extent: Int, of node: Node) throws {
    guard let places = constant(name) else { return }
    let range = Float(-extent)..<Float(extent)
    if let wrong = places.withUnsafeValues({ $0.first { !range.contains($0) } }) {
      throw GraphError.shapes(
        node: node.name, kind: node.kind, reason: "index \(wrong) into an axis of \(extent)")
    }
  }
}
