package import Audio
package import Explain
package import Figures
import Files
package import Models
import Tensors

/// Turns what was heard in a clip, and why, into pictures, sounds and report entries.
package struct ClipCanvas: Sendable {
  package let model: AudioModel
  package let name: String
  /// As the user named the sound.
  package let path: String
  /// Whether tables of the events found are written as well.
  private let writesEvents: Bool
  /// As heard and ignored are made of it: never beyond full scale.
  private let recording: Recording
  package let start: Double
  /// Of the clip.
  package var seconds: Double { recording.duration }
  /// What is wrong with the sound.
  package var flaws: [Flaw] { recording.flaws }
  package let listening: Listening
  /// Frames whose middle lies within the clip; those behind are padding.
  package let frames: Int

  package init(model: AudioModel, clip: Clip, listening: Listening, writesEvents: Bool) {
    self.model = model
    self.writesEvents = writesEvents
    name = clip.name
    path = clip.path
    recording = clip.recording.scaledToFullScaleIfLouder()
    start = clip.start
    self.listening = listening
    frames = model.clipFrames(of: clip.recording.duration, in: listening)
  }

  /// The clip itself: its spectrogram and its sound.
  package func plain() throws -> DrawnExplanation {
    var figure = plainFigure(title: name)
    figure.caption = pictureCaption
    return DrawnExplanation(
      picture: try figure.picture(), svg: [], heard: [], ignored: [],
      heardPreview: try wavBytes(of: recording.preview), ignoredPreview: [], archive: [], octaves: [],
      tables: [])
  }

  package func draw(_ explanation: ClipExplanation) throws -> DrawnExplanation {
    let question = explanation.question
    var figure = figure(
      of: explanation,
      title: "\(name): \(question.label) \(NumberText.threeDecimals(explanation.value))")
    figure.caption =
      "\(explanation.method.title) of \(model.name)\(explanation.remark) for \(explanation.asked)"
      + (explanation.layers.isEmpty ? "" : ", layer \(explanation.layers.joined(separator: ", "))") + ". "
      + explanation.parameters.filter { ["samples", "sigma", "seed", "score"].contains($0.name) }
      .map { "\($0.name): \($0.value)" }.joined(separator: "; ") + "."
    let picture = try figure.picture()
    let (heard, ignored) = explanation.heardAndIgnored(recording, model)
    let shares = explanation.evidenceShares(model)
    return DrawnExplanation(
      picture: picture, svg: try figure.svg(), heard: try wavBytes(of: heard),
      ignored: try wavBytes(of: ignored), heardPreview: try wavBytes(of: heard.preview),
      ignoredPreview: try wavBytes(of: ignored.preview),
      archive: archive(of: explanation, shares), octaves: shares.octaves,
      tables: writesEvents ? try tables(of: explanation) : [])
  }

  /// The events in an explanation, in each of the forms.
  private func tables(of explanation: ClipExplanation) throws -> [(ending: String, text: String)] {
    guard let events = try model.events(in: explanation, duration: recording.duration) else { return [] }
    return EventTable.allCases.map { table in
      (table.rawValue, table.text(events, label: explanation.question.label, offset: start))
    }
  }

  /// The part of the page about this clip.
  package func section(plain: DrawnExplanation, explanations: [(ClipExplanation, DrawnExplanation)])
    -> Report.Sound
  {
    let scores = listening.clipScores
    return Report.Sound(
      name: name, seconds: recording.duration,
      classes: listening.ranking.prefix(6).map {
        Report.ClassProbability(
          label: model.label($0), probability: Double(scores[$0]),
          isProbability: listening.meaning.isProbability)
      },
      spectrogram: plain.picture, clip: .embedded(plain.heardPreview, mime: "audio/wav"),
      explanations: explanations.map { explanation, drawn in
        Report.Explanation(
          method: explanation.title, target: explanation.question.label,
          probability: Double(explanation.value), picture: drawn.picture,
          heard: .embedded(drawn.heardPreview, mime: "audio/wav"),
          ignored: .embedded(drawn.ignoredPreview, mime: "audio/wav"),
          isProbability: explanation.target?.meaning.isProbability ?? false,
          parameters: (explanation.parameters + evidence(explanation, drawn)).map {
            Report.Parameter($0.name, $0.value)
          })
      },
      notes: notes(explanations.map(\.0)))
  }

  private func evidence(_ explanation: ClipExplanation, _ drawn: DrawnExplanation) -> [(
    name: String, value: String
  )] {
    explanation.domain == .waveform || !model.hasPicture && explanation.domain == .logMel
      ? [] : [("evidence by octave", drawn.largestOctaves)]
  }

  /// What a reader should know before believing the pictures.
  private func notes(_ explanations: [ClipExplanation]) -> [String] {
    var notes = recording.flaws.map { "\($0)." }
    if recording.duration < model.patchSeconds {
      notes.append("The clip is shorter than one patch of the model and was padded with silence.")
    }
    if let remark = model.remark(on: listening.meaning) { notes.append("\(remark.text).") }
    for explanation in explanations where explanation.attribution.values.allSatisfy({ $0 == 0 }) {
      notes.append(
        "\(explanation.title) for \(explanation.question.label) is zero everywhere: by this method nothing in the "
          + "clip argues for it.")
    }
    return notes
  }
}
