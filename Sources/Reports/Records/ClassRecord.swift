package import Models

/// A class and its probability, or its score where the model's scores are no probabilities.
package struct ClassRecord: Codable, Sendable, Hashable {
  package let index: Int
  package let label: String
  package var probability: Float?
  package var score: Float?

  package init(_ index: Int, _ model: AudioModel, _ value: Float, _ meaning: ScoreMeaning) {
    (self.index, label) = (index, model.label(index))
    if meaning.isProbability { probability = value } else { score = value }
  }

  /// Whichever of the two there is.
  package var value: Float { probability ?? score ?? 0 }
}

/// When a class is heard, in seconds of the sound.
package struct SegmentRecord: Codable, Sendable, Hashable {
  package let start: Double
  package let end: Double
  package let index: Int
  package let label: String
  /// The mean over the segment; a score where the model's are no probabilities.
  package var probability: Float?
  package var score: Float?
  /// The highest in the segment.
  package let peak: Float

  /// - Parameter offset: where the clip begins in the sound, in seconds.
  package init(_ segment: Segment, _ model: AudioModel, _ meaning: ScoreMeaning, from offset: Double) {
    (start, end) = (segment.start + offset, segment.end + offset)
    (index, label, peak) = (segment.index, model.label(segment.index), segment.peak)
    if meaning.isProbability { probability = segment.score } else { score = segment.score }
  }

  /// Whichever of the two there is.
  package var value: Float { probability ?? score ?? 0 }
}

/// What a model heard in a sound or a stretch of it.
package struct ClassificationRecord: Codable, Sendable {
  /// As the user named it.
  package let sound: String
  /// Where the stretch begins in the sound, in seconds; nil for a whole sound.
  package let start: Double?
  package let seconds: Double
  package let activation: ModelDescription.Activation
  package let activationSource: ScoreMeaning.Source
  /// The highest scores first.
  package let classes: [ClassRecord]
  /// What is wrong with the stretch; nil if nothing is.
  package let flaws: [FlawRecord]?
  /// Where the moments of `segments` come from.
  package var moments: AudioModel.MomentRule?
  /// When each class is heard; nil where nobody asked.
  package var segments: [SegmentRecord]?

  private enum CodingKeys: String, CodingKey {
    case sound, start, seconds, activation, classes, flaws, moments, segments
    case activationSource = "activation_from"
  }

  package init(
    sound: String, start: Double?, seconds: Double, meaning: ScoreMeaning, classes: [ClassRecord],
    flaws: [FlawRecord] = []
  ) {
    (self.sound, self.start, self.seconds, self.classes) = (sound, start, seconds, classes)
    (activation, activationSource) = (meaning.activation, meaning.source)
    self.flaws = flaws.isEmpty ? nil : flaws
  }
}
