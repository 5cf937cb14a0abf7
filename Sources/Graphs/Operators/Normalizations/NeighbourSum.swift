import OneDNN
package import Tensors

/// `y[n, c, …] = Σ x[n, c′, …]` over the channels from `c − before` to `c + after`: part of ONNX `LRN`.
package struct NeighbourSum: Operator {
  package let before: Int
  package let after: Int

  package var kind: String { "NeighbourSum" }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let source = try inputs.operand(0)
    guard source.rank >= 2 else { throw ShapeMismatch("\(source) has no channels") }
    return [source]
  }

  package func field(_ inputs: [ReceptiveField?], inputShapes: [Shape?], outputShape: Shape) -> ReceptiveField
  {
    var field = ReceptiveField.merged(inputs, inputShapes, into: outputShape)
    field.axes[1] = nil
    return field
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0] else { return [] }
    return [builder.add(NeighbourSum(before: after, after: before), [gradient])]
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let shape = try lowering.shape(node.inputs[0])
    let (rows, channels) = (shape[0], shape[1])
    let places = shape.count / max(1, rows * channels)
    let work = saturatingProduct(shape.count, min(channels, before + after + 1))
    try lowering.emitNative(node, work: work) { [before, after] inputs, outputs, lanes in
      lanes.share(rows * channels) { range in
        for map in range {
          let channel = map % channels
          let example = inputs[0] + (map - channel) * places
          let result = outputs[0] + map * places
          result.update(repeating: 0, count: places)
          for neighbour in max(0, channel - before)...min(channels - 1, channel + after) {
            let source = example + neighbour * places
            for place in 0..<places { result[place] += source[place] }
          }
        }
      }
    }
  }
}
