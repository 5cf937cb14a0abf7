public import Tensors

/// Kernel SHAP: how the difference between the score and the baseline's is shared among the segments of a picture.
///
/// A segment's Shapley value is the mean, over all orders in which segments may join, of what it adds to the score when
/// it does. The values are the `φ` that minimise `Σ_z w(z) (f(z) − f(∅) − z · φ)²` under `Σ φ = f(x) − f(baseline)`, where
/// `w(z) = (M − 1) / (C(M, k) k (M − k))` for `k` of `M` segments kept. Exact where all `2^M` coalitions fit into the
/// samples; otherwise see ``ShapleyCoalitions``. The value of a segment is painted over its bins.
///
/// Lundberg and Lee, NeurIPS 2017; `shap.KernelExplainer` without its selection of features (`l1_reg=0`), and its number
/// of samples, `2 M + 2048`. Captum's `KernelShap` solves the same with weights of 10⁶ for the constraint.
public struct KernelSHAP: InputMethod {
  public let grid: SegmentGrid
  /// nil for twice the segments and 2048.
  public let samples: Int?
  public let baseline: Baseline
  public let seed: UInt64
  /// Told the number of coalitions done, over all rows.
  public var control = RunControl()

  public init(
    grid: SegmentGrid = .coarse, samples: Int? = nil, baseline: Baseline = .constant(0),
    seed: UInt64 = 0
  ) {
    (self.grid, self.samples, self.baseline, self.seed) = (grid, samples, baseline, seed)
  }

  public var usesBaseline: Bool { true }

  public func parameters(at x: Tensor) -> [(name: String, value: String)] {
    var parameters = [("segments", grid.description)]
    if let count = try? Segments(grid, rowsOf: x).count {
      parameters.append(("coalitions", String(coalitions(of: count).count)))
    }
    return parameters + [("seed", String(seed))]
  }

  /// - Throws: `ExplainError.segments` for more than 4096.
  public func attribute(_ function: some ScoreFunction, at x: Tensor) throws -> Tensor {
    guard x.count > 0 else { return x }
    let rows = x.shape[0]
    let segments = try Segments(grid, rowsOf: x)
    let baselines = try baseline.rows(like: x)
    let coalitions = coalitions(of: segments.count)
    return try x.eachRow { index, row in
      let game = segments.game(function, row, over: baselines.rows(index..<index + 1)) { done in
        try control.report(index * coalitions.count + done, of: rows * coalitions.count)
      }
      let ends = try game.scores([true, false].map { [Bool](repeating: $0, count: segments.count) })
      let regression = try game.regression(on: coalitions, reference: ends[1])
      return segments.painted(regression.constrained(to: ends[0] - ends[1]), like: row)
    }
  }

  private func coalitions(of parts: Int) -> ShapleyCoalitions {
    ShapleyCoalitions(parts: parts, samples: samples ?? 2 * parts + 2048, seed: seed)
  }
}

extension AttributionMethod {
  public static let kernelSHAP = AttributionMethod(
    "kernel-shap", title: "Kernel SHAP", quantity: "Shapley value of a segment, in logits"
  ) { settings in
    var method = KernelSHAP(
      grid: settings.grid(.coarse), samples: settings.samples, baseline: settings.nothing,
      seed: settings.seed)
    method.control = settings.control
    return .input(method)
  }
}
