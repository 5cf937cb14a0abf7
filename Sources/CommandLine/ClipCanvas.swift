import Audio
import Explain
import Figures
import Files
import Models
import Tensors

/// Turns what was heard in a clip, and why, into pictures, sounds and report entries.
struct ClipCanvas: Sendable {
  let model: AudioModel
  let name: String
  /// As the user named the sound.
  let path: String
  /// Whether tables of the events found are written as well.
  private let writesEvents: Bool
  /// As heard and ignored are made of it: never beyond full scale.
  private let recording: Recording
  let start: Double
  let listening: Listening
  /// Frames whose middle lies within the clip; those behind are padding.
  let frames: Int

  init(model: AudioModel, clip: ExplanationRun.Clip, listening: Listening, writesEvents: Bool) {
    self.model = model
    self.writesEvents = writesEvents
    name = clip.name
    path = clip.path
    recording = clip.recording.scaledToFullScaleIfLouder()
    start = clip.start
    self.listening = listening
    let last = Int(model.frontEnd.frame(at: clip.recording.duration).rounded(.down))
    frames = min(max(1, last + 1), listening.logMel.shape[0])
  }

  func figure(title: String) -> TimeFrequencyFigure {
    TimeFrequencyFigure(
      spectrogram: listening.logMel.rows(0..<frames), start: start + model.frontEnd.frameTime(0),
      hop: model.frontEnd.hopSeconds, bandCentres: model.frontEnd.bandCentres, title: title)
  }

  /// The clip itself: its spectrogram and its sound.
  func plain() throws -> DrawnExplanation {
    var figure = figure(title: name)
    figure.caption = "Log-mel spectrogram as \(model.name) takes it: \(model.frontEnd.mel.bands) bands."
    return DrawnExplanation(
      picture: try figure.picture(), svg: [], heard: [], ignored: [],
      heardPreview: try wavBytes(of: recording.preview), ignoredPreview: [], archive: [], octaves: [],
      tables: [])
  }

  func draw(_ explanation: ClipExplanation) throws -> DrawnExplanation {
    let question = explanation.question
    var figure = figure(
      of: explanation,
      title: "\(name): \(question.label) \(ClassifyCommand.threeDecimals(explanation.value))")
    figure.caption =
      "\(explanation.method.title) of \(model.name)\(explanation.remark) for \(explanation.asked)"
      + (explanation.layers.isEmpty ? "" : ", layer \(explanation.layers.joined(separator: ", "))") + ". "
      + explanation.parameters.filter { ["samples", "sigma", "seed", "score"].contains($0.name) }
      .map { "\($0.name): \($0.value)" }.joined(separator: "; ") + "."
    let picture = try figure.picture()
    let (heard, ignored) = explanation.heardAndIgnored(recording, frontEnd: model.frontEnd)
    let shares = explanation.evidenceShares(model.frontEnd)
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

  /// The entry in `report.json`.
  ///
  /// - Parameters:
  ///   - base: how the names of its files begin.
  ///   - order: whether the target hangs on time or on frequency; nil if nobody asked.
  func record(
    _ explanation: ClipExplanation, _ drawn: DrawnExplanation, seconds: Double, base: String,
    order: OrderTest?
  ) -> JSON {
    let scores = listening.clipScores
    return .object([
      ("sound", .string(path)), ("seconds", .number(recording.duration)), ("start", .number(start)),
      ("target", explanation.targetRecord(model)),
      ("method", .string(explanation.method.name)),
      ("domain", .string(explanation.domain.rawValue)),
      ("layer", explanation.layers.isEmpty ? .null : .string(explanation.layers.joined(separator: ", "))),
      ("parameters", .object(explanation.parameters.map { ($0.name, .string($0.value)) })),
      (
        "octaves",
        .array(
          drawn.octaves.map {
            .object([("hertz", .number($0.centre)), ("share", .number($0.share))])
          })
      ),
      ("order", order.map { $0.record(unit: explanation.question.unit) } ?? .null),
      ("compute_s", .number(seconds)),
      ("files", .array(drawn.endings.map { .string("\(base).\($0)") })),
      (
        "classes",
        .array(listening.ranking.prefix(10).map { ClassifyCommand.classJSON($0, model, scores[$0]) })
      ),
    ])
  }

  /// The part of the page about this clip.
  func section(plain: DrawnExplanation, explanations: [(ClipExplanation, DrawnExplanation)]) -> Report.Sound {
    let scores = listening.clipScores
    return Report.Sound(
      name: name, seconds: recording.duration,
      classes: listening.ranking.prefix(6).map {
        Report.ClassProbability(label: model.label($0), probability: Double(scores[$0]))
      },
      spectrogram: plain.picture, clip: .embedded(plain.heardPreview, mime: "audio/wav"),
      explanations: explanations.map { explanation, drawn in
        Report.Explanation(
          method: explanation.title, target: explanation.question.label,
          probability: Double(explanation.value), picture: drawn.picture,
          heard: .embedded(drawn.heardPreview, mime: "audio/wav"),
          ignored: .embedded(drawn.ignoredPreview, mime: "audio/wav"),
          isProbability: explanation.target != nil,
          parameters: (explanation.parameters + evidence(explanation, drawn)).map {
            Report.Parameter($0.name, $0.value)
          })
      },
      notes: notes(explanations.map(\.0)))
  }

  private func evidence(_ explanation: ClipExplanation, _ drawn: DrawnExplanation) -> [(
    name: String, value: String
  )] {
    explanation.domain == .waveform ? [] : [("evidence by octave", drawn.largestOctaves)]
  }

  /// What a reader should know before believing the pictures.
  private func notes(_ explanations: [ClipExplanation]) -> [String] {
    var notes: [String] = []
    if recording.duration < model.frontEnd.patchSeconds {
      notes.append("The clip is shorter than one patch of the model and was padded with silence.")
    }
    for explanation in explanations where explanation.attribution.values.allSatisfy({ $0 == 0 }) {
      notes.append(
        "\(explanation.title) for \(explanation.question.label) is zero everywhere: by this method nothing in the "
          + "clip argues for it.")
    }
    return notes
  }
}

/// The files of one explanation, ready to be written.
struct DrawnExplanation: Sendable {
  let picture: Report.Picture
  let svg: [UInt8]
  let heard: [UInt8]
  let ignored: [UInt8]
  /// As they are embedded in the page.
  let heardPreview: [UInt8]
  let ignoredPreview: [UInt8]
  let archive: [(name: String, tensor: Tensor)]
  /// Where the evidence lies.
  let octaves: [EvidenceShares.Octave]
  /// Of events.
  let tables: [(ending: String, text: String)]

  /// How the names of its files end.
  var endings: [String] { ["png", "svg", "npz", "heard.wav", "ignored.wav"] + tables.map(\.ending) }

  /// "1000 Hz 43 %, 2000 Hz 21 %": the octaves that hold a twentieth or more, the largest first.
  var largestOctaves: String {
    let told = octaves.filter { $0.share >= 0.05 }.sorted { $0.share > $1.share }
    return told.isEmpty
      ? "none"
      : told.map { "\(JSON.rounded($0.centre, digits: 3)) Hz \(Int(($0.share * 100).rounded())) %" }
        .joined(separator: ", ")
  }

  /// Writes the files whose names begin with `base`.
  func write(to base: String) throws {
    for table in tables { try WholeFile.write(Array(table.text.utf8), to: "\(base).\(table.ending)") }
    try WholeFile.write(picture.png, to: "\(base).png")
    try WholeFile.write(svg, to: "\(base).svg")
    try NumPy.writeArchive(archive, to: "\(base).npz", compressed: true)
    try WholeFile.write(heard, to: "\(base).heard.wav")
    try WholeFile.write(ignored, to: "\(base).ignored.wav")
  }
}

extension Recording {
  /// What a page embeds: mono, at most 24 kHz, so that pages stay small. The files beside it keep all.
  fileprivate var preview: Recording {
    get throws {
      let mono = Recording(channels: [mono], sampleRate: sampleRate)
      return sampleRate > 24_000 ? try mono.resampled(to: 24_000).scaledToFullScaleIfLouder() : mono
    }
  }
}
