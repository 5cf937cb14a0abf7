public import Tensors

/// Expected gradients: integrated gradients averaged over where the path may begin, `E[(x − b) · ∂score/∂x (b + α (x − b))]`
/// over backgrounds `b` and `α` from 0...1.
///
/// Erion et al., Nature Machine Intelligence 2021; Captum's `GradientShap` with `stdevs=0`, but that nothing is drawn:
/// sample `i` goes from background `i mod k` to `α`, the fraction of `½ + i · (√5 − 1) / 2`, which spreads evenly for each
/// background. The same mean with less noise. A row's attributions sum to about `score(x) − E[score(b)]`.
public struct ExpectedGradients: InputMethod {
  /// Draws; at least one.
  public let samples: Int
  /// `[k] + shape of one row`.
  public let backgrounds: Tensor
  /// Told the number of samples done, over all rows.
  public var control = RunControl()

  public init(backgrounds: Tensor, samples: Int = 200) {
    self.backgrounds = backgrounds
    self.samples = max(1, samples)
  }

  public var asksForGradientsOnly: Bool { true }

  /// - Throws: `ExplainError.baseline` where the backgrounds are not rows of the same shape.
  public func attribute(_ function: some ScoreFunction, at x: Tensor) throws -> Tensor {
    guard backgrounds.shape.rank == x.shape.rank, backgrounds.shape.dimensions.first ?? 0 > 0,
      backgrounds.shape.dimensions.dropFirst() == x.shape.dimensions.dropFirst()
    else {
      throw ExplainError.baseline(
        expected: "backgrounds shaped as the rows of \(x.shape)", got: backgrounds.shape)
    }
    let rows = x.shape[0]
    let size = rows == 0 ? 0 : x.count / rows
    let places = Self.places(samples)
    let step = copiesAtOnce(ofRow: size)
    return try x.eachRow { index, row in
      var sums = [Double](repeating: 0, count: size)
      for first in stride(from: 0, to: samples, by: step) {
        let part = first..<min(first + step, samples)
        let points = part.map { (background: $0 % backgrounds.shape[0], place: places[$0]) }
        let gradients = try function.gradient(at: path(to: row, points))
        add(gradients, points, row, to: &sums)
        try control.report(index * samples + part.upperBound, of: rows * samples)
      }
      return Tensor(row.shape, sums.map { Float($0 / Double(samples)) })
    }
  }

  /// How far each sample goes from its background to the input.
  static func places(_ count: Int) -> [Float] {
    (0..<count).map { Float((0.5 + Double($0) * 0.618_033_988_749_895).truncatingRemainder(dividingBy: 1)) }
  }

  private func path(to row: Tensor, _ points: [(background: Int, place: Float)]) -> Tensor {
    let size = row.count
    return Tensor(unsafeUninitialized: Shape([points.count] + row.shape.dimensions.dropFirst())) { result in
      row.withUnsafeValues { row in
        backgrounds.withUnsafeValues { backgrounds in
          for (copy, point) in points.enumerated() {
            let start = point.background * size
            for place in 0..<size {
              let from = backgrounds[start + place]
              result[copy * size + place] = from + point.place * (row[place] - from)
            }
          }
        }
      }
    }
  }

  private func add(
    _ gradients: Tensor, _ points: [(background: Int, place: Float)], _ row: Tensor, to sums: inout [Double]
  ) {
    let size = row.count
    gradients.withUnsafeValues { gradients in
      backgrounds.withUnsafeValues { backgrounds in
        row.withUnsafeValues { row in
          for (copy, point) in points.enumerated() {
            for place in 0..<size {
              let way = row[place] - backgrounds[point.background * size + place]
              sums[place] += Double(way) * Double(gradients[copy * size + place])
            }
          }
        }
      }
    }
  }
}

extension AttributionMethod {
  /// Without backgrounds, from the baseline alone.
  public static let expectedGradients = AttributionMethod(
    "expected-gradients", title: "Expected gradients", quantity: "logit per bin"
  ) { settings in
    .input(
      FittedExpectedGradients(
        backgrounds: settings.backgrounds.isEmpty ? [settings.nothing] : settings.backgrounds,
        usesBaseline: settings.backgrounds.isEmpty, samples: settings.samples ?? 200,
        control: settings.control))
  }
}

/// Expected gradients whose backgrounds are made to fit each row.
private struct FittedExpectedGradients: InputMethod {
  let backgrounds: [Baseline]
  let usesBaseline: Bool
  let samples: Int
  let control: RunControl

  var asksForGradientsOnly: Bool { true }

  func parameters(at x: Tensor) -> [(name: String, value: String)] {
    [("samples", String(samples)), ("backgrounds", String(backgrounds.count))]
  }

  func attribute(_ function: some ScoreFunction, at x: Tensor) throws -> Tensor {
    let rows = x.shape[0]
    return try x.eachRow { index, row in
      var method = ExpectedGradients(
        backgrounds: Tensor(joining: try backgrounds.map { try $0.rows(like: row) }), samples: samples)
      method.control = control.part(index, of: rows)
      return try method.attribute(function, at: row)
    }
  }
}
