import Glibc
import Tensors

/// Normalizations as ONNX defines them: for each element, the statistics of its companions.
func naiveNormalization(_ kind: String, _ operands: [Values], _ attributes: [String: Attribute]) -> Values {
  let x = operands[0]
  let rank = x.shape.rank
  let all = indices(x.shape.dimensions)
  /// Every index that shares its statistics with `index`.
  func companions(_ index: [Int], _ isShared: (_ axis: Int, _ other: [Int]) -> Bool) -> [Double] {
    all.filter { other in (0..<rank).allSatisfy { other[$0] == index[$0] || isShared($0, other) } }.map {
      x[$0]
    }
  }
  func standardized(
    _ epsilon: Double, _ isShared: @escaping (_ axis: Int, _ other: [Int], _ index: [Int]) -> Bool
  )
    -> Values
  {
    Values(x.shape.dimensions) { index in
      let values = companions(index) { isShared($0, $1, index) }
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      return (x[index] - mean) / (variance + epsilon).squareRoot()
    }
  }
  let epsilon = attributes.float("epsilon", default: 1e-5)
  switch kind {
  case "InstanceNormalization":
    let z = standardized(epsilon) { axis, _, _ in axis > 1 }
    return Values(x.shape.dimensions) { z[$0] * operands[1][[$0[1]]] + operands[2][[$0[1]]] }
  case "GroupNormalization":
    let width = x.shape[1] / attributes.integer("num_groups", default: 1)
    let z = standardized(epsilon) { axis, other, index in
      axis > 1 || axis == 1 && other[1] / width == index[1] / width
    }
    // From opset 21 a scale for each channel, before one for each group.
    let perChannel = operands[1].shape[0] == x.shape[1]
    return Values(x.shape.dimensions) {
      let parameter = [perChannel ? $0[1] : $0[1] / width]
      return z[$0] * operands[1][parameter] + operands[2][parameter]
    }
  case "LayerNormalization":
    let axis = attributes.integer("axis", default: -1)
    let first = axis < 0 ? axis + rank : axis
    let z = standardized(epsilon) { axis, _, _ in axis >= first }
    return Values(x.shape.dimensions) {
      z[$0] * operands[1].broadcast(at: $0) + (operands.count > 2 ? operands[2].broadcast(at: $0) : 0)
    }
  case "MeanVarianceNormalization":
    let axes = attributes.integers("axes") ?? [0, 2, 3]
    return standardized(1e-9) { axis, _, _ in axes.contains(axis) || axes.contains(axis - rank) }
  case "LpNormalization":
    let axis = attributes.integer("axis", default: -1)
    let power = Double(attributes.integer("p", default: 2))
    return Values(x.shape.dimensions) { index in
      let line = companions(index) { place, _ in place == axis || place == axis + rank }
      return x[index] / pow(line.reduce(0) { $0 + pow(abs($1), power) }, 1 / power)
    }
  default:
    let size = attributes.integer("size", default: 1)
    return Values(x.shape.dimensions) { index in
      let near = max(0, index[1] - (size - 1) / 2)...min(x.shape[1] - 1, index[1] + size / 2)
      let squares = companions(index) { axis, other in axis == 1 && near.contains(other[1]) }
        .reduce(0) { $0 + $1 * $1 }
      let base =
        attributes.float("bias", default: 1)
        + attributes.float("alpha", default: 1e-4) / Double(size) * squares
      return x[index] / pow(base, attributes.float("beta", default: 0.75))
    }
  }
}
