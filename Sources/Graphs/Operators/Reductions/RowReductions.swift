import Tensors

/// The sum of each row, whatever axes it has: `[N, …]` becomes `[N]`. Summed in double precision.
struct RowSum: Operator {
  var kind: String { "RowSum" }

  func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    [[try inputs.operand(0).rows]]
  }

  func lower(_ node: Node, in lowering: Lowering) throws {
    let shape = try lowering.shape(node.inputs[0])
    let (rows, size) = (try shape.rows, shape.count / max(1, try shape.rows))
    try lowering.emitNative(node, work: shape.count) { inputs, outputs, lanes in
      lanes.share(rows) { range in
        for row in range {
          var sum = 0.0
          for place in row * size..<(row + 1) * size { sum += Double(inputs[0][place]) }
          outputs[0][row] = Float(sum)
        }
      }
    }
  }
}

/// The least or the largest element of each row, at every place of it: shaped as the operand.
struct RowExtreme: Operator {
  let isLargest: Bool

  var kind: String { isLargest ? "RowMaximum" : "RowMinimum" }

  func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] { [try inputs.operand(0)] }

  func lower(_ node: Node, in lowering: Lowering) throws {
    let shape = try lowering.shape(node.inputs[0])
    let (rows, size) = (try shape.rows, shape.count / max(1, try shape.rows))
    let isLargest = isLargest
    try lowering.emitNative(node, work: shape.count) { inputs, outputs, lanes in
      lanes.share(rows) { range in
        for row in range where size > 0 {
          let source = UnsafeBufferPointer(start: inputs[0] + row * size, count: size)
          let extreme = (isLargest ? source.max() : source.min()) ?? 0
          (outputs[0] + row * size).update(repeating: extreme, count: size)
        }
      }
    }
  }
}

extension Shape {
  fileprivate var rows: Int {
    get throws(ShapeMismatch) {
      guard let rows = dimensions.first else { throw ShapeMismatch("a single number has no rows") }
      return rows
    }
  }
}
