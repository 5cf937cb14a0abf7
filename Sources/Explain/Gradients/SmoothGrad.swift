public import Tensors

/// SmoothGrad: the mean of the gradients at noisy copies of the input, `(1/n) Σ ∂score/∂x (x + εᵢ)`,
/// `ε ~ N(0, σ²)`. Signed.
///
/// Smilkov et al., 2017: 50 samples, σ a share of the input's range (max − min of each row; 15 % here). Captum's
/// `NoiseTunnel` takes an absolute σ: `.absolute`.
public struct SmoothGrad: InputMethod {
  public enum Sigma: Sendable, Hashable {
    /// Of the row's range.
    case relative(Float)
    /// In units of the input.
    case absolute(Float)
  }

  /// How many noisy copies of each row; at least one.
  public let samples: Int
  public let sigma: Sigma
  /// Of the drawn noise: the same seed draws the same numbers.
  public let seed: UInt64
  /// Noise to use instead of drawn one: `[samples] + shape of one row`, added to every row alike. It decides the number
  /// of samples.
  public let noise: Tensor?

  /// Called with the number of samples done and their total, over all rows.
  public var progress: @Sendable (Int, Int) -> Void = { _, _ in }

  public init(samples: Int = 50, sigma: Sigma = .relative(0.15), seed: UInt64 = 0, noise: Tensor? = nil) {
    self.samples = max(1, samples)
    self.sigma = sigma
    self.seed = seed
    self.noise = noise
  }

  public func attribute(_ function: some ScoreFunction, at x: Tensor) throws -> Tensor {
    let rows = x.shape[0]
    let row = Shape(Array(x.shape.dimensions.dropFirst()))
    if let noise,
      noise.shape.rank == 0 || noise.shape[0] == 0
        || noise.shape.dimensions.dropFirst() != row.dimensions[...]
    {
      throw ExplainError.noise(expected: "[samples] + \(row)", got: noise.shape.description)
    }
    let samples = noise?.shape[0] ?? samples
    let step = copiesAtOnce(ofRow: row.count)
    var generator = GaussianGenerator(seed: seed)
    var means: [Tensor] = []
    for index in 0..<rows {
      let clean = x.rows(index..<index + 1)
      var sums = [Double](repeating: 0, count: row.count)
      for start in stride(from: 0, to: samples, by: step) {
        let copies = start..<min(start + step, samples)
        let noisy = noisyCopies(of: clean, copies, row, &generator)
        add(try function.gradient(at: noisy), to: &sums)
        progress(index * samples + copies.upperBound, rows * samples)
      }
      means.append(Tensor(clean.shape, sums.map { Float($0 / Double(samples)) }))
    }
    return means.isEmpty ? x : Tensor(joining: means)
  }

  /// σ in units of the input.
  public func absoluteSigma(for row: Tensor) -> Float {
    switch sigma {
    case .absolute(let sigma): return sigma
    case .relative(let share):
      return row.withUnsafeValues { share * (($0.max() ?? 0) - ($0.min() ?? 0)) }
    }
  }

  /// What decides the result for `row`, by name, for reports.
  func parameters(at row: Tensor) -> [(name: String, value: String)] {
    if let noise { return [("samples", String(noise.shape.dimensions.first ?? 0)), ("noise", "given")] }
    var rule = ""
    if case .relative(let share) = sigma { rule = " (\(Int((share * 100).rounded())) % of the clip's range)" }
    return [
      ("samples", String(samples)), ("sigma", "\(absoluteSigma(for: row)) log-mel units" + rule),
      ("seed", String(seed)),
    ]
  }

  /// Copies `range` of all noisy copies of the row `clean`.
  private func noisyCopies(
    of clean: Tensor, _ range: Range<Int>, _ row: Shape, _ generator: inout GaussianGenerator
  ) -> Tensor {
    let size = row.count
    let sigma = absoluteSigma(for: clean)
    return Tensor(unsafeUninitialized: Shape([range.count] + row.dimensions)) { noisy in
      clean.withUnsafeValues { clean in
        if let noise = noise?.rows(range) {
          noise.withUnsafeValues { noise in
            for start in stride(from: 0, to: noisy.count, by: max(1, size)) {
              for place in 0..<size { noisy[start + place] = clean[place] + noise[start + place] }
            }
          }
        } else {
          for start in stride(from: 0, to: noisy.count, by: max(1, size)) {
            for place in 0..<size { noisy[start + place] = clean[place] + sigma * generator.next() }
          }
        }
      }
    }
  }

  /// Adds every row of `gradients` to `sums`.
  private func add(_ gradients: Tensor, to sums: inout [Double]) {
    sums.withUnsafeMutableBufferPointer { sums in
      gradients.withUnsafeValues { values in
        for start in stride(from: 0, to: values.count, by: max(1, sums.count)) {
          for place in sums.indices { sums[place] += Double(values[start + place]) }
        }
      }
    }
  }
}
