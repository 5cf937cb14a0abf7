import Tensors

/// What makes axes longer or shorter.
let resamplingReaders: [String: OperatorReader] = [
  "Resize": { try $0.resampling() },
  "Upsample": { try $0.resampling() },
]

extension ONNXNode {
  fileprivate func resampling() throws -> (any Operator, inputs: [TensorName]) {
    let axes = try resampledAxes()
    let extrapolation = float("extrapolation_value", default: 0)
    let operation: any Operator
    switch string("mode", default: "nearest") {
    case "nearest":
      let name = string("nearest_mode", default: isModern ? "round_prefer_floor" : "simple")
      guard let rounding = NearestResampling.Rounding(rawValue: name) else {
        throw unsupported("nearest_mode = \(name)")
      }
      operation = NearestResampling(kind: kind, axes: axes, rounding: rounding, extrapolation: extrapolation)
    case let mode where ["linear", "bilinear", "trilinear", "cubic"].contains(mode):
      operation = WeightedResampling(
        kind: kind, axes: axes,
        interpolation: mode == "cubic" ? .cubic(sharpness: float("cubic_coeff_a", default: -0.75)) : .linear,
        excludesOutside: integer("exclude_outside", default: 0) != 0,
        widensWhenShrinking: integer("antialias", default: 0) != 0, extrapolation: extrapolation)
    case let mode: throw unsupported("mode = \(mode)")
    }
    return (operation, try operands(1))
  }

  /// Since opset 11 a resize says how places are matched; before, and in `Upsample`, there was one way.
  private var isModern: Bool { opset >= 11 && kind == "Resize" }

  private func resampledAxes() throws -> ResampledAxes {
    let name = string("coordinate_transformation_mode", default: isModern ? "half_pixel" : "asymmetric")
    guard let transformation = ResampledAxes.Transformation(rawValue: name) else {
      throw unsupported("coordinate_transformation_mode = \(name)")
    }
    let scales = try optionalFloats("scales") ?? numbers(isModern ? 2 : 1)
    let sizes = isModern ? try integers(3) ?? [] : []
    let target: ResampledAxes.Target
    switch (scales.isEmpty, string("keep_aspect_ratio_policy", default: "stretch")) {
    case (false, _): target = .scales(scales)
    case (true, "stretch"): target = .sizes(sizes)
    case (true, "not_larger"): target = .proportionalSizes(sizes, within: true)
    case (true, "not_smaller"): target = .proportionalSizes(sizes, within: false)
    case (true, let policy): throw unsupported("keep_aspect_ratio_policy = \(policy)")
    }
    guard !scales.isEmpty || !sizes.isEmpty else { throw unsupported("it has neither scales nor sizes") }
    return ResampledAxes(
      transformation, axes: optionalIntegers("axes"), target: target,
      region: transformation == .crop ? try numbers(1) : [])
  }

  /// Operand `index` as constant numbers; none if it is left out.
  private func numbers(_ index: Int) throws(ONNXError) -> [Float] {
    hasOperand(index) ? try weight(index).values : []
  }
}
