import Glibc
public import Tensors

/// LIME: a linear model of what the segments of a picture do for its score.
///
/// Segments are kept or replaced by a baseline at random, each with probability ½; `c` of the ridge regression
/// `min Σ_i w_i (f(z_i) − b − z_i · c)² + α |c|²` says what keeping a segment adds to the score, painted over its bins.
/// The first sample keeps all; the closer to it, the more a sample weighs: `w = √exp(−d² / width²)`, `d` the cosine
/// distance to all ones, `1 − √(k / M)` for `k` of `M` segments kept.
///
/// Ribeiro et al., KDD 2016; for sounds, Mishra et al., ISMIR 2017 (SoundLIME). The definitions and numbers of the `lime`
/// package's images (`lime_image`, `lime_base`: all features used, `Ridge(alpha=1)`), but that the score is a logit here.
public struct LIME: InputMethod {
  public let grid: SegmentGrid
  /// At least one.
  public let samples: Int
  public let baseline: Baseline
  /// Of the kernel.
  public let width: Double
  /// Of the ridge regression.
  public let alpha: Double
  public let seed: UInt64
  /// Told the number of samples done, over all rows.
  public var control = RunControl()

  public init(
    grid: SegmentGrid = .timeFrequency, samples: Int = 1000, baseline: Baseline = .constant(0),
    width: Double = 0.25,
    alpha: Double = 1, seed: UInt64 = 0
  ) {
    precondition(width > 0 && alpha >= 0, "a kernel of width \(width) and a ridge of \(alpha)")
    self.grid = grid
    self.samples = max(1, samples)
    self.baseline = baseline
    (self.width, self.alpha, self.seed) = (width, alpha, seed)
  }

  public var usesBaseline: Bool { true }

  public func parameters(at x: Tensor) -> [(name: String, value: String)] {
    [("segments", grid.description)] + regressionParameters
  }

  var regressionParameters: [(name: String, value: String)] {
    [
      ("samples", String(samples)), ("kernel width", String(width)),
      ("ridge", String(alpha)), ("seed", String(seed)),
    ]
  }

  /// - Throws: `ExplainError.segments` for more than 4096.
  public func attribute(_ function: some ScoreFunction, at x: Tensor) throws -> Tensor {
    guard x.count > 0 else { return x }
    let rows = x.shape[0]
    let segments = try Segments(grid, rowsOf: x)
    let baselines = try baseline.rows(like: x)
    return try x.eachRow { index, row in
      let game = segments.game(function, row, over: baselines.rows(index..<index + 1)) { done in
        try control.report(index * samples + done, of: rows * samples)
      }
      return segments.painted(try coefficients(of: game), like: row)
    }
  }

  /// What keeping each part adds to the score.
  func coefficients(of game: CoalitionGame) throws -> [Double] {
    // What the score is measured from makes no difference to slopes, but a constant score leaves nothing to rounding.
    let reference = try game.scores([[Bool](repeating: true, count: game.parts)])[0]
    return try game.regression(on: choices(of: game.parts), reference: reference).ridge(alpha: alpha)
  }

  /// The samples with their weights.
  private func choices(of parts: Int) -> some Sequence<Coalition> {
    var generator = GaussianGenerator(seed: seed)
    return (0..<samples).lazy.map { sample in
      let kept = (0..<parts).map { _ in sample == 0 || generator.uniform() <= 0.5 }
      return Coalition(kept: kept, weight: weight(of: kept))
    }
  }

  func weight(of kept: [Bool]) -> Double {
    let share = Double(kept.count { $0 }) / Double(max(1, kept.count))
    let distance = 1 - share.squareRoot()
    return exp(-distance * distance / (width * width)).squareRoot()
  }
}

extension AttributionMethod {
  public static let limeTime = lime("lime-time", title: "LIME over time", .time)
  public static let limeFrequency = lime("lime-frequency", title: "LIME over frequency", .frequency)
  public static let lime = lime("lime", title: "LIME", .timeFrequency)

  private static func lime(_ name: String, title: String, _ grid: SegmentGrid) -> AttributionMethod {
    AttributionMethod(name, title: title, quantity: "logit per segment kept") { settings in
      var method = LIME(
        grid: settings.grid(grid), samples: settings.samples ?? 1000, baseline: settings.nothing,
        seed: settings.seed)
      method.control = settings.control
      return .input(method)
    }
  }
}
