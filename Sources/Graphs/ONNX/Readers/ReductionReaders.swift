import Tensors

/// Sums, means and extremes over axes.
let reductionReaders: [String: OperatorReader] = {
  var readers: [String: OperatorReader] = [
    "ArgMax": { try $0.argumentOfExtreme(findsLargest: true) },
    "ArgMin": { try $0.argumentOfExtreme(findsLargest: false) },
    "TopK": { node in
      guard let count = try node.optionalInteger("k") ?? node.integers(1)?.first else {
        throw node.unsupported("it does not say how many")
      }
      let operation = TopK(
        count: count, axis: node.integer("axis", default: -1),
        findsLargest: node.integer("largest", default: 1) != 0)
      return (operation, try node.operands(1))
    },
  ]
  for function in Reduction.Function.allCases {
    readers["Reduce" + function.rawValue] = { try $0.reduction(function) }
  }
  return readers
}()

extension ONNXNode {
  fileprivate func reduction(_ function: Reduction.Function) throws -> (any Operator, inputs: [TensorName]) {
    var axes = try optionalIntegers("axes") ?? integers(1)
    if axes?.isEmpty ?? true { axes = integer("noop_with_empty_axes", default: 0) != 0 ? [] : nil }
    return (
      Reduction(function, axes: axes, keepsAxes: integer("keepdims", default: 1) != 0), try operands(1)
    )
  }

  fileprivate func argumentOfExtreme(findsLargest: Bool) throws -> (any Operator, inputs: [TensorName]) {
    let operation = ArgumentOfExtreme(
      findsLargest: findsLargest, axis: integer("axis", default: 0),
      keepsAxis: integer("keepdims", default: 1) != 0,
      takesLast: integer("select_last_index", default: 0) != 0)
    return (operation, try operands(1))
  }
}
