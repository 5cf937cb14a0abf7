import OneDNN
package import Tensors

/// The sum of `x` over the axes along which `like` (only its shape is read) was broadcast to it.
package struct SumLike: Operator {
  package var kind: String { "SumLike" }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    let (from, to) = (try inputs.operand(0), try inputs.operand(1))
    guard to.rank <= from.rank,
      zip(from.dimensions.reversed(), to.dimensions.reversed()).allSatisfy({ $0 == $1 || $1 == 1 })
    else { throw ShapeMismatch("\(from) cannot be summed to \(to)") }
    return [to]
  }

  package func readsValue(ofInput index: Int) -> Bool { index == 0 }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let (from, to) = (try lowering.shape(node.inputs[0]), try lowering.shape(node.inputs[1]))
    guard from.count != to.count else { return try lowering.reshape(node.inputs[0], to: node.outputs[0]) }
    let full = [Int](repeating: 1, count: from.rank - to.rank) + to.dimensions
    let plain = try Layout.plain(from.dimensions)
    // As it lies, if the result can lie likewise.
    for layout in [to.rank == from.rank ? try lowering.layout(of: node.inputs[0]) : plain, plain] {
      guard let sibling = try layout.sibling(full), let source = layout.structure,
        let result = sibling.structure,
        let loop = SumLoop(source: source, result: result)
      else { continue }
      let operand = try lowering.use(node.inputs[0], as: layout)
      let destination = lowering.define(
        node.outputs[0], to.rank == from.rank ? sibling : try .plain(to.dimensions))
      let kernel = NativeKernel(work: from.count) { inputs, outputs, lanes in
        loop.run(inputs[0], outputs[0], lanes)
      }
      return lowering.emit(kernel, inputs: [operand], outputs: [destination])
    }
  }
}

extension GradientBuilder {
  /// `gradient` summed to the shape of `operand`, if a gradient with respect to it is wanted.
  mutating func summed(_ gradient: TensorName, like operand: TensorName) -> TensorName? {
    wants(operand) ? add(SumLike(), [gradient, operand]) : nil
  }
}
