import Graphs
import Tensors

/// What a toy network computes, by the loops one would write first; every tensor by name.
func naive(_ network: ToyNetwork, at inputs: [TensorName: Values]) -> [TensorName: Values] {
  var values = network.weights.mapValues { Values($0) }.merging(inputs) { $1 }
  for operation in network.operations {
    if ["RNN", "LSTM", "GRU"].contains(operation.kind) {
      values[operation.output] = naiveRecurrence(
        operation.kind, operation.inputs.map { values[$0] }, operation.attributes,
        result: operation.skippedResults)
      continue
    }
    let operands = operation.inputs.compactMap { values[$0] }
    let lists = operation.inputs.compactMap { network.integers[$0] }
    values[operation.output] =
      naiveMovement(operation, operands, lists)
      ?? naive(operation, operands, lists.first, opset: network.opset)
  }
  return values
}

/// What an operation computes that moves or reduces; nil for all others. `lists` are its constant integer operands.
private func naiveMovement(_ operation: ToyNetwork.Operation, _ operands: [Values], _ lists: [[Int]])
  -> Values?
{
  let x = operands[0]
  let attributes = operation.attributes
  let axis = attributes.integer("axis", default: 0)
  switch operation.kind {
  case "Concat": return naiveConcatenation(operands, attributes)
  case "Slice":
    let starts = attributes.integers("starts") ?? lists[0]
    let axes = attributes.integers("axes") ?? (lists.count > 2 ? lists[2] : Array(starts.indices))
    return naiveSlice(
      x, starts: starts, ends: attributes.integers("ends") ?? lists[1], axes: axes,
      steps: lists.count > 3 ? lists[3] : starts.map { _ in 1 })
  case "Pad":
    return naivePadding(
      x, pads: attributes.integers("pads") ?? lists[0], mode: attributes.string("mode", default: "constant"),
      value: operands.count > 1 ? operands[1].elements[0] : attributes.float("value", default: 0))
  case "Gather", "GatherElements":
    let indices =
      lists.first.map { Values([$0.count], $0.map(Double.init)) }
      ?? operands[1]
    return operation.kind == "Gather"
      ? naiveGathering(x, indices, axis: axis) : naiveGatheringElements(x, indices, axis: axis)
  case "Expand": return Values(broadcast(x.shape.dimensions, lists[0])) { x.broadcast(at: $0) }
  case "Tile":
    return Values(zip(x.shape.dimensions, lists[0]).map(*)) { index in
      x[zip(index, x.shape.dimensions).map { $0 % $1 }]
    }
  case let kind where kind.hasPrefix("Reduce"):
    return naiveReduction(
      kind, x, axes: attributes.integers("axes") ?? lists.first,
      keepsAxes: attributes.integer("keepdims", default: 1) != 0)
  case "ArgMax", "ArgMin":
    return naiveReduction(
      operation.kind, x, axes: [axis], keepsAxes: attributes.integer("keepdims", default: 1) != 0)
  default: return nil
  }
}

/// What one operation computes. `integers` is its constant integer operand: axes, or a shape.
private func naive(
  _ operation: ToyNetwork.Operation, _ operands: [Values], _ integers: [Int]?, opset: Int
) -> Values {
  let x = operands[0]
  let attributes = operation.attributes
  switch operation.kind {
  case "Conv":
    return naiveConvolution(x, operands[1], bias: operands.count > 2 ? operands[2] : nil, attributes)
  case "ConvTranspose":
    return naiveTransposedConvolution(
      x, operands[1], bias: operands.count > 2 ? operands[2] : nil, attributes)
  case "LpPool": return naiveNormPooling(x, attributes)
  case "InstanceNormalization", "GroupNormalization", "LayerNormalization", "MeanVarianceNormalization",
    "LpNormalization", "LRN":
    return naiveNormalization(operation.kind, operands, attributes)
  case "MaxPool", "AveragePool": return naivePooling(x, maximum: operation.kind == "MaxPool", attributes)
  case "GlobalMaxPool", "GlobalAveragePool":
    let places = indices(Array(x.shape.dimensions.dropFirst(2)))
    let ones = [Int](repeating: 1, count: x.shape.rank - 2)
    return Values(x.shape.dimensions.prefix(2) + ones) { index in
      let window = places.map { x[index.prefix(2) + $0] }
      return operation.kind == "GlobalMaxPool"
        ? window.max() ?? 0 : window.reduce(0, +) / Double(window.count)
    }
  case "BatchNormalization":
    let (scale, bias, mean, variance) = (operands[1], operands[2], operands[3], operands[4])
    let epsilon = attributes.float("epsilon", default: 1e-5)
    return Values(x.shape.dimensions) { index in
      let channel = [index[1]]
      return scale[channel] * (x[index] - mean[channel]) / (variance[channel] + epsilon).squareRoot()
        + bias[channel]
    }
  case "Gemm":
    let (alpha, beta) = (attributes.float("alpha", default: 1), attributes.float("beta", default: 1))
    let a = attributes.integer("transA", default: 0) == 0 ? x : naiveTransposition(x, nil)
    let b = attributes.integer("transB", default: 0) == 0 ? operands[1] : naiveTransposition(operands[1], nil)
    let product = naiveProduct(a, b)
    return Values(product.shape.dimensions) { index in
      alpha * product[index] + (operands.count > 2 ? beta * operands[2].broadcast(at: index) : 0)
    }
  case "MatMul": return naiveProduct(x, operands[1])
  case "Einsum": return naiveSummation(attributes.string("equation", default: ""), operands)
  case "Mean":
    let sum = operands.dropFirst().reduce(x) { naiveBinary($0, $1, +) }
    return sum.map { $0 / Double(operands.count) }
  case "Where":
    let whole = naiveBinary(x, naiveBinary(operands[1], operands[2], +), +).shape.dimensions
    return Values(whole) { (x.broadcast(at: $0) != 0 ? operands[1] : operands[2]).broadcast(at: $0) }
  case "Softmax", "LogSoftmax":
    let result = naiveSoftmax(x, attributes, opset: opset)
    return operation.kind == "Softmax" ? result : result.map { logarithm($0) }
  case "Transpose": return naiveTransposition(x, attributes.integers("perm"))
  case "Flatten":
    let axis = attributes.integer("axis", default: 1)
    let split = axis < 0 ? axis + x.shape.rank : axis
    let front = x.shape.dimensions.prefix(split).reduce(1, *)
    return x.reshaped([front, x.shape.count / front])
  case "Reshape":
    var extents = (integers ?? []).enumerated().map { $1 == 0 ? x.shape[$0] : $1 }
    if let free = extents.firstIndex(of: -1) { extents[free] = x.shape.count / -extents.reduce(1, *) }
    return x.reshaped(extents)
  case "DFT": return naiveFourier(x, length: integers?.first, attributes)
  case "STFT":
    return naiveFrames(
      x, window: operands.count > 1 ? operands[1] : nil, step: integers?.first ?? 1, attributes)
  case "Squeeze":
    let axes = (integers ?? attributes.integers("axes"))?.map { $0 < 0 ? $0 + x.shape.rank : $0 }
    return x.reshaped(
      x.shape.dimensions.enumerated().filter { axis, extent in
        axes.map { !$0.contains(axis) } ?? (extent != 1)
      }.map(\.element))
  case "Unsqueeze":
    let axes = integers ?? attributes.integers("axes") ?? []
    let rank = x.shape.rank + axes.count
    let places = Set(axes.map { $0 < 0 ? $0 + rank : $0 })
    var rest = x.shape.dimensions
    return x.reshaped((0..<rank).map { places.contains($0) ? 1 : rest.removeFirst() })
  case "Clip":
    let hasLowest = operation.inputs.count > 1 && !operation.inputs[1].isEmpty
    let hasHighest = operation.inputs.count > 2 && !operation.inputs[2].isEmpty
    let lowest = hasLowest ? operands[1].elements[0] : attributes.float("min", default: -.infinity)
    let highest =
      hasHighest ? operands[operands.count - 1].elements[0] : attributes.float("max", default: .infinity)
    return x.map { min(max($0, lowest), highest) }
  case let kind:
    guard let function = naiveFunctionOfTwo(kind, attributes) else {
      return x.map(naiveFunction(kind, attributes))
    }
    return operands.dropFirst().reduce(x) { naiveBinary($0, $1, function) }
  }
}
