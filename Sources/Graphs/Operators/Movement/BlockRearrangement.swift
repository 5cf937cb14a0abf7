package import Tensors

/// Channels unfolded into blocks of places, or back. ONNX `DepthToSpace` and `SpaceToDepth`.
///
/// `[n, c, h, w]` with `c = b·b·k` becomes `[n, k, h·b, w·b]`: channel `(i·b + j)·k + c` (`depth-column-row`), or
/// `c·b·b + i·b + j` (`column-row-depth`), goes to row `i` and column `j` of each block.
package struct BlockRearrangement: Operator {
  package let block: Int
  /// Whether blocks are counted before the channels that are left (`DCR`), or behind (`CRD`).
  package let blocksFirst: Bool
  package let toSpace: Bool

  package init(block: Int, blocksFirst: Bool, toSpace: Bool) {
    (self.block, self.blocksFirst, self.toSpace) = (block, blocksFirst, toSpace)
  }

  package var kind: String { toSpace ? "DepthToSpace" : "SpaceToDepth" }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let source = try inputs.operand(0)
    guard source.rank == 4, (1...1 << 15).contains(block) else {
      throw ShapeMismatch("blocks of \(block) in a tensor of shape \(source)")
    }
    let (channels, height, width) = (source[1], source[2], source[3])
    if toSpace {
      guard channels % (block * block) == 0 else {
        throw ShapeMismatch("\(channels) channels do not make blocks of \(block) x \(block)")
      }
      return [
        try Shape(checking: [
          source[0], channels / (block * block), saturatingProduct(height, block),
          saturatingProduct(width, block),
        ])
      ]
    }
    guard height % block == 0, width % block == 0 else {
      throw ShapeMismatch("\(height) x \(width) places do not make blocks of \(block) x \(block)")
    }
    return [
      try Shape(checking: [
        source[0], saturatingProduct(channels, block * block), height / block, width / block,
      ])
    ]
  }

  package func field(_ inputs: [ReceptiveField?], inputShapes: [Shape?], outputShape: Shape) -> ReceptiveField
  {
    guard var field = inputs[0], field.axes.count == 4 else {
      return ReceptiveField(axes: outputShape.dimensions.map { _ in nil })
    }
    field.axes[1] = nil
    for place in 2..<4 {
      guard var axis = field.axes[place] else { continue }
      // A coarse place is made from all the fine ones of its block, a fine one from the coarse place that it lies in.
      if !toSpace { axis.size += Double(block - 1) * axis.jump }
      axis.jump *= toSpace ? 1 / Double(block) : Double(block)
      field.axes[place] = axis
    }
    return field
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0] else { return [] }
    let back = BlockRearrangement(block: block, blocksFirst: blocksFirst, toSpace: !toSpace)
    return [builder.add(back, [gradient])]
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let source = try lowering.shape(node.inputs[0])
    let (rows, batch) = (block, source[0])
    if toSpace {
      let left = source[1] / (rows * rows)
      let view =
        blocksFirst
        ? [batch, rows, rows, left, source[2], source[3]] : [batch, left, rows, rows, source[2], source[3]]
      let order = blocksFirst ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3]
      try lowering.transpose(node.inputs[0], viewedAs: view, order, as: node.outputs[0])
    } else {
      let view = [batch, source[1], source[2] / rows, rows, source[3] / rows, rows]
      let order = blocksFirst ? [0, 3, 5, 1, 2, 4] : [0, 1, 3, 5, 2, 4]
      try lowering.transpose(node.inputs[0], viewedAs: view, order, as: node.outputs[0])
    }
  }
}
