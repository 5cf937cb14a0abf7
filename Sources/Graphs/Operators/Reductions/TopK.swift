package import Tensors

/// The `count` largest, or smallest, elements along an axis, best first (the first of equals first), and where they
/// were. ONNX `TopK`. Results: values, places.
package struct TopK: Operator {
  package let count: Int
  package let axis: Int
  package let findsLargest: Bool

  package init(count: Int, axis: Int, findsLargest: Bool) {
    (self.count, self.axis, self.findsLargest) = (count, axis, findsLargest)
  }

  package var kind: String { "TopK" }
  package var spansRows: Bool { axis == 0 || axis < -1 }
  package var resultCount: Int { 2 }

  package func outputShapes(_ inputs: [Shape?]) throws(ShapeMismatch) -> [Shape] {
    var result = try inputs.operand(0)
    let place = try result.place(ofAxis: axis)
    guard (0...result[place]).contains(count) else {
      throw ShapeMismatch("the best \(count) of the \(result[place]) along axis \(place)")
    }
    result[place] = count
    return [result, result]
  }

  package func gradients(of node: Node, given: [TensorName?], in builder: inout GradientBuilder)
    throws(GraphError) -> [TensorName?]
  {
    guard let gradient = given[0], builder.wants(node.inputs[0]) else { return [] }
    let places = builder.result(1, of: node)
    return [
      builder.add(
        AddressedGatheringGradient(addressing: .elements(axis: axis)), [gradient, places, node.inputs[0]])
    ]
  }

  package func lower(_ node: Node, in lowering: Lowering) throws {
    let source = try lowering.shape(node.inputs[0])
    let place = try source.place(ofAxis: axis)
    let (extent, (outer, inner)) = (source[place], source.around(place))
    let (count, findsLargest) = (count, findsLargest)
    let writesValues = !node.outputs[0].isEmpty
    let writesPlaces = node.outputs.count > 1 && !node.outputs[1].isEmpty
    try lowering.emitNative(node, work: outer * inner * extent * 8) { inputs, outputs, lanes in
      lanes.share(outer * inner) { range in
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: extent) { buffer in
          var order = buffer
          for index in range {
            let (row, column) = (index / inner, index % inner)
            let run = inputs[0] + row * extent * inner + column
            for place in 0..<extent { order[place] = Int32(place) }
            order.sort { a, b in
              let (x, y) = (run[Int(a) * inner], run[Int(b) * inner])
              return x == y ? a < b : (x > y) == findsLargest
            }
            for rank in 0..<count {
              let result = (row * count + rank) * inner + column
              if writesValues { outputs[0][result] = run[Int(order[rank]) * inner] }
              if writesPlaces { outputs[1][result] = Float(order[rank]) }
            }
          }
        }
      }
    }
  }
}
