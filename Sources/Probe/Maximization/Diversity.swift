import Fourier
package import Tensors

/// How alike the answers to one question are: for each, the mean of the cosines between its power spectra along time and
/// those of the others.
///
/// The power spectrum of each band's course does not change when the picture moves along time, so that two answers of which
/// one is the other a little later count as the same. With `P` the spectra of all bands of a picture less its mean value,
/// `similarity[i] = Σ_{j≠i} P_i·P_j / (|P_i||P_j|) / (answers − 1)`. Olah et al. (2017) compare activations' Gram matrices
/// instead, which know nothing of time.
package struct Similarity: Regularizer {
  /// Answers to one question lie in rows one after another.
  package let answers: Int

  package init(answers: Int) { self.answers = max(1, answers) }

  package func values(_ pictures: Tensor, _ shape: CanvasShape) -> [Double] {
    let powers = (0..<pictures.shape[0]).map { Powers(pictures, row: $0, shape) }
    return powers.indices.map { row in
      let others = companions(of: row, in: powers.count)
      guard !others.isEmpty else { return 0 }
      return others.reduce(0) { $0 + powers[row].cosine(with: powers[$1]) } / Double(answers - 1)
    }
  }

  package func gradient(_ pictures: Tensor, _ shape: CanvasShape) -> Tensor {
    guard answers > 1 else { return Tensor(pictures.shape) }
    let powers = (0..<pictures.shape[0]).map { Powers(pictures, row: $0, shape) }
    var gradients: [Float] = []
    for row in powers.indices {
      var slopes = [Double](repeating: 0, count: powers[row].values.count)
      // Each pair counts in the values of both.
      for other in companions(of: row, in: powers.count) {
        powers[row].addCosineSlopes(with: powers[other], times: 2 / Double(answers - 1), to: &slopes)
      }
      gradients += powers[row].pullback(slopes, shape)
    }
    return Tensor(pictures.shape, gradients)
  }

  private func companions(of row: Int, in rows: Int) -> [Int] {
    let first = row / answers * answers
    return (first..<min(rows, first + answers)).filter { $0 != row }
  }
}

/// The power spectra along time of all bands of one picture.
private struct Powers {
  /// `[bands, frames / 2 + 1]`
  let values: [Double]
  let norm: Double
  /// Real and imaginary parts.
  private let parts: [Double]

  init(_ pictures: Tensor, row: Int, _ shape: CanvasShape) {
    let (frames, bands) = (shape.frames, shape.bands)
    let plan = RealFourierPlan.shared(frames)
    let buffers = RealFourierBuffers(frames)
    var (values, parts) = ([Double](), [Double]())
    pictures.withUnsafeValues { all in
      let picture = UnsafeBufferPointer(rebasing: all[row * shape.count..<(row + 1) * shape.count])
      let mean = picture.reduce(0) { $0 + Double($1) } / Double(shape.count)
      for band in 0..<bands {
        for frame in 0..<frames { buffers.samples[frame] = Double(picture[frame * bands + band]) - mean }
        plan.transform(buffers)
        for bin in 0..<plan.bins {
          let (real, imaginary) = (buffers.parts[2 * bin], buffers.parts[2 * bin + 1])
          parts += [real, imaginary]
          values.append(real * real + imaginary * imaginary)
        }
      }
    }
    (self.values, self.parts) = (values, parts)
    norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  func cosine(with other: Powers) -> Double {
    let product = zip(values, other.values).reduce(0) { $0 + $1.0 * $1.1 }
    return norm > 0 && other.norm > 0 ? product / (norm * other.norm) : 0
  }

  /// `∂cosine/∂P = P_j / (|P_i||P_j|) − cosine · P_i / |P_i|²`
  func addCosineSlopes(with other: Powers, times weight: Double, to slopes: inout [Double]) {
    guard norm > 0, other.norm > 0 else { return }
    let cosine = cosine(with: other)
    for place in slopes.indices {
      slopes[place] +=
        weight * (other.values[place] / (norm * other.norm) - cosine * values[place] / (norm * norm))
    }
  }

  /// With respect to the picture: `∂P[k]/∂x[n] = 2 Re(X[k] e^(2πikn/frames))`, less the mean over the picture.
  func pullback(_ slopes: [Double], _ shape: CanvasShape) -> [Float] {
    let (frames, bands) = (shape.frames, shape.bands)
    let plan = RealFourierPlan.shared(frames)
    let buffers = RealFourierBuffers(frames)
    var gradient = [Double](repeating: 0, count: shape.count)
    for band in 0..<bands {
      for bin in 0..<plan.bins {
        let place = band * plan.bins + bin
        // The way back counts the bins between the first and the middle one twice; they are there once.
        let share = bin == 0 || 2 * bin == frames ? 2.0 : 1.0
        buffers.parts[2 * bin] = share * slopes[place] * parts[2 * place]
        buffers.parts[2 * bin + 1] = share * slopes[place] * parts[2 * place + 1]
      }
      plan.transformBack(buffers)
      for frame in 0..<frames { gradient[frame * bands + band] = buffers.samples[frame] }
    }
    let mean = gradient.reduce(0, +) / Double(shape.count)
    return gradient.map { Float($0 - mean) }
  }
}
