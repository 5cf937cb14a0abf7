public import Tensors

/// SmoothGrad: what gradients at noisy copies of the input have in common, `(1/n) Σ g(x + εᵢ)`, `ε ~ N(0, σ²)`, where
/// `g` is the gradient, or another attribution made of one.
///
/// Smilkov et al., 2017: 50 samples, σ a share of the input's range (max − min of each row; 15 % here). Captum's
/// `NoiseTunnel` takes an absolute σ: `.absolute`. Its types are `statistic`: `smoothgrad`, `smoothgrad_sq`, `vargrad`.
public struct SmoothGrad: InputMethod {
  public enum Sigma: Sendable, Hashable {
    /// Of the row's range.
    case relative(Float)
    /// In units of the input.
    case absolute(Float)
  }

  /// What is told of the samples' attributions, place by place.
  public enum Statistic: Sendable, Hashable {
    /// Their mean.
    case mean
    /// The mean of their squares (Hooker et al., A Benchmark for Interpretability Methods, 2019).
    case meanOfSquares
    /// Their variance, `mean g² − (mean g)²` (Adebayo et al., Local Explanation Methods, 2018).
    case variance
  }

  /// How many noisy copies of each row; at least one.
  public let samples: Int
  public let sigma: Sigma
  /// Of the drawn noise: the same seed draws the same numbers.
  public let seed: UInt64
  /// Noise to use instead of drawn one: `[samples] + shape of one row`, added to every row alike. It decides the number
  /// of samples.
  public let noise: Tensor?
  public let statistic: Statistic

  /// Told the number of samples done, over all rows.
  public var control = RunControl()

  /// What σ is counted in.
  public var unit = "log-mel units"

  public var asksForGradientsOnly: Bool { true }

  /// What is averaged.
  private var inner: any InputMethod = Saliency(signed: true)

  public init(
    samples: Int = 50, sigma: Sigma = .relative(0.15), seed: UInt64 = 0, noise: Tensor? = nil,
    statistic: Statistic = .mean
  ) {
    self.samples = max(1, samples)
    self.sigma = sigma
    self.seed = seed
    self.noise = noise
    self.statistic = statistic
  }

  /// The same of another method's attributions.
  public func of(_ inner: any InputMethod) -> SmoothGrad {
    var result = self
    result.inner = inner
    return result
  }

  public func attribute(_ function: some ScoreFunction, at x: Tensor) throws -> Tensor {
    let rows = x.shape[0]
    let row = Shape(Array(x.shape.dimensions.dropFirst()))
    if let noise,
      noise.shape.rank == 0 || noise.shape[0] == 0
        || noise.shape.dimensions.dropFirst() != row.dimensions[...]
    {
      throw ExplainError.noise(expected: "[samples] + \(row)", got: noise.shape)
    }
    let samples = noise?.shape[0] ?? samples
    let step = copiesAtOnce(ofRow: row.count)
    var generator = GaussianGenerator(seed: seed)
    return try x.eachRow { index, clean in
      var moments = Moments(count: row.count, squared: statistic != .mean)
      for start in stride(from: 0, to: samples, by: step) {
        let copies = start..<min(start + step, samples)
        let noisy = noisyCopies(of: clean, copies, row, &generator)
        moments.add(try inner.attribute(function, at: noisy))
        try control.report(index * samples + copies.upperBound, of: rows * samples)
      }
      return Tensor(clean.shape, moments.values(statistic, samples: samples))
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

  public func parameters(at row: Tensor) -> [(name: String, value: String)] {
    if let noise { return [("samples", String(noise.shape.dimensions.first ?? 0)), ("noise", "given")] }
    var rule = ""
    if case .relative(let share) = sigma { rule = " (\(Int((share * 100).rounded())) % of the clip's range)" }
    return [
      ("samples", String(samples)), ("sigma", "\(absoluteSigma(for: row)) \(unit)" + rule),
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
          generator.fill(noisy)
          for start in stride(from: 0, to: noisy.count, by: max(1, size)) {
            for place in 0..<size { noisy[start + place] = clean[place] + sigma * noisy[start + place] }
          }
        }
      }
    }
  }

  /// Sums over samples, in double precision.
  private struct Moments {
    private var sums: [Double]
    private var squares: [Double]

    init(count: Int, squared: Bool) {
      sums = [Double](repeating: 0, count: count)
      squares = squared ? sums : []
    }

    /// Adds every row of `attributions`.
    mutating func add(_ attributions: Tensor) {
      sums.withUnsafeMutableBufferPointer { sums in
        squares.withUnsafeMutableBufferPointer { squares in
          attributions.withUnsafeValues { values in
            for start in stride(from: 0, to: values.count, by: max(1, sums.count)) {
              for place in sums.indices { sums[place] += Double(values[start + place]) }
              for place in squares.indices {
                squares[place] += Double(values[start + place]) * Double(values[start + place])
              }
            }
          }
        }
      }
    }

    func values(_ statistic: Statistic, samples: Int) -> [Float] {
      let count = Double(samples)
      switch statistic {
      case .mean: return sums.map { Float($0 / count) }
      case .meanOfSquares: return squares.map { Float($0 / count) }
      case .variance:
        // What rounding leaves below nought is nought.
        return zip(sums, squares).map { Float(max(0, $1 / count - $0 / count * ($0 / count))) }
      }
    }
  }
}

extension AttributionMethod {
  public static let smoothGrad = tunnel(
    "smoothgrad", title: "SmoothGrad", quantity: "|mean ∂logit / ∂log-mel|", .mean)
  public static let squaredSmoothGrad = tunnel(
    "smoothgrad-squared", title: "SmoothGrad squared", quantity: "mean (∂logit / ∂log-mel)²", .meanOfSquares)
  public static let varGrad = tunnel(
    "vargrad", title: "VarGrad", quantity: "variance of ∂logit / ∂log-mel", .variance)

  private static func tunnel(
    _ name: String, title: String, quantity: String, _ statistic: SmoothGrad.Statistic
  ) -> AttributionMethod {
    AttributionMethod(name, title: title, quantity: quantity, isShownAsMagnitude: statistic == .mean) {
      settings in
      var method = SmoothGrad(
        samples: settings.samples ?? 50,
        sigma: settings.sigma.map { .absolute($0) } ?? .relative(settings.domain.noiseShare),
        seed: settings.seed, noise: settings.noise, statistic: statistic)
      method.unit = "\(settings.domain.unit) units"
      method.control = settings.control
      return .input(method)
    }
  }
}
