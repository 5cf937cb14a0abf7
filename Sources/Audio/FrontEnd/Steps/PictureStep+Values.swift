package import Tensors

extension PictureStep {
  /// - Parameter picture: `[frames, bands]`, or `[channels, frames, bands]`, whose maxima and statistics "of all" are
  ///   those of all channels.
  func apply(to picture: Tensor) -> Tensor {
    switch self {
    case .affine(let scale, let shift):
      return picture.mapped { Float(scale) * $0 + Float(shift) }
    case .statistics(let mean, let deviation):
      let (shifts, scales) = (mean.map { Float($0) }, deviation.map { Float(1 / $0) })
      let bands = picture.shape[picture.shape.rank - 1]
      return picture.mappedByPlace { value, place in
        let band = place % bands
        return (value - shifts[shifts.count == 1 ? 0 : band]) * scales[scales.count == 1 ? 0 : band]
      }
    case .standardise(let standardisation): return standardisation.apply(to: picture)
    case .subtractMaximum:
      let top = picture.maximum.value
      return picture.mapped { $0 - top }
    case .raiseToRange(let range):
      let lowest = picture.maximum.value - Float(range)
      return picture.mapped { max($0, lowest) }
    case .unitRange(let epsilon):
      let (low, high) = (picture.minimum.value, picture.maximum.value)
      let width = high - low + Float(epsilon)
      return picture.mapped { width > 0 ? ($0 - low) / width : 0 }
    case .unitPeak:
      let peak = abs(picture.peak.value)
      return picture.mapped { peak > 0 ? $0 / peak : 0 }
    case .clip(let lowest, let highest):
      return picture.mapped { min(max($0, Float(lowest)), Float(highest)) }
    case .cepstra(let cepstra):
      return picture.alongLastAxis(cepstra.matrix(bands: picture.shape[picture.shape.rank - 1]))
    }
  }

  /// `Σ gradient · ∂y/∂x` at a picture `x`. Where several values are the largest, the first one counts.
  func pullback(_ gradient: Tensor, at picture: Tensor) -> Tensor {
    switch self {
    case .affine(let scale, _): return gradient.mapped { Float(scale) * $0 }
    case .statistics(_, let deviation):
      let scales = deviation.map { Float(1 / $0) }
      let bands = picture.shape[picture.shape.rank - 1]
      return gradient.mappedByPlace { $0 * scales[scales.count == 1 ? 0 : $1 % bands] }
    case .standardise(let standardisation): return standardisation.pullback(gradient, at: picture)
    case .subtractMaximum:
      return gradient.adding(-gradient.sum, at: picture.maximum.place)
    case .raiseToRange(let range):
      let top = picture.maximum
      let lowest = top.value - Float(range)
      return picture.withUnsafeValues { x in
        let raised = gradient.mappedByPlace { x[$1] < lowest ? $0 : 0 }
        let kept = gradient.mappedByPlace { x[$1] < lowest ? 0 : $0 }
        return kept.adding(raised.sum, at: top.place)
      }
    case .unitRange(let epsilon):
      let (low, high) = (picture.minimum, picture.maximum)
      let width = Double(high.value - low.value) + epsilon
      guard width > 0 else { return Tensor(gradient.shape) }
      let (above, below) = picture.withUnsafeValues { x in
        gradient.withUnsafeValues { g in
          x.indices.reduce(into: (0.0, 0.0)) { sums, place in
            let share = Double(x[place] - low.value) / width
            sums.0 += Double(g[place]) * share
            sums.1 += Double(g[place]) * (1 - share)
          }
        }
      }
      return gradient.mapped { Float(Double($0) / width) }
        .adding(-above / width, at: high.place)
        .adding(-below / width, at: low.place)
    case .unitPeak:
      let top = picture.peak
      guard top.value != 0 else { return Tensor(gradient.shape) }
      let share = picture.withUnsafeValues { x in
        gradient.withUnsafeValues { g in
          x.indices.reduce(0.0) { $0 + Double(g[$1]) * Double(x[$1]) / Double(abs(top.value)) }
        }
      }
      return gradient.mapped { $0 / abs(top.value) }.adding(-share / Double(top.value), at: top.place)
    case .clip(let lowest, let highest):
      return picture.withUnsafeValues { x in
        gradient.mappedByPlace { x[$1] < Float(lowest) || x[$1] > Float(highest) ? 0 : $0 }
      }
    case .cepstra(let cepstra):
      return gradient.alongLastAxis(
        cepstra.matrix(bands: picture.shape[picture.shape.rank - 1]).transposed)
    }
  }
}

extension PictureStep.Cepstra {
  /// `[count, bands]`: a coefficient is the sum over bands of weight times value.
  package func matrix(bands: Int) -> Tensor {
    Tensor(
      [count, bands],
      (0..<count).flatMap { index -> [Float] in
        let norm =
          isOrthonormal ? ((index == 0 ? 1 : 2) / Double(bands)).squareRoot() : 2
        return (0..<bands).map { band in
          let angle = Double.pi * Double(index) * (Double(band) + 0.5) / Double(bands)
          return Float(norm * lifter.gain(index) * cosine(angle))
        }
      })
  }
}
