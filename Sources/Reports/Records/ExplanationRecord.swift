package import Explain
package import Models

/// One explanation, as `report.json` lists it.
package struct ExplanationRecord: Codable, Sendable {
  /// As the user named it.
  package let sound: String
  package let seconds: Double
  /// Where the clip begins in the sound, in seconds.
  package let start: Double
  package let target: TargetRecord
  package let method: String
  package let domain: String
  @OrNull package var layer: String?
  package let parameters: [String: String]
  package let octaves: [OctaveRecord]
  @OrNull package var order: OrderRecord?
  /// Seconds of computing.
  package let computeSeconds: Double
  /// By name, in the report's folder.
  package let files: [String]
  package let activation: ModelDescription.Activation
  package let activationSource: ScoreMeaning.Source
  /// The classes of the clip with the highest scores.
  package let classes: [ClassRecord]
  /// What is wrong with the clip; nil if nothing is.
  package let flaws: [FlawRecord]?

  private enum CodingKeys: String, CodingKey {
    case sound, seconds, start, target, method, domain, layer, parameters, octaves, order, files, classes
    case flaws, activation
    case activationSource = "activation_from"
    case computeSeconds = "compute_s"
  }

  init(
    _ explanation: ClipExplanation, of canvas: ClipCanvas, seconds: Double, octaves: [EvidenceShares.Octave],
    order: OrderTest?, files: [String]
  ) {
    sound = canvas.path
    self.seconds = canvas.seconds
    start = canvas.start
    target = TargetRecord(explanation, of: canvas.model)
    method = explanation.method.name
    domain = explanation.domain.rawValue
    layer = explanation.layers.isEmpty ? nil : explanation.layers.joined(separator: ", ")
    parameters = Dictionary(explanation.parameters.map { ($0.name, $0.value) }) { first, _ in first }
    self.octaves = octaves.map { OctaveRecord($0) }
    self.order = order.map { OrderRecord($0, unit: explanation.question.unit) }
    computeSeconds = seconds
    self.files = files
    flaws = canvas.flaws.isEmpty ? nil : canvas.flaws.map { FlawRecord($0) }
    let (scores, meaning) = (canvas.listening.clipScores, canvas.listening.meaning)
    (activation, activationSource) = (meaning.activation, meaning.source)
    classes = canvas.listening.ranking.prefix(10).map { ClassRecord($0, canvas.model, scores[$0], meaning) }
  }
}

/// The share of the evidence in an octave, by its centre.
package struct OctaveRecord: Codable, Sendable {
  package let hertz: Double
  package let share: Double

  package init(_ octave: EvidenceShares.Octave) { (hertz, share) = (octave.centre, octave.share) }
}

/// What was explained: a class with its probability or score, or an embedding's likeness to another sound.
package struct TargetRecord: Codable, Sendable {
  package let label: String
  package var index: Int?
  package var probability: Float?
  package var score: Float?
  /// The stretch of time in seconds, if not the whole clip, and how its moments are pooled.
  package var from: Double?
  package var to: Double?
  package var pooling: TimeSpan.Pooling?
  package var value: Float?
  package var kind: String?
  package var embedding: String?
  package var sound: String?

  init(_ explanation: ClipExplanation, of model: AudioModel) {
    switch explanation.question {
    case .target(let target):
      (index, label) = (target.index, model.label(target.index))
      if target.meaning.isProbability { probability = explanation.value } else { score = explanation.value }
      (from, to, pooling) = (target.span?.start, target.span?.end, target.span?.pooling)
    case .embedding(let asked):
      label = explanation.question.label
      value = explanation.value
      (kind, embedding, sound) = (asked.kind.rawValue, asked.tensor, asked.name)
    }
  }
}
