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
    let integers = operation.inputs.compactMap { network.integers[$0] }.first
    values[operation.output] = naive(operation, operands, integers, opset: network.opset)
  }
  return values
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
