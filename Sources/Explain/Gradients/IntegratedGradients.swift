import Glibc
public import Tensors

/// Integrated gradients: `(x − b) · ∫₀¹ ∂score/∂x (b + α (x − b)) dα`, the integral by Gauss-Legendre quadrature.
///
/// Sundararajan et al., 2017. The attributions of a row sum to `score(x) − score(b)`, up to the quadrature's error.
/// Captum's `IntegratedGradients` with `method="gausslegendre"` and as many `n_steps`.
///
/// Along the path the gradient of a network of rectifiers jumps at every kink, and the quadrature's error falls only as
/// `1 / steps`. With a `tolerance`, paths whose error is larger are taken again in pieces, halved where their share of the
/// score's change is not yet met (`PathRefinement`).
public struct IntegratedGradients: InputMethod {
  /// Points of the path at which gradients are taken; at least one.
  public let steps: Int
  /// How far a row's sum may be from what its score gained, relative to that; nil leaves it at `steps` points.
  public let tolerance: Double?
  /// Where the path begins.
  public let baseline: Baseline

  /// Told the number of steps done, over all rows.
  public var control = RunControl()

  public init(steps: Int = 50, baseline: Baseline = .constant(0), tolerance: Double? = nil) {
    self.steps = max(1, steps)
    self.tolerance = tolerance
    self.baseline = baseline
  }

  public var usesBaseline: Bool { true }
  public var asksForGradientsOnly: Bool { true }

  public func parameters(at x: Tensor) -> [(name: String, value: String)] {
    [("steps", String(steps))] + (tolerance.map { [("tolerance", String($0))] } ?? [])
  }

  public func attribute(_ function: some ScoreFunction, at x: Tensor) throws -> Tensor {
    let rows = x.shape[0]
    let size = rows == 0 ? 0 : x.count / rows
    let points = Self.quadrature(steps)
    let baselines = try baseline.rows(like: x)
    let step = copiesAtOnce(ofRow: size)
    return try x.eachRow { index, row in
      let start = baselines.rows(index..<index + 1)
      var sums = [Double](repeating: 0, count: size)
      for first in stride(from: 0, to: steps, by: step) {
        let part = points[first..<min(first + step, steps)]
        let gradients = try function.gradient(at: path(from: start, to: row, part.map(\.place)))
        gradients.withUnsafeValues { values in
          for (copy, point) in part.enumerated() {
            for place in 0..<size { sums[place] += point.weight * Double(values[copy * size + place]) }
          }
        }
        try control.report(index * steps + part.endIndex, of: rows * steps)
      }
      if let tolerance {
        let refinement = PathRefinement(start: start, end: row, tolerance: tolerance)
        if let refined = try refinement.means(function, unless: sums) { sums = refined }
      }
      return Tensor(
        row.shape, zip(zip(row.values, start.values), sums).map { Float(Double($0.0 - $0.1) * $1) })
    }
  }

  /// The nodes and weights of `count`-point Gauss-Legendre quadrature on 0...1: the roots of the Legendre polynomial,
  /// by Newton's method from Tricomi's approximation.
  static func quadrature(_ count: Int) -> [(place: Double, weight: Double)] {
    (0..<count).map { index in
      var root = -cos(Double.pi * (Double(index) + 0.75) / (Double(count) + 0.5))
      var slope = 1.0
      for _ in 0..<100 {
        var (before, value) = (1.0, root)
        for degree in stride(from: 2, through: count, by: 1) {
          let n = Double(degree)
          (before, value) = (value, ((2 * n - 1) * root * value - (n - 1) * before) / n)
        }
        slope = Double(count) * (root * value - before) / (root * root - 1)
        let correction = value / slope
        root -= correction
        if abs(correction) < 1e-15 { break }
      }
      return ((1 + root) / 2, 1 / ((1 - root * root) * slope * slope))
    }
  }
}

/// Copies of a row of `count` elements evaluated at once: enough to fill the network's runs, and at most 16 MiB unless
/// one copy is larger. Of `total` copies, so that each time there are about as many.
func copiesAtOnce(ofRow count: Int, atMost most: Int = 16, of total: Int? = nil) -> Int {
  let largest = max(1, min(most, (4 << 20) / max(1, count)))
  guard let total, total > 0 else { return largest }
  let times = (total + largest - 1) / largest
  return (total + times - 1) / times
}

extension AttributionMethod {
  public static let integratedGradients = AttributionMethod(
    "integrated-gradients", title: "Integrated gradients", quantity: "logit per bin"
  ) { settings in
    var method = IntegratedGradients(
      steps: settings.steps, baseline: settings.nothing, tolerance: settings.tolerance)
    method.control = settings.control
    return .input(method)
  }
}
