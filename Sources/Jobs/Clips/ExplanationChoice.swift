package import Audio
package import Explain
import Files
package import Graphs
import Models
package import Reports
package import Tensors

/// A question about one class of a clip, and the method that is to answer it.
package struct ExplanationChoice: Codable, Sendable, Hashable {
  /// nil for the model's class with the highest score.
  package var target: TargetChoice?
  package var method: String
  /// nil for the method's own.
  package var layer: TensorName?
  /// nil for the model's own.
  package var domain: Domain?

  package init(_ method: String) { self.method = method }
}

/// An answer, with all that it takes to show it and to hear it.
package struct ShownExplanation: Sendable {
  package let explanation: ClipExplanation
  /// Where the attribution's bins lie.
  package let axes: GridAxes
  /// How strong each bin's attribution is drawn, within the clip: `[frames, bands]`.
  package let picture: Tensor
  /// What "heard" keeps, `[frames, bands]` within 0...1.
  package let mask: Tensor
  package let facts: Facts

  /// What is told of it.
  package struct Facts: Codable, Sendable {
    package let method: String
    package let title: String
    package let domain: String
    /// What the numbers are, with their unit.
    package let quantity: String
    package let signed: Bool
    package let target: ClipScores.Score
    @OrNull package var layer: String?
    /// Of computing.
    package let seconds: Double
    package let parameters: [[String]]
    package let octaves: [OctaveRecord]
    /// The largest magnitude.
    package let limit: Float
    @OrNull package var remark: String?
  }
}

extension HeardClip {
  /// Why the model gave the clip a class.
  ///
  /// - Throws: `Cancelled`; `ExplainError`, `ModelError`, `GraphError`.
  package func explain(_ choice: ExplanationChoice, control: RunControl = RunControl()) throws
    -> ShownExplanation
  {
    let method = try AttributionMethod(named: choice.method)
    let domain = choice.domain ?? defaultDomain(of: method)
    let targets = try model.targets(choice.target ?? .top(1), for: listening)
    guard let target = targets.first else { throw ModelError.noSuchClass(0, classes: model.classCount) }
    if let layer = choice.layer { try model.network.graph.tensor(named: layer) }
    var settings = try MethodParameters().settings(for: model, in: domain)
    settings.layers = choice.layer.map { [$0] } ?? []
    settings.control = control
    let start = ContinuousClock.now
    let explanation = try model.explain(listening, target: target, by: method, settings)
    return ShownExplanation(explanation, of: self, seconds: (ContinuousClock.now - start).inSeconds)
  }

  /// The model's own domain, or the first that the method explains.
  private func defaultDomain(of method: AttributionMethod) -> Domain {
    let domains = [model.defaultDomain] + Domain.allCases
    return domains.first { method.explains(in: $0, of: model) } ?? model.defaultDomain
  }

  /// What an answer keeps of the clip, and what it leaves; neither beyond full scale.
  package func heardAndIgnored(_ answer: ShownExplanation) -> (heard: Recording, ignored: Recording) {
    answer.explanation.heardAndIgnored(clip.recording.scaledToFullScaleIfLouder(), model)
  }

  /// An answer as a figure to publish.
  package func figure(_ answer: ShownExplanation) throws -> DrawnExplanation {
    try ClipCanvas(model: model, clip: clip, listening: listening, writesEvents: false)
      .draw(answer.explanation)
  }
}

extension ShownExplanation {
  fileprivate init(_ explanation: ClipExplanation, of clip: HeardClip, seconds: Double) {
    let model = clip.model
    let axes = model.axes(in: explanation.domain) ?? model.envelopeAxes
    let isOfTime = model.axes(in: explanation.domain) == nil
    let shape = explanation.picture.shape
    let all = shape.rank == 2 ? explanation.picture : explanation.picture.reshaped(to: [shape.count, 1])
    let mask =
      shape.rank == 2 ? explanation.mask : explanation.mask.reshaped(to: [explanation.mask.count, 1])
    // Frames behind the clip's end are padding.
    let last = Int(axes.frame(at: clip.clip.recording.duration).rounded(.down)) + 1
    let shown = 0..<min(max(1, last), all.shape[0])
    (self.explanation, picture) = (explanation, all.rows(shown))
    self.mask = mask.rows(0..<min(shown.upperBound, mask.shape[0]))
    self.axes = GridAxes(axes, frames: shown.count, isOfTimeOnly: isOfTime)
    let values = picture.withUnsafeValues { values in
      values.reduce(into: (largest: Float(0), isSigned: false)) { found, value in
        found.largest = max(found.largest, abs(value))
        if value < 0 { found.isSigned = true }
      }
    }
    let target = explanation.target
    let index = target?.index ?? 0
    facts = Facts(
      method: explanation.method.name, title: explanation.method.title, domain: explanation.domain.rawValue,
      quantity: explanation.quantity, signed: values.isSigned,
      target: .init(index: index, label: model.label(index), score: Double(explanation.value).finite ?? 0),
      layer: explanation.layers.isEmpty ? nil : explanation.layers.joined(separator: ", "), seconds: seconds,
      parameters: explanation.parameters.map { [$0.name, $0.value] },
      octaves: explanation.evidenceShares(model).octaves.map { OctaveRecord($0) },
      limit: values.largest.isFinite ? values.largest : 0,
      remark: values.largest == 0 ? "zero everywhere: by this method nothing in the clip argues for it" : nil)
  }
}
