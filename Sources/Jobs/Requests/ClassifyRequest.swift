/// What a model hears in sounds.
package struct ClassifyRequest: Codable, Sendable, Hashable {
  package var sounds: [String]
  package var model: ModelChoice
  package var part = Stretch()
  /// The length of a stretch in seconds; nil for a whole sound, and for a minute of what is longer than ten.
  package var stretch: Double?
  /// Classes to tell.
  package var top = 5
  /// Whether it is told when each class is heard, also where the network gives one score a patch.
  package var findsSegments = false
  /// From which score on a class is heard; nil for ½, or the class with the highest score.
  package var threshold: Float?
  /// Whether the scores of every moment are wanted, of one sound in one stretch.
  package var keepsPatches = false

  package init(sounds: [String], model: ModelChoice) { (self.sounds, self.model) = (sounds, model) }
}
