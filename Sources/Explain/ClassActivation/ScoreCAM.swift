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
  /// Told the questions answered, over all rows.
  public var control = RunControl()

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
    let liveliest = (0..<rows).map { activations.rows($0..<$0 + 1).liveliestChannels(channels) }
    let questions = liveliest.enumerated().flatMap { row, values in
      values.distinctChannels.map { (row: row, channels: $0) }
    }
    var scores = [[Float]](repeating: [Float](repeating: 0, count: channels), count: rows)
    let step = copiesAtOnce(ofRow: x.count / max(1, rows), atMost: 64, of: questions.count)
    for start in stride(from: 0, to: questions.count, by: step) {
      let part = questions[start..<min(start + step, questions.count)]
      let maps = Tensor(joining: part.map { liveliest[$0.row].channel($0.channels[0]) })
      let clean = Tensor(joining: part.map { x.rows($0.row..<$0.row + 1) })
      let nothing = Tensor(joining: part.map { baselines.rows($0.row..<$0.row + 1) })
      let masks = try score.resized(maps, of: layer, like: clean).rowsScaledToOne
      for (question, answer) in zip(part, try score.scores(at: masks.blending(clean, over: nothing))) {
        for channel in question.channels { scores[question.row][channel] = answer }
      }
      try control.report(part.endIndex, of: questions.count)
    }
    return activations.eachRow { row, _ in
      liveliest[row].sumOverChannels(weights: Self.softmax(scores[row]), rectified: true)
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
    method.control = settings.control
    return .classActivation(method)
  }
}

extension Tensor {
  /// Of one row `[1, C, places…]`, the `count` channels of the largest variance over their places, in their own order.
  fileprivate func liveliestChannels(_ count: Int) -> Tensor {
    guard count < shape[1] else { return self }
    let deviations = (0..<shape[1]).map { channel($0).moments.deviation }
    let chosen = deviations.indices.sorted { (deviations[$0], $1) > (deviations[$1], $0) }.prefix(count)
      .sorted()
    return Tensor(joining: chosen.map(channel)).reshaped(
      to: Shape([1, count] + shape.dimensions.dropFirst(2)))
  }

  /// Of one row `[1, C, places…]`: the values of a channel, `[1, 1, places…]`.
  fileprivate func channel(_ index: Int) -> Tensor {
    reshaped(to: Shape([shape[1], 1] + shape.dimensions.dropFirst(2))).rows(index..<index + 1)
  }

  /// Of one row `[1, C, places…]`: its channels, those together that let the same through because they are the same
  /// everywhere, as channels that a rectifier has silenced are.
  fileprivate var distinctChannels: [[Int]] {
    let flat = (0..<shape[1]).filter { index in
      channel(index).withUnsafeValues { values in values.allSatisfy { $0 == values[0] } }
    }
    let known = Set(flat)
    return (0..<shape[1]).filter { !known.contains($0) }.map { [$0] } + (flat.isEmpty ? [] : [flat])
  }

  /// `b + m · (x − b)` for each row `m` of these masks, with one row of `x` and `b` for all of them or one for each.
  func blending(_ x: Tensor, over baseline: Tensor) -> Tensor {
    let size = shape.dimensions.dropFirst().reduce(1, *)
    let step = x.count == size ? 0 : size
    return withUnsafeValues { masks in
      x.withUnsafeValues { x in
        baseline.withUnsafeValues { baseline in
          Tensor(unsafeUninitialized: shape) { result in
            for row in 0..<masks.count / Swift.max(1, size) {
              let range = row * size..<(row + 1) * size
              let own = row * step..<row * step + size
              let (masks, result) = (
                UnsafeBufferPointer(rebasing: masks[range]),
                UnsafeMutableBufferPointer(rebasing: result[range])
              )
              let (x, nothing) = (
                UnsafeBufferPointer(rebasing: x[own]), UnsafeBufferPointer(rebasing: baseline[own])
              )
              for place in 0..<size {
                result[place] = nothing[place] + masks[place] * (x[place] - nothing[place])
              }
            }
          }
        }
      }
    }
  }
}
