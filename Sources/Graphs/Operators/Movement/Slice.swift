package import Tensors

/// Every `step`-th place from a start to an end, along some axes: NumPy's `x[start:end:step]`. ONNX `Slice`.
package struct Slice: Selecting {
  package struct Stretch: Sendable, Hashable {
    package let axis: Int
    package let start: Int
    package let end: Int
    package let step: Int

    package init(axis: Int, start: Int, end: Int, step: Int) {
      (self.axis, self.start, self.end, self.step) = (axis, start, end, step)
    }

    /// The first place and how many there are, on an axis of extent `extent`.
    func places(on extent: Int) -> (first: Int, count: Int) {
      func clamped(_ place: Int, _ lowest: Int, _ highest: Int) -> Int {
        min(max(place < 0 ? place + extent : place, lowest), highest)
      }
      // Larger steps than any extent are all the same.
      let step = min(max(step, -1 << 40), 1 << 40)
      if step > 0 {
        let (first, end) = (clamped(start, 0, extent), clamped(end, 0, extent))
        return (first, max(0, (end - first + step - 1) / step))
      }
      let (first, end) = (clamped(start, 0, extent - 1), clamped(end, -1, extent - 1))
      return (first, max(0, (first - end - step - 1) / -step))
    }
  }

  package let stretches: [Stretch]

  package init(_ stretches: [Stretch]) { self.stretches = stretches }

  package var kind: String { "Slice" }
  package var spansRows: Bool { stretches.contains { ($0.axis == 0 || $0.axis < -1) && $0.step < 0 } }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let source = try inputs.operand(0)
    _ = try source.places(ofAxes: stretches.map(\.axis))
    var result = source
    for stretch in stretches {
      guard stretch.step != 0 else { throw ShapeMismatch("a step of 0 along axis \(stretch.axis)") }
      let axis = try source.place(ofAxis: stretch.axis)
      result[axis] = stretch.places(on: source[axis]).count
    }
    return [result]
  }

  package func selections(from source: Shape, to result: Shape) -> [AxisSelection] {
    var selections = source.dimensions.map(AxisSelection.all)
    for stretch in stretches {
      let axis = stretch.axis < 0 ? stretch.axis + source.rank : stretch.axis
      let (first, count) = stretch.places(on: source[axis])
      // With one place the step may be larger than any.
      let step = count > 1 ? stretch.step : 1
      selections[axis] = AxisSelection((0..<count).map { first + $0 * step }, of: source[axis])
    }
    return selections
  }

  package func field(_ inputs: [ReceptiveField?], inputShapes: [Shape?], outputShape: Shape) -> ReceptiveField
  {
    guard var field = inputs[0], let source = inputShapes[0] else {
      return ReceptiveField(axes: outputShape.dimensions.map { _ in nil })
    }
    for stretch in stretches {
      guard let place = try? source.place(ofAxis: stretch.axis), var axis = field.axes[place] else {
        continue
      }
      axis.start += Double(stretch.places(on: source[place]).first) * axis.jump
      axis.jump *= Double(stretch.step)
      field.axes[place] = axis
    }
    return field
  }
}
