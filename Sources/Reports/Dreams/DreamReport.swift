import Audio
import Figures
import Files
import Models
import Probe
import Tensors

/// The files and the page of a run of `dream`, written while it goes on.
package struct DreamReport {
  private let store: any ResultStore
  private let header: ReportHeader
  private let makesFilms: Bool
  /// Of the run.
  private let count: Int
  private var records: [DreamRecord] = []
  private var sections: [Gallery.Section] = []

  package init(_ store: any ResultStore, _ header: ReportHeader, count: Int, makesFilms: Bool) {
    (self.store, self.header, self.count, self.makesFilms) = (store, header, count, makesFilms)
  }

  package var hasResults: Bool { !records.isEmpty }

  /// Writes what belongs to a sound, and brings the page up to date.
  package mutating func add(_ dreamt: DreamtSound) throws {
    let (model, result, base) = (dreamt.model, dreamt.result, "\(dreamt.stem).dream")
    let painter = SoundPicture(model)
    let record = dreamt.record
    let caption =
      "Dream of \(model.name) upon \(dreamt.clip.name): \(record.wish). \(record.octaves) octaves by "
      + "\(NumberText.rounded(record.scale, digits: 3)), \(record.steps) steps each; seed \(record.seed)."
    let last = Int(model.axes.frame(at: dreamt.clip.recording.duration).rounded(.down))
    let frames = min(last + 1, result.dream.picture.shape[0])
    let shown = result.dream.picture.rows(0..<max(1, frames))
    let after = try painter.figure(of: shown, title: "\(dreamt.clip.name), dreamt upon", caption: caption)
    let before = try painter.figure(of: dreamt.before.rows(0..<max(1, frames)), title: dreamt.clip.name)
    let picture = try after.picture(scale: 2)
    try store.write(picture.png, to: "\(base).png")
    try store.write(try after.svg(), to: "\(base).svg")
    var arrays = [
      ("picture", result.dream.picture), ("before", dreamt.before),
      ("curve", Tensor([result.dream.curve.count], result.dream.curve.map { Float($0) })),
    ]
    let clip = try wavBytes(of: dreamt.clip.recording.scaledToFullScaleIfLouder().preview)
    var sounds = [Gallery.Sound("Clip", hint: "as it was", .embedded(clip, mime: "audio/wav"))]
    if let sound = result.sound {
      arrays.append(("samples", Tensor([sound.count], sound)))
      let recording = Recording(channels: [sound], sampleRate: model.sampleRate).scaledToFullScaleIfLouder()
      let bytes = try wavBytes(of: recording)
      try store.write(bytes, to: "\(base).wav")
      sounds.insert(
        .init(
          "Dream", hint: "dreamt upon", .embedded(try wavBytes(of: recording.preview), mime: "audio/wav")),
        at: 0)
    }
    try store.write(NumPyArchive(arrays, from: base).npz(compressed: true), to: "\(base).npz")
    if makesFilms {
      for form in FilmForm.allCases {
        let film = try painter.film(
          form, of: (result.way + [result.dream.picture]).map { $0.rows(0..<max(1, frames)) },
          title: dreamt.clip.name, sound: result.sound, times: 1)
        try store.write(film, to: "\(base).\(form.rawValue)")
      }
    }
    records.append(record)
    let curve = CurveFigure(
      title: "", x: .init(title: "step"), y: .init(title: record.wish),
      series: [
        .init(
          name: "dream",
          points: result.dream.curve.enumerated().map { .init(x: Double($0.offset + 1), y: $0.element) })
      ])
    var item = Gallery.Item(
      title: "Dreamt upon", subtitle: record.wish,
      pictures: [picture, try before.picture(scale: 2), try curve.picture(scale: 1)], sounds: sounds)
    func words(_ classes: [ClassRecord]) -> String {
      classes.map { "\($0.label) \(NumberText.threeDecimals($0.value))" }.joined(separator: ", ")
    }
    item.parameters = [
      .init("in the clip", NumberText.rounded(result.dream.first, digits: 4)),
      .init("in the dream", NumberText.rounded(result.dream.last, digits: 4)),
      .init("the model hears in the clip", words(record.before)),
    ]
    if makesFilms { item.films = [FilmForm.allCases.map { .linked("\(base).\($0.rawValue)") }] }
    if let heard = record.heard {
      item.parameters.append(.init("the model hears in the dream", words(heard)))
    }
    if result.dream.ending != .finished { item.notes.append("The ascent ended early: \(record.ending).") }
    sections.append(.init(title: dreamt.clip.name, items: [item]))
    try write(isFinished: false)
  }

  /// Writes the page for the last time; returns its name.
  package mutating func finish() throws -> String {
    try write(isFinished: true)
    return "index.html"
  }

  private func write(isFinished: Bool) throws {
    var lead = [
      "What the model begins to hear in a sound was drawn into its picture, and looked for again. The sound keeps the clip's "
        + "phase where the clip has energy; elsewhere a phase was sought."
    ]
    if !isFinished, records.count < count {
      lead.append("The run is not finished: \(records.count) of \(count) sounds are here.")
    }
    let gallery = Gallery(header.page(lead), sections: sections)
    try store.write(Array(gallery.html().utf8), to: "index.html")
    try store.write(try RecordCoding.list(records), to: "report.json")
  }
}
