import Glibc
public import Graphs
public import Tensors

/// Score-CAM: each channel weighs as much as the score of what it lets through, without any gradient.
///
/// `cam[n, p] = max(0, Σ_c w[n, c] · A[n, c, p])`, `w` the softmax over channels of `score(b + H_c · (x − b))`, where `H_c`
/// is channel `c` brought to the size of the input and scaled to 0...1, and `b` the baseline. Wang et al., CVPR Workshops
/// 2020; pytorch-grad-cam's `ScoreCAM` where the baseline is zero, but for the resizing: here the centres of receptive
/// fields are aligned.
public struct ScoreCAM: ClassActivationMethod {
  public let baseline: Baseline
  /// How many channels are asked about in each row; nil for all.
  public let channels: Int?
  /// Called with the channels done and their number, over all rows.
  public var progress: @Sendable (Int, Int) -> Void = { _, _ in }

  public init(baseline: Baseline = .constant(0), channels: Int? = nil) {
    (self.baseline, self.channels) = (baseline, channels)
  }

  public var parameters: [(name: String, value: String)] {
    [("channels", channels.map { "the \($0) of the largest deviation" } ?? "all")]
  }

  public func map(_ score: NetworkScore, layer: TensorName, at x: Tensor) throws -> Tensor {
    let activations = try score.values(of: layer, at: x).withPlaces(layer)
    let rows = activations.shape[0]
    let channels = min(max(1, self.channels ?? activations.shape[1]), activations.shape[1])
    let baselines = try baseline.rows(like: x)
    let perChannel = Shape([channels, 1] + activations.shape.dimensions.dropFirst(2))
    let step = copiesAtOnce(ofRow: x.count / max(1, rows), atMost: 64)
    return try activations.eachRow { index, activations in
      let row = index..<index + 1
      let (clean, nothing) = (x.rows(row), baselines.rows(row))
      let liveliest = activations.liveliestChannels(channels)
      let values = liveliest.reshaped(to: perChannel)
      var scores: [Float] = []
      for start in stride(from: 0, to: channels, by: step) {
        let part = start..<min(start + step, channels)
        let masks = try score.resized(values.rows(part), of: layer, like: clean).rowsScaledToOne
        scores += try score.scores(at: masks.blending(clean, over: nothing))
        progress(index * channels + part.upperBound, rows * channels)
      }
      return liveliest.sumOverChannels(weights: Self.softmax(scores), rectified: true)
    }
  }

  private static func softmax(_ scores: [Float]) -> [Float] {
    let highest = scores.max() ?? 0
    let powers = scores.map { expf($0 - highest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }
}

extension AttributionMethod {
  public static let scoreCAM = AttributionMethod(
    "score-cam", title: "Score-CAM", quantity: "Score-CAM"
  ) { settings in
    var method = ScoreCAM(baseline: settings.nothing, channels: settings.samples)
    method.progress = settings.progress
    return .classActivation(method)
  }
}

extension Tensor {
  /// Of one row `[1, C, places…]`, the `count` channels of the largest variance over their places, in their own order.
  fileprivate func liveliestChannels(_ count: Int) -> Tensor {
    guard count < shape[1] else { return self }
    let channels = reshaped(to: Shape([shape[1], 1] + shape.dimensions.dropFirst(2)))
    let deviations = (0..<shape[1]).map { channels.rows($0..<$0 + 1).moments.deviation }
    let chosen = deviations.indices.sorted { (deviations[$0], $1) > (deviations[$1], $0) }.prefix(count)
      .sorted()
    return Tensor(joining: chosen.map { channels.rows($0..<$0 + 1) }).reshaped(
      to: Shape([1, count] + shape.dimensions.dropFirst(2)))
  }

  /// `b + m · (x − b)` for each row `m` of these masks, with one row each of `x` and `b`.
  func blending(_ x: Tensor, over baseline: Tensor) -> Tensor {
    let size = x.count
    return withUnsafeValues { masks in
      x.withUnsafeValues { x in
        baseline.withUnsafeValues { baseline in
          Tensor(unsafeUninitialized: shape) { result in
            for start in stride(from: 0, to: masks.count, by: Swift.max(1, size)) {
              for place in 0..<size {
                result[start + place] = baseline[place] + masks[start + place] * (x[place] - baseline[place])
              }
            }
          }
        }
      }
    }
  }
}
