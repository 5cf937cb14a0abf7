import Glibc
package import Tensors

/// Each place of the result shows the nearest of the operand. ONNX `Resize` and `Upsample` with `mode = nearest`.
package struct NearestResampling: Selecting {
  package enum Rounding: String, Sendable {
    case halfDown = "round_prefer_floor"
    case halfUp = "round_prefer_ceil"
    case down = "floor"
    case up = "ceil"
    /// Before opset 11: down where the axis grows, up where it shrinks.
    case simple
  }

  package let kind: String
  package let axes: ResampledAxes
  package let rounding: Rounding
  package let extrapolation: Float

  package init(kind: String, axes: ResampledAxes, rounding: Rounding, extrapolation: Float) {
    (self.kind, self.axes, self.rounding, self.extrapolation) = (kind, axes, rounding, extrapolation)
  }

  package var fill: Float { extrapolation }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    [try axes.outputShape(try inputs.operand(0))]
  }

  package func selections(from source: Shape, to result: Shape) -> [AxisSelection] {
    var selections = source.dimensions.map(AxisSelection.all)
    for axis in (try? axes.resolved(source)) ?? [] {
      let places = (0..<axis.result).map { index in
        let coordinate = axes.coordinate(index, on: axis)
        guard !axes.isOutside(coordinate, axis) else { return AxisSelection.outside }
        return Int(min(max(rounded(coordinate, axis.scale), 0), Float(axis.extent - 1)))
      }
      selections[axis.place] = AxisSelection(places, of: axis.extent)
    }
    return selections
  }

  private func rounded(_ x: Float, _ scale: Float) -> Float {
    switch rounding {
    case .halfDown: x == floor(x) + 0.5 ? floor(x) : x.rounded()
    case .halfUp: x.rounded()
    case .down: floor(x)
    case .up: ceil(x)
    case .simple: scale < 1 ? ceil(x) : floor(x)
    }
  }

  package func field(_ inputs: [ReceptiveField?], inputShapes: [Shape?], outputShape: Shape) -> ReceptiveField
  {
    axes.field(inputs[0], source: inputShapes[0], result: outputShape) { _ in 0 }
  }
}
