package import Tensors

/// 1 where the largest element along an axis is (the first of equals), else 0. ONNX `Hardmax`. Its derivative is zero.
package struct Hardmax: Operator {
  /// The softmax along the same axis, or over the same axes.
  package let soft: Softmax

  package var kind: String { "Hardmax" }
  package var spansRows: Bool { soft.spansRows }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    try soft.outputShapes(inputs)
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  { [] }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let (view, axis) = soft.view(of: try lowering.shape(node.inputs[0]))
    let (extent, (outer, inner)) = (view[axis], view.around(axis))
    try lowering.emitNative(node, work: view.count) { inputs, outputs, lanes in
      lanes.share(outer * inner) { range in
        for line in range {
          let start = line / inner * extent * inner + line % inner
          let (x, y) = (inputs[0] + start, outputs[0] + start)
          var best = 0
          for place in 0..<extent {
            y[place * inner] = 0
            if x[place * inner] > x[best * inner] { best = place }
          }
          y[best * inner] = 1
        }
      }
    }
  }
}
