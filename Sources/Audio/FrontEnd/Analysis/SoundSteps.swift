import Tensors

extension FrontEnd.Sound {
  /// As many samples as are listened to.
  func cut(_ samples: [Float]) -> [Float] {
    guard let length, length != samples.count else { return samples }
    return samples.prefix(length) + [Float](repeating: 0, count: max(0, length - samples.count))
  }

  /// The samples after scaling, mean removal and pre-emphasis.
  func apply(_ samples: [Float]) -> [Float] {
    isIdentity ? samples : emphasised(centred(scaled(samples)))
  }

  /// `Σ gradient · ∂y/∂x` at samples `x`: the same steps' transposed derivative, last step first.
  func pullback(_ gradient: [Float], at samples: [Float]) -> [Float] {
    guard !isIdentity, !samples.isEmpty else { return gradient }
    return unscaled(uncentred(unemphasised(gradient)), at: samples)
  }

  private func scaled(_ samples: [Float]) -> [Float] {
    switch scaling {
    case .none: return samples
    case .factor(let factor): return samples.map { $0 * Float(factor) }
    case .peak:
      let peak = samples.reduce(0) { max($0, abs($1)) }
      return peak > 0 ? samples.map { $0 / peak } : samples
    case .standard(let epsilon):
      let (mean, deviation) = Self.statistics(samples, epsilon)
      guard deviation > 0 else { return samples.map { _ in 0 } }
      return samples.map { Float((Double($0) - mean) / deviation) }
    }
  }

  private func unscaled(_ gradient: [Float], at samples: [Float]) -> [Float] {
    switch scaling {
    case .none: return gradient
    case .factor(let factor): return gradient.map { $0 * Float(factor) }
    case .peak:
      guard let top = samples.indices.max(by: { abs(samples[$0]) < abs(samples[$1]) }), samples[top] != 0
      else { return gradient }
      let peak = abs(samples[top])
      let share = zip(gradient, samples).reduce(0) { $0 + Double($1.0) * Double($1.1) } / Double(peak)
      var result = gradient.map { $0 / peak }
      result[top] -= Float(share / Double(samples[top]))
      return result
    case .standard(let epsilon):
      let (mean, deviation) = Self.statistics(samples, epsilon)
      guard deviation > 0 else { return gradient.map { _ in 0 } }
      let count = Double(samples.count)
      let average = gradient.reduce(0) { $0 + Double($1) } / count
      let slope =
        zip(gradient, samples).reduce(0) { $0 + Double($1.0) * (Double($1.1) - mean) } / (count * deviation)
      return zip(gradient, samples).map { g, x in
        Float((Double(g) - average - (Double(x) - mean) / deviation * slope) / deviation)
      }
    }
  }

  /// The samples before scaling are `shift + factor` times those after it; nil where there is no scaling.
  func gain(of samples: [Float]) -> (shift: Float, factor: Float)? {
    switch scaling {
    case .none: return nil
    case .factor(let factor): return (0, Float(1 / factor))
    case .peak:
      let peak = samples.reduce(0) { max($0, abs($1)) }
      return peak > 0 ? (0, peak) : nil
    case .standard(let epsilon):
      let (mean, deviation) = Self.statistics(samples, epsilon)
      return (Float(mean), Float(deviation))
    }
  }

  private static func statistics(_ samples: [Float], _ epsilon: Double) -> (mean: Double, deviation: Double) {
    let count = Double(max(1, samples.count))
    let mean = samples.reduce(0) { $0 + Double($1) } / count
    let squares = samples.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    return (mean, (squares / count + epsilon).squareRoot())
  }

  /// Its own transposed derivative.
  private func centred(_ samples: [Float]) -> [Float] {
    guard removesMean, !samples.isEmpty else { return samples }
    let mean = samples.reduce(0) { $0 + Double($1) } / Double(samples.count)
    return samples.map { Float(Double($0) - mean) }
  }

  private func uncentred(_ gradient: [Float]) -> [Float] { centred(gradient) }

  private func emphasised(_ samples: [Float]) -> [Float] {
    guard preEmphasis != 0, let first = samples.first else { return samples }
    let factor = Float(preEmphasis)
    return [first] + zip(samples.dropFirst(), samples).map { $0 - factor * $1 }
  }

  private func unemphasised(_ gradient: [Float]) -> [Float] {
    guard preEmphasis != 0, let last = gradient.last else { return gradient }
    let factor = Float(preEmphasis)
    return zip(gradient, gradient.dropFirst()).map { $0 - factor * $1 } + [last]
  }
}

extension FrontEnd {
  /// Which of `count` samples stands at each place of a sound filled up to one patch; nil where nothing is filled up
  /// but zeros.
  func filling(samples count: Int) -> [Int?]? {
    let whole = preparedCount(samples: 0)
    guard patch.fill != .zeros, count > 0, count < whole else { return nil }
    return (0..<whole).map { place in
      switch patch.fill {
      case .zeros: place < count ? place : nil
      case .copies: place < whole / count * count ? place % count : nil
      case .wrap: place % count
      case .edge: min(place, count - 1)
      }
    }
  }
}
