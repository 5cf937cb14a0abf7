import Glibc
import Tensors

extension PictureStep.Standardisation {
  /// - Parameter picture: `[frames, bands]` or `[channels, frames, bands]`.
  func apply(to picture: Tensor) -> Tensor {
    var result = picture
    result.withUnsafeMutableValues { values in
      for group in groups(of: picture.shape) {
        let (mean, divisor, _) = statistics(group.map { values[$0] })
        for place in group { values[place] = Float((Double(values[place]) - mean) * reciprocal(divisor)) }
      }
    }
    return result
  }

  /// The picture that becomes `picture`, with the statistics of `original`, which has the same shape.
  func undo(_ picture: Tensor, as original: Tensor) -> Tensor {
    var result = picture
    original.withUnsafeValues { original in
      result.withUnsafeMutableValues { values in
        for group in groups(of: picture.shape) {
          let (mean, divisor, _) = statistics(group.map { original[$0] })
          for place in group { values[place] = Float(Double(values[place]) * divisor + mean) }
        }
      }
    }
    return result
  }

  func pullback(_ gradient: Tensor, at picture: Tensor) -> Tensor {
    var result = gradient
    picture.withUnsafeValues { x in
      result.withUnsafeMutableValues { g in
        for group in groups(of: picture.shape) {
          let values = group.map { x[$0] }
          let (mean, divisor, slope) = statistics(values)
          let factor = reciprocal(divisor)
          let sum = group.reduce(0.0) { $0 + Double(g[$1]) }
          // What is divided by depends on every value: ∂divisor/∂x = slope · (x − average).
          let average = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
          let weighted = zip(group, values).reduce(0.0) { $0 + Double(g[$1.0]) * (Double($1.1) - mean) }
          for (place, value) in zip(group, values) {
            var change = Double(g[place])
            if centres { change -= sum / Double(values.count) }
            let bend = scales ? weighted * factor * slope * (Double(value) - average) : 0
            g[place] = Float((change - bend) * factor)
          }
        }
      }
    }
    return result
  }

  /// What is taken off, what is divided by, and the divisor's derivative over distance from the mean.
  private func statistics(_ values: [Float]) -> (mean: Double, divisor: Double, slope: Double) {
    let count = Double(values.count)
    let mean = values.reduce(0.0) { $0 + Double($1) } / max(1, count)
    guard scales else { return (centres ? mean : 0, 1, 0) }
    let squares = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    let terms = max(1, isUnbiased ? count - 1 : count)
    let variance = squares / terms
    let root = (guarding == .addedToVariance ? variance + epsilon : variance).squareRoot()
    let slope = root > 0 ? 1 / (root * terms) : 0
    switch guarding {
    case .addedToVariance: return (centres ? mean : 0, root, slope)
    case .addedToDeviation: return (centres ? mean : 0, root + epsilon, slope)
    case .least: return (centres ? mean : 0, max(root, epsilon), root > epsilon ? slope : 0)
    }
  }

  private func reciprocal(_ divisor: Double) -> Double { divisor > 0 ? 1 / divisor : 0 }

  /// The places of values that have their statistics in common.
  private func groups(of shape: Shape) -> [StrideTo<Int>] {
    let bands = max(1, shape[shape.rank - 1])
    let block = max(1, shape[shape.rank - 2]) * bands
    switch over {
    case .all: return [stride(from: 0, to: shape.count, by: 1)]
    case .frame:
      return stride(from: 0, to: shape.count, by: bands).map { stride(from: $0, to: $0 + bands, by: 1) }
    case .band:
      return stride(from: 0, to: shape.count, by: block).flatMap { start in
        (0..<bands).map { stride(from: start + $0, to: start + block, by: bands) }
      }
    }
  }
}
