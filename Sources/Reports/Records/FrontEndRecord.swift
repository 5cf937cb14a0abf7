package import Explain
package import Tensors

/// What a network is given of a sound, as `front-end --json` tells it.
package struct FrontEndRecord: Codable, Sendable {
  /// As the user named it.
  package let sound: String
  /// The model, or the preset or file of a front end alone.
  package let frontEnd: String
  package let sampleRate: Int
  package let seconds: Double
  /// In the network's layout.
  package var shape: [Int]
  package let patches: Int
  package let channels: Int
  package let frames: Int
  package let bands: Int
  package let lowest: Float
  package let highest: Float
  package var comparison: ComparisonRecord?
  package var scores: ScoreComparisonRecord?

  private enum CodingKeys: String, CodingKey {
    case sound, seconds, shape, patches, channels, frames, bands, lowest, highest, comparison, scores
    case frontEnd = "front_end"
    case sampleRate = "sample_rate"
  }

  /// - Parameter given: `[patches, channels, frames, bands]`.
  package init(sound: String, frontEnd: String, sampleRate: Int, seconds: Double, given: Tensor) {
    (self.sound, self.frontEnd, self.sampleRate, self.seconds) = (sound, frontEnd, sampleRate, seconds)
    shape = given.shape.dimensions
    (patches, channels, frames, bands) = (given.shape[0], given.shape[1], given.shape[2], given.shape[3])
    let values = given.values
    (lowest, highest) = (values.min() ?? 0, values.max() ?? 0)
  }

  /// Whether everything that was compared agrees.
  package var agrees: Bool {
    (comparison?.verdict ?? .agrees) == .agrees && (scores?.verdict ?? .agrees) == .agrees
  }
}

/// A setting as another program seems to have it.
package struct CulpritRecord: Codable, Sendable, Hashable {
  package let setting: HearingSetting
  package let ours: String
  package let theirs: String
  /// What is left of the difference with it, over the range; null where that is no number.
  @OrNull package var remaining: Double?

  init(_ explanation: CulpritSearch.Explanation) {
    (setting, ours, theirs) = (explanation.setting, explanation.ours, explanation.theirs)
    remaining = explanation.remaining.share.finite
  }

  package static func == (a: Self, b: Self) -> Bool {
    (a.setting, a.ours, a.theirs, a.remaining) == (b.setting, b.ours, b.theirs, b.remaining)
  }

  package func hash(into hasher: inout Hasher) { hasher.combine([setting.rawValue, ours, theirs]) }
}

/// What is given here against what another program gives.
package struct ComparisonRecord: Codable, Sendable {
  package let verdict: CulpritSearch.Verdict
  /// The largest difference, and over the range of theirs.
  package let difference: Double
  @OrNull package var share: Double?
  /// The root of the mean square of differences over that range.
  @OrNull package var typical: Double?
  package let tolerance: Double
  /// Where the largest is.
  package let patch: Int
  package let channel: Int
  package let frame: Int
  package let band: Int
  package let seconds: Double
  @OrNull package var hertz: Double?
  /// The two values there.
  package let ours: Float
  package let theirs: Float
  /// Patches, channels, frames, bands of both, and what runs along the axes of theirs.
  package let shapes: [[Int]]
  package let axes: [PatchArrangement.Axis]
  package let culprits: [CulpritRecord]
  package let nearest: [CulpritRecord]
  /// How many changes of settings were tried.
  package let tried: Int

  package init(_ comparison: FrontEndComparison, tolerance: Double) {
    let (difference, outcome) = (comparison.difference, comparison.outcome)
    verdict = outcome.verdict
    self.difference = difference.largest
    (share, typical) = (difference.share.finite, difference.typicalShare.finite)
    self.tolerance = tolerance
    (patch, channel, frame, band) = (
      difference.place[0], difference.place[1], difference.place[2], difference.place[3]
    )
    (seconds, hertz) = (comparison.seconds, comparison.hertz)
    (ours, theirs) = (difference.ours, difference.theirs)
    shapes = difference.shapes.map(\.dimensions)
    axes = comparison.arrangement.axes
    culprits = outcome.culprits.map(CulpritRecord.init)
    nearest = outcome.nearest.map(CulpritRecord.init)
    tried = outcome.tried
  }
}

/// What a model says here against what another program says it says.
package struct ScoreComparisonRecord: Codable, Sendable {
  package let verdict: CulpritSearch.Verdict
  package let quantity: ScoreComparison.Quantity
  /// The largest difference over the range of theirs.
  @OrNull package var share: Double?
  package let tolerance: Double
  package let culprits: [CulpritRecord]
  package let nearest: [CulpritRecord]
  package let tried: Int

  package init(_ comparison: ScoreComparison, tolerance: Double) {
    let outcome = comparison.outcome
    (verdict, quantity) = (outcome.verdict, comparison.quantity)
    share = outcome.base.share.finite
    self.tolerance = tolerance
    culprits = outcome.culprits.map(CulpritRecord.init)
    nearest = outcome.nearest.map(CulpritRecord.init)
    tried = outcome.tried
  }
}
