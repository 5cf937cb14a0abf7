package import Models

/// A class and its probability.
package struct ClassRecord: Codable, Sendable, Hashable {
  package let index: Int
  package let label: String
  package let probability: Float

  package init(_ index: Int, _ model: AudioModel, _ probability: Float) {
    (self.index, label, self.probability) = (index, model.label(index), probability)
  }
}

/// What a model heard in a sound or a stretch of it.
package struct ClassificationRecord: Codable, Sendable {
  /// As the user named it.
  package let sound: String
  /// Where the stretch begins in the sound, in seconds; nil for a whole sound.
  package let start: Double?
  package let seconds: Double
  /// Most probable first.
  package let classes: [ClassRecord]
  /// What is wrong with the stretch; nil if nothing is.
  package let flaws: [FlawRecord]?

  package init(
    sound: String, start: Double?, seconds: Double, classes: [ClassRecord], flaws: [FlawRecord] = []
  ) {
    (self.sound, self.start, self.seconds, self.classes) = (sound, start, seconds, classes)
    self.flaws = flaws.isEmpty ? nil : flaws
  }
}
