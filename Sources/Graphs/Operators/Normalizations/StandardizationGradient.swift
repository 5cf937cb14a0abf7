import OneDNN
package import Tensors

/// The gradient of a standardization with respect to x. With `h = gradient · scale` and `z` the standardized x,
/// `∂x = (h − mean(h) − z · mean(h · z)) / √(variance + ε)`, the means over one stretch. Operands: gradient of y, x, the
/// means and inverse deviations of the stretches, scale (if there is one).
package struct StandardizationGradient: Operator {
  let forward: Standardization

  package var kind: String { "\(forward.kind)Gradient" }

  package var operandCounts: ClosedRange<Int> { 4...5 }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] { [try inputs.operand(1)] }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let shape = try lowering.shape(node.inputs[1])
    let scale = try node.operand(4).map { try lowering.shape($0) }
    let plan = try forward.rows(of: shape, scaledBy: scale)
    try lowering.emitNative(node, work: shape.count * 4) { inputs, outputs, lanes in
      let scales = inputs.count > 4 ? inputs[4] : nil
      lanes.share(plan.count) { range in
        for row in range {
          let (gradient, source) = (inputs[0] + row * plan.width, inputs[1] + row * plan.width)
          let (mean, inverse) = (inputs[2][row], inputs[3][row])
          let result = outputs[0] + row * plan.width
          result.update(from: gradient, count: plan.width)
          if let scales { plan.applying(scales, to: result, row) { $0 *= $1 } }
          let scaled = UnsafePointer(result)
          let level = Float(vectorSum(scaled, plan.width) / Double(plan.width)) * inverse
          let product = centredProduct(source, mean, scaled, plan.width) / Double(plan.width)
          let slope = Float(product) * inverse * inverse * inverse
          for place in 0..<plan.width {
            result[place] = result[place] * inverse - level - (source[place] - mean) * slope
          }
        }
      }
    }
  }
}

/// The gradient of a standardization with respect to its scale, `Σ gradient · z` over all elements that it scales, or to
/// its bias, `Σ gradient`. Operands: gradient of y, x, the means and inverse deviations of the stretches, the parameter
/// (only its shape).
package struct StandardizationParameterGradient: Operator {
  let forward: Standardization
  let ofScale: Bool

  package var kind: String { "\(forward.kind)\(ofScale ? "Scale" : "Bias")Gradient" }

  package var operandCounts: ClosedRange<Int> { 5...5 }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] { [try inputs.operand(4)] }
  package func readsValue(ofInput index: Int) -> Bool { index == 0 || ofScale && index < 4 }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let shape = try lowering.shape(node.inputs[1])
    let plan = try forward.rows(of: shape, scaledBy: try lowering.shape(node.inputs[4]))
    let ofScale = ofScale
    try lowering.emitNative(node, reading: ofScale ? [0, 1, 2, 3] : [0], work: shape.count * 2) {
      inputs, outputs, lanes in
      let (gradient, result) = (inputs[0], outputs[0])
      /// The centre and the factor of x in the stretch that holds `element`.
      func statistics(_ element: Int) -> (mean: Float, inverse: Float) {
        ofScale ? (inputs[2][element / plan.width], inputs[3][element / plan.width]) : (0, 1)
      }
      lanes.share(plan.parameters) { range in
        let repetitions = plan.count * plan.width / (plan.span * plan.parameters)
        if plan.span > 1 {
          for parameter in range {
            var total = 0.0
            for repetition in 0..<repetitions {
              let start = (repetition * plan.parameters + parameter) * plan.span
              let (mean, inverse) = statistics(start)
              total +=
                ofScale
                ? centredProduct(inputs[1] + start, mean, gradient + start, plan.span) * Double(inverse)
                : vectorSum(gradient + start, plan.span)
            }
            result[parameter] = Float(total)
          }
          return
        }
        for parameter in range { result[parameter] = 0 }
        for repetition in 0..<repetitions {
          let start = repetition * plan.parameters
          let (mean, inverse) = statistics(start)
          for parameter in range {
            let place = start + parameter
            result[parameter] +=
              ofScale ? gradient[place] * (inputs[1][place] - mean) * inverse : gradient[place]
          }
        }
      }
    }
  }
}
