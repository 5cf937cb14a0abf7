import Audio
import Graphs
public import Models
import Tensors

/// Time or frequency: what a clip's score loses when the order of its frames is destroyed, and when that of its bands is.
///
/// Frames are exchanged at random, all bands of a frame together; bands likewise, in the same way in all frames. Both
/// pictures hold the very numbers of the clip, so that what is lost is what the network drew from their order:
/// `score(clip) − mean over draws of score(clip exchanged)`. Breiman's permutation importance (Machine Learning, 2001)
/// with axes in place of features. A pattern that is shorter than a patch and stands anywhere, such as a bark among
/// silence, is torn apart as well: what time loses is the order within patches and among them.
public struct OrderTest: Sendable, Hashable {
  /// What was lost: a mean over draws, and their standard deviation about it (over n − 1).
  public struct Drop: Sendable, Hashable {
    public let mean: Double
    public let deviation: Double

    init(from whole: Float, to draws: [Float]) {
      let drops = draws.map { Double(whole) - Double($0) }
      let mean = drops.reduce(0, +) / Double(max(1, drops.count))
      let squares = drops.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      self.mean = mean
      deviation = (squares / Double(max(1, drops.count - 1))).squareRoot()
    }
  }

  /// What destroying one order costs.
  public struct Loss: Sendable, Hashable {
    /// In units of the score.
    public let score: Drop
    /// Of the probability as reported; nil where the score is not a class's.
    public let probability: Drop?
  }

  /// What a picture is given: its score, and a probability where there is one.
  typealias Answer = (score: Float, probability: Float?)

  public let time: Loss
  public let bands: Loss
  /// The score of the clip as it is.
  public let score: Float
  /// Random exchanges of each kind.
  public let draws: Int
  public let seed: UInt64

  /// - Parameters:
  ///   - logMel: `[frames, bands]`.
  ///   - frames: of them, those that are the clip's; what is behind is padding and stays.
  ///   - answers: to pictures `[rows, frames, bands]`, one each.
  init(
    of logMel: Tensor, frames: Int, draws: Int, seed: UInt64, answers: (Tensor) throws -> [Answer]
  ) throws {
    precondition(draws > 0, "\(draws) draws")
    var generator = SplitMix64(seed: seed)
    let timeOrders = (0..<draws).map { _ in Array(0..<frames).shuffled(using: &generator) }
    let bandOrders = (0..<draws).map { _ in Array(0..<logMel.shape[1]).shuffled(using: &generator) }
    let pictures: [() -> Tensor] =
      [{ logMel.exchanging() }] + timeOrders.map { order in { logMel.exchanging(frames: order) } }
      + bandOrders.map { order in { logMel.exchanging(bands: order) } }

    var found: [Answer] = []
    let step = copiesAtOnce(ofRow: logMel.count)
    for start in stride(from: 0, to: pictures.count, by: step) {
      let part = pictures[start..<min(start + step, pictures.count)]
      found += try answers(Tensor(joining: part.map { $0() }))
    }
    let whole = found[0]
    func loss(_ answers: ArraySlice<Answer>) -> Loss {
      Loss(
        score: Drop(from: whole.score, to: answers.map(\.score)),
        probability: whole.probability.map { Drop(from: $0, to: answers.compactMap(\.probability)) })
    }
    time = loss(found[1...draws])
    bands = loss(found[(draws + 1)...])
    score = whole.score
    (self.draws, self.seed) = (draws, seed)
  }

  /// Which order the score hangs on.
  public enum Verdict: String, Sendable, Hashable {
    case time, frequency, both, neither
  }

  /// The order that costs at least twice as much as the other; both where neither does. An order that costs less than
  /// two standard errors of its mean, or less than a hundredth of the score (and of 1), costs nothing.
  public var verdict: Verdict {
    let least = 0.01 * max(1, abs(Double(score)))
    func cost(_ drop: Drop) -> Double {
      let certain = max(least, 2 * drop.deviation / Double(draws).squareRoot())
      return drop.mean > certain ? drop.mean : 0
    }
    let (time, bands) = (cost(time.score), cost(bands.score))
    if time == 0 && bands == 0 { return .neither }
    return time >= 2 * bands ? .time : bands >= 2 * time ? .frequency : .both
  }

  /// "frequency: shuffling bands costs 6.1 logits, shuffling time 0.4".
  ///
  /// - Parameter unit: of the score.
  public func words(unit: String = "logits") -> String {
    let parts = [("bands", bands.score.mean), ("time", time.score.mean)].sorted { $0.1 > $1.1 }
    func phrase(_ mean: Double, _ unit: String) -> String {
      "\(mean < -0.05 ? "gains" : "costs") \(Self.short(abs(mean)))\(unit)"
    }
    let (first, second) = (parts[0], parts[1])
    let later =
      (first.1 < -0.05) == (second.1 < -0.05)
      ? Self.short(abs(second.1)) : phrase(second.1, "")
    return
      "\(verdict.rawValue): shuffling \(first.0) \(phrase(first.1, " \(unit)")), shuffling \(second.0) \(later)"
  }

  /// With one decimal, or two significant ones below 1.
  private static func short(_ value: Double) -> String {
    guard value.isFinite, value < 1e12 else { return "\(value)" }
    let scale: Double = value >= 0.95 || value < 0.005 ? 10 : 100
    let whole = Int((value * scale).rounded())
    let rest = String(whole % Int(scale))
    let zeros = String(repeating: "0", count: (scale == 10 ? 1 : 2) - rest.count)
    return "\(whole / Int(scale)).\(zeros)\(rest)"
  }
}

extension AudioModel {
  /// What a class's logit, and its reported probability, lose when the order of time or that of bands is destroyed: the
  /// means over the clip's patches. About 2 `draws` evaluations of the clip, batched.
  public func orderTest(_ listening: Listening, target: Target, draws: Int = 10, seed: UInt64 = 0) throws
    -> OrderTest
  {
    try OrderTest(
      of: listening.logMel, frames: ownFrames(of: listening), draws: draws, seed: seed
    ) { clips in
      let (logits, scores) = try clipOutputs(at: clips)
      return (0..<clips.shape[0]).map { row in
        let rival = target.against.map { logits[row, $0] } ?? 0
        return (logits[row, target.index] - rival, scores[row, target.index])
      }
    }
  }

  /// The same of any question; of an embedding, and of a stretch of time, there is no probability.
  public func orderTest(_ listening: Listening, _ question: Question, draws: Int = 10, seed: UInt64 = 0)
    throws
    -> OrderTest
  {
    if case .target(let target) = question, target.span == nil {
      return try orderTest(listening, target: target, draws: draws, seed: seed)
    }
    let asked = try ClipQuestion(question, listening, self, rule: .standard, memory: RowMemory())
    return try OrderTest(
      of: listening.logMel, frames: ownFrames(of: listening), draws: draws, seed: seed
    ) { clips in
      try asked.clip.scores(at: clips).map { ($0, nil) }
    }
  }

  /// The frames of a clip whose middle lies within its sound; what is behind is padding.
  func ownFrames(of listening: Listening) -> Int {
    let frames = listening.logMel.shape[0]
    guard let samples = listening.samples else { return frames }
    let last = axes.frame(at: duration(of: samples))
    return min(max(1, Int(last.rounded(.down)) + 1), frames)
  }
}

extension Tensor {
  /// `[frames, bands]` as `[1, frames, bands]` with frames (the first of them) and bands in another order: row `place`
  /// is what was row `frames[place]`.
  fileprivate func exchanging(frames: [Int] = [], bands: [Int] = []) -> Tensor {
    let (count, width) = (shape[0], shape[1])
    return Tensor(unsafeUninitialized: [1, count, width]) { result in
      withUnsafeValues { values in
        for frame in 0..<count {
          let source = (frame < frames.count ? frames[frame] : frame) * width
          for band in 0..<width {
            result[frame * width + band] = values[source + (bands.isEmpty ? band : bands[band])]
          }
        }
      }
    }
  }
}
