import OneDNN
package import Tensors

/// Nothing at inference. In training, with a seed as second operand, `y = m · x / (1 − ratio)`, where `m` is 0 with
/// probability `ratio`, else 1. ONNX `Dropout`.
///
/// The mask is a function of the seed, of `stream`, which tells the dropouts of one network apart, and of the element's
/// place, so that a run can be repeated, and the backward pass drops what the forward pass did.
package struct Dropout: Operator {
  package let ratio: Float
  package var stream: UInt64 = 0

  package init(ratio: Float) { self.ratio = ratio }

  package var kind: String { "Dropout" }

  package func isLinear(inOperand index: Int) -> Bool { index == 0 }

  package var operandCounts: ClosedRange<Int> { 1...2 }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    if inputs.count > 1, let seed = inputs[1], seed.count != 1 {
      throw ShapeMismatch("a seed of shape \(seed), where one number is wanted")
    }
    return [try inputs.operand(0)]
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0] else { return [] }
    return [node.operand(1).map { builder.add(self, [gradient, $0]) } ?? gradient]
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    guard node.operand(1) != nil, ratio > 0 else {
      return try lowering.reshape(node.inputs[0], to: node.outputs[0])
    }
    let count = try lowering.shape(node.inputs[0]).count
    let (scale, stream) = (1 / (1 - ratio), stream)
    let threshold = UInt64(min(1, ratio) * Float(1 << 24))
    try lowering.emitNative(node, work: count * 4) { inputs, outputs, lanes in
      let key = SplitMix64.mixed(UInt64(inputs[1][0].bitPattern) ^ SplitMix64.mixed(stream))
      lanes.share(count) { range in
        for place in range {
          let random = SplitMix64.mixed(key &+ UInt64(place) &* 0x9E37_79B9_7F4A_7C15) >> 40
          outputs[0][place] = random < threshold ? 0 : inputs[0][place] * scale
        }
      }
    }
  }
}
