package import Tensors

/// Places put before and behind each axis, or taken away where a pad is negative. ONNX `Pad`.
package struct AxisPadding: Selecting {
  package enum Mode: Sendable, Hashable {
    case constant(Float)
    /// Mirrored at the first and the last place, which are not repeated.
    case reflect
    /// The first and the last place repeated.
    case edge
    /// The axis begins anew.
    case wrap
  }

  package let mode: Mode
  /// nil: all, in order.
  package let axes: [Int]?
  /// For each axis named: places before, places behind.
  package let pads: [(before: Int, after: Int)]

  package init(mode: Mode, axes: [Int]?, pads: [(before: Int, after: Int)]) {
    (self.mode, self.axes, self.pads) = (mode, axes, pads)
  }

  package var kind: String { "Pad" }
  package var acceptsEmptyOperands: Bool { true }

  package var fill: Float { if case .constant(let value) = mode { value } else { 0 } }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let source = try inputs.operand(0)
    let places = try source.places(ofAxes: axes)
    guard places.count == pads.count else {
      throw ShapeMismatch("\(pads.count) pairs of pads for \(places.count) axes of \(source)")
    }
    var extents = source.dimensions
    for (place, pad) in zip(places, pads) {
      guard abs(Double(pad.before)) < 0x1p40, abs(Double(pad.after)) < 0x1p40 else {
        throw ShapeMismatch("pads of \(pad.before) and \(pad.after)")
      }
      // What is cropped is gone before anything is mirrored or repeated.
      let left = source[place] + min(0, pad.before) + min(0, pad.after)
      extents[place] = left + max(0, pad.before) + max(0, pad.after)
      let isPadded = max(pad.before, pad.after) > 0
      guard left > 0 || (fillsConstant && extents[place] >= 0) || (!isPadded && left >= 0) else {
        throw ShapeMismatch("axis \(place) of \(source) padded by \(pad.before) and \(pad.after)")
      }
      if mode == .reflect, max(pad.before, pad.after) >= left, isPadded {
        throw ShapeMismatch(
          "axis \(place) of \(source) is too short to be mirrored by \(pad.before) and \(pad.after)")
      }
    }
    return [try Shape(checking: extents)]
  }

  private var fillsConstant: Bool { if case .constant = mode { true } else { false } }

  package func selections(from source: Shape, to result: Shape) -> [AxisSelection] {
    var selections = source.dimensions.map(AxisSelection.all)
    guard let places = try? source.places(ofAxes: axes) else { return selections }
    for (place, pad) in zip(places, pads) {
      let extent = source[place]
      let (first, last) = (max(0, -pad.before), extent - 1 - max(0, -pad.after))
      let length = last - first + 1
      selections[place] = AxisSelection(
        (0..<result[place]).map { index in
          let wanted = index - pad.before
          guard wanted < first || wanted > last else { return wanted }
          switch mode {
          case .constant: return AxisSelection.outside
          case .reflect: return wanted < first ? 2 * first - wanted : 2 * last - wanted
          case .edge: return wanted < first ? first : last
          case .wrap: return first + ((wanted - first) % length + length) % length
          }
        }, of: extent)
    }
    return selections
  }

  package func field(_ inputs: [ReceptiveField?], inputShapes: [Shape?], outputShape: Shape) -> ReceptiveField
  {
    guard var field = inputs[0], let source = inputShapes[0], let places = try? source.places(ofAxes: axes)
    else { return ReceptiveField(axes: outputShape.dimensions.map { _ in nil }) }
    for (place, pad) in zip(places, pads) {
      guard var axis = field.axes[place] else { continue }
      axis.start -= Double(pad.before) * axis.jump
      field.axes[place] = axis
    }
    return field
  }
}
