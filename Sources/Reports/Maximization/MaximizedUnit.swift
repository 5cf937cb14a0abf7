import Audio
import Explain
package import Graphs
package import Models
package import Probe
import Tensors

/// What was sought: a class, a channel, one of its places, or a layer.
package struct SoughtUnit: Sendable, Hashable {
  package enum Kind: String, Codable, Sendable { case `class`, channel, place, layer }

  package let kind: Kind
  package let tensor: TensorName
  /// Of the class or the channel.
  package let index: Int?
  /// For captions: "Dog", "channel 12 of relu_3".
  package let label: String

  package init(_ kind: Kind, of tensor: TensorName, index: Int?, label: String) {
    (self.kind, self.tensor, self.index, self.label) = (kind, tensor, index, label)
  }
}

/// One input that excites a unit, and what the model makes of it.
package struct MaximizedUnit: Sendable {
  package let unit: SoughtUnit
  /// Among the answers to the same question, from 0.
  package let answer: Int
  package let found: Maximization.Answer
  /// What the model hears in the sound, put through it as it is written; nil where there is none.
  package let heard: Listening?
  package let record: MaximizedRecord

  package init(
    _ unit: SoughtUnit, answer: Int, _ found: Maximization.Answer, of model: AudioModel,
    _ settings: MaximizationSettings, from start: String, files: [String]
  ) throws {
    (self.unit, self.answer, self.found) = (unit, answer, found)
    heard = try found.sound.map { sound in
      // As 16 bits hold it.
      try model.listen(to: sound.map { min(($0 * 0x1p15).rounded(), 32767) * 0x1p-15 })
    }
    record = MaximizedRecord(
      unit, answer: answer, found, heard, of: model, settings, from: start, files: files)
  }
}

/// What `maximize` found, on a line of JSON.
package struct MaximizedRecord: Codable, Sendable {
  package let model: String
  package let unit: SoughtUnit.Kind
  package let tensor: TensorName
  @OrNull package var index: Int?
  package let label: String
  package let answer: Int
  package let rule: MaximizationSettings.Rule
  package let from: String
  package let seed: UInt64
  /// On the picture, and on picture and sound together.
  package let pictureSteps: Int
  package let steps: Int
  /// What the unit gives for the beginning, for the picture, for a sound made of it, and for the sound in the end.
  @OrNull package var first: Double?
  @OrNull package var value: Double?
  @OrNull package var liftedValue: Double?
  @OrNull package var soundValue: Double?
  /// `finished`, `dead`, or `not a number at step N`.
  package let ending: String
  /// How long the sound is.
  @OrNull package var seconds: Double?
  /// What the model hears in the sound, the highest scores first; nil where there is none.
  package let heard: [ClassRecord]?
  /// Of a class, its place among all in what is heard, from 1.
  package let rank: Int?
  package let files: [String]

  private enum CodingKeys: String, CodingKey {
    case model, unit, tensor, index, label, answer, rule, from, seed, steps, first, value, ending, seconds,
      heard
    case rank, files
    case pictureSteps = "picture_steps"
    case liftedValue = "lifted_value"
    case soundValue = "sound_value"
  }

  fileprivate init(
    _ unit: SoughtUnit, answer: Int, _ found: Maximization.Answer, _ heard: Listening?, of model: AudioModel,
    _ settings: MaximizationSettings, from start: String, files: [String]
  ) {
    self.model = model.name
    (self.unit, tensor, label, self.answer) = (unit.kind, unit.tensor, unit.label, answer)
    (rule, from, seed) = (settings.rule, start, settings.seed)
    (pictureSteps, steps, self.files) = (found.pictureSteps, found.curve.count, files)
    ending = found.ending.words
    if let heard {
      let (scores, ranking) = (heard.clipScores, heard.ranking)
      self.heard = ranking.prefix(5).map { ClassRecord($0, model, scores[$0], heard.meaning) }
      let isClass = unit.kind == .class
      rank = isClass ? unit.index.flatMap { index in ranking.firstIndex(of: index).map { $0 + 1 } } : nil
    } else {
      (self.heard, rank) = (nil, nil)
    }
    index = unit.index
    first = found.values.first.finite
    value = found.values.picture.finite
    liftedValue = found.values.lifted?.finite
    soundValue = found.values.sound?.finite
    seconds = found.sound.map { model.duration(of: $0) }
  }
}

extension Ascent.Ending {
  package var words: String {
    switch self {
    case .finished: "finished"
    case .dead: "dead"
    case .notFinite(let step): "not a number at step \(step)"
    }
  }
}
