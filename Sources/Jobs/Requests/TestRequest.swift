package import Train

/// How good a model is on labelled clips.
package struct TestRequest: Codable, Sendable, Hashable {
  package var model: ModelChoice
  package var data: DataChoice
  package var side = Side.test
  /// From which score on a class counts as heard, where clips may be of several.
  package var threshold: Float = 0.5
  /// How many of the most confident mistakes are explained.
  package var worst = 6
  /// Explains mistakes; nil for what an evaluation recommends, else Grad-CAM or saliency.
  package var method: String?
  package var findsShortcuts = false
  /// Clips of each class that shortcuts are looked for in.
  package var shortcutClips = 40
  /// The variants of the clips that the model hears, too, such as padded ones.
  package var variants: [Variant] = []
  /// The length that variants pad clips to.
  package var paddedSeconds = 4.0
  /// Where the baselines' pictures are kept; nil where the model is not held against baselines.
  package var baselineCache: String?
  package var draws = 1000
  package var seed: UInt64 = 0

  /// Of a split.
  package enum Side: String, Codable, Sendable, CaseIterable { case test, validation, training, all }

  package init(_ model: ModelChoice, on data: DataChoice) { (self.model, self.data) = (model, data) }
}
