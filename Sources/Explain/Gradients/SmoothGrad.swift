public import Tensors

/// SmoothGrad: the mean of the gradients at noisy copies of the input, `(1/n) Σ ∂score/∂x (x + εᵢ)`,
/// `ε ~ N(0, σ²)`. Signed.
///
/// Smilkov et al., 2017: 50 samples, σ a share of the input's range (max − min of each row; 15 % here). Captum's
/// `NoiseTunnel` takes an absolute σ: `.absolute`.
public struct SmoothGrad: GradientMethod {
  public enum Sigma: Sendable, Hashable {
    /// Of the row's range.
    case relative(Float)
    /// In units of the input.
    case absolute(Float)
  }

  public var samples: Int
  public var sigma: Sigma
  public var seed: UInt64
  /// Noise to use instead of drawn one: `[samples] + shape of one row`, added to every row alike.
  public var noise: Tensor?

  /// Called with the number of samples done and their total, over all rows.
  public var progress: @Sendable (Int, Int) -> Void = { _, _ in }

  /// Noisy copies evaluated at once; bounds the memory.
  private static let copiesAtOnce = 16

  public init(samples: Int = 50, sigma: Sigma = .relative(0.15), seed: UInt64 = 0, noise: Tensor? = nil) {
    self.samples = max(1, samples)
    self.sigma = sigma
    self.seed = seed
    self.noise = noise
  }

  public func attribute(_ function: some ScoreFunction, at x: Tensor) throws -> Tensor {
    let rows = x.shape[0]
    let row = Shape(Array(x.shape.dimensions.dropFirst()))
    if let noise, noise.shape.rank == 0 || Array(noise.shape.dimensions.dropFirst()) != row.dimensions {
      throw ExplainError.noise(expected: "[samples] + \(row)", got: noise.shape.description)
    }
    let samples = noise?.shape[0] ?? samples
    var generator = GaussianGenerator(seed: seed)
    var result = Tensor(x.shape)
    for index in 0..<rows {
      let clean = x.rows(index..<index + 1)
      var sums = [Double](repeating: 0, count: row.count)
      for start in stride(from: 0, to: samples, by: Self.copiesAtOnce) {
        let copies = start..<min(start + Self.copiesAtOnce, samples)
        let noisy = noisyCopies(of: clean, copies, row, &generator)
        try function.gradient(at: noisy).withUnsafeValues { values in
          for (place, value) in values.enumerated() { sums[place % row.count] += Double(value) }
        }
        progress(index * samples + copies.upperBound, rows * samples)
      }
      result.withUnsafeMutableValues { values in
        for (place, sum) in sums.enumerated() { values[index * row.count + place] = Float(sum / Double(samples)) }
      }
    }
    return result
  }

  private func noisyCopies(
    of clean: Tensor, _ copies: Range<Int>, _ row: Shape, _ generator: inout GaussianGenerator
  ) -> Tensor {
    let sigma = absoluteSigma(for: clean)
    return Tensor(unsafeUninitialized: Shape([copies.count] + row.dimensions)) { noisy in
      clean.withUnsafeValues { clean in
        if let noise = noise?.rows(copies) {
          noise.withUnsafeValues { noise in
            for place in noisy.indices { noisy[place] = clean[place % clean.count] + noise[place] }
          }
        } else {
          for place in noisy.indices { noisy[place] = clean[place % clean.count] + sigma * generator.next() }
        }
      }
    }
  }

  /// σ in units of the input.
  public func absoluteSigma(for row: Tensor) -> Float {
    switch sigma {
    case .absolute(let sigma): return sigma
    case .relative(let share):
      return row.withUnsafeValues { share * (($0.max() ?? 0) - ($0.min() ?? 0)) }
    }
  }
}
