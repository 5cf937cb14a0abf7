import Audio
import Explain
import Figures
import Files
package import Models
import Probe
import Tensors

/// The files, sheets and page of a run of `maximize`, written while it goes on.
///
/// Each answer has files of its own as soon as it is found; of more than ``MaximizedFiles/mostAlone`` answers there are sheets and one
/// archive instead.
package struct MaximizationReport {
  private let store: any ResultStore
  private let header: ReportHeader
  private let model: AudioModel
  private let units: [SoughtUnit]
  private let answers: Int
  private let makesFilms: Bool
  private let names: MaximizedFiles
  private var records: [MaximizedRecord] = []
  private var items: [Gallery.Item] = []
  /// For the sheets.
  private var pictures: [(title: String, note: String, picture: Tensor)] = []

  private static let page = "index.html"

  package init(
    _ store: any ResultStore, _ header: ReportHeader, _ model: AudioModel, units: [SoughtUnit], answers: Int,
    makesFilms: Bool
  ) {
    (self.store, self.header, self.model) = (store, header, model)
    (self.units, self.answers, self.makesFilms) = (units, answers, makesFilms)
    names = MaximizedFiles(units, answers: answers)
  }

  private var isAlone: Bool { names.areAlone }

  /// Writes what belongs to an answer, and brings the page up to date.
  package mutating func add(_ found: MaximizedUnit) throws {
    records.append(found.record)
    pictures.append(
      (
        answers > 1 ? "\(short(found.unit)), \(found.answer + 1)" : short(found.unit),
        NumberText.rounded(found.found.values.picture, digits: 3), found.found.picture
      ))
    guard isAlone else { return }
    let place = units.firstIndex(of: found.unit) ?? 0
    let base = names.base(of: place, answer: found.answer)
    let canvas = MaximizedCanvas(model, found)
    let picture = try canvas.figure().picture(scale: 2)
    try store.write(picture.png, to: "\(base).png")
    try store.write(try canvas.figure().svg(), to: "\(base).svg")
    try store.write(NumPyArchive(canvas.archive, from: base).npz(compressed: true), to: "\(base).npz")
    var sounds: [Gallery.Sound] = []
    if let sound = found.found.sound {
      let recording = Recording(channels: [sound], sampleRate: model.sampleRate)
      let bytes = try wavBytes(of: recording.scaledToFullScaleIfLouder())
      try store.write(bytes, to: "\(base).wav")
      sounds.append(
        .init(
          "Sound", hint: "\(NumberText.rounded(recording.duration, digits: 3)) s",
          .embedded(bytes, mime: "audio/wav")))
    }
    if makesFilms {
      for form in FilmForm.allCases { try store.write(try canvas.film(form), to: "\(base).\(form.rawValue)") }
    }
    var item = Gallery.Item(
      title: answers > 1 ? "\(found.unit.label), answer \(found.answer + 1)" : found.unit.label,
      subtitle: canvas.subtitle, notes: canvas.notes,
      pictures: [picture, try canvas.curve().picture(scale: 1)],
      sounds: sounds)
    item.parameters = canvas.parameters
    if makesFilms { item.films = [FilmForm.allCases.map { .linked("\(base).\($0.rawValue)") }] }
    items.append(item)
    try write(isFinished: false)
  }

  /// Writes the page for the last time; returns its name.
  package mutating func finish() throws -> String {
    try write(isFinished: true)
    return Self.page
  }

  /// A line for each answer, or for all together where they are many.
  package var summary: [String] {
    guard isAlone else {
      let grown = records.count { ($0.value ?? 0) > ($0.first ?? 0) }
      return ["\(records.count) pictures; \(grown) excite their unit more than what they began with"]
    }
    return records.map { record in
      func number(_ value: Double?) -> String { value.map { NumberText.rounded($0, digits: 4) } ?? "nothing" }
      var line = "\(record.label)"
      if answers > 1 { line += ", answer \(record.answer + 1)" }
      line += ": \(number(record.first)) at first, \(number(record.value)) with the picture"
      if record.heard != nil { line += ", \(number(record.soundValue)) with the sound" }
      if let rank = record.rank, let best = record.heard?.first {
        line += "; heard as no. \(rank)" + (rank > 1 ? " behind \(best.label)" : "")
      }
      return line
    }
  }

  private func short(_ unit: SoughtUnit) -> String {
    unit.kind == .class || unit.kind == .layer ? unit.label : "\(unit.index ?? 0)"
  }

  private func write(isFinished: Bool) throws {
    let sheets = isFinished ? try sheets() : []
    var sections: [Gallery.Section] = []
    if !sheets.isEmpty {
      sections.append(
        .init(
          title: "All together",
          items: sheets.map { Gallery.Item(title: "", pictures: [$0]) }))
    }
    if !items.isEmpty {
      sections.append(.init(title: units.count == 1 ? "The answers" : "One by one", items: items))
    }
    let gallery = Gallery(header.page(lead(isFinished: isFinished)), sections: sections)
    try store.write(Array(gallery.html().utf8), to: Self.page)
    try store.write(try RecordCoding.list(records), to: "report.json")
    if isFinished, !isAlone {
      try store.write(
        NumPyArchive(
          [
            (
              "pictures",
              Tensor(
                joining: pictures.map { $0.picture.reshaped(to: Shape([1] + $0.picture.shape.dimensions)) })
            ),
            ("values", Tensor([records.count], records.map { Float($0.value ?? .nan) })),
          ], from: "pictures"
        ).npz(compressed: true), to: MaximizedFiles.archive)
    }
  }

  private func lead(isFinished: Bool) -> [String] {
    var lead = [
      "Each picture was changed step by step, by gradient ascent, until the unit was excited most. It shows what the unit "
        + "listens for, not a sound that it was trained with."
    ]
    if records.contains(where: { $0.heard != nil }) {
      lead.append(
        "Each sound was put through the model again, as it is in the file: what it heard is told beside it.")
    }
    if !isFinished {
      lead.append("The run is not finished: \(records.count) of \(units.count * answers) answers are here.")
    }
    return lead
  }

  /// Up to 64 pictures each.
  private func sheets() throws -> [Report.Picture] {
    guard pictures.count > 1, model.hasPicture else { return [] }
    let each = 64
    let starts = Array(stride(from: 0, to: pictures.count, by: each))
    return try starts.enumerated().map { number, start in
      let part = pictures[start..<min(start + each, pictures.count)]
      let cells = part.flatMap { entry in
        model.panelFigures(entry.picture, nil).map { figure in
          SheetFigure.Cell(
            figure.spectrogram, start: figure.start, hop: figure.hop, bandCentres: figure.bandCentres,
            title: entry.title + (figure.title.isEmpty ? "" : " · \(figure.title)"), note: entry.note)
        }
      }
      var sheet = SheetFigure(
        cells: cells, title: header.title,
        caption:
          "What excites each unit most, and how much; greys from the lowest to the highest value of each picture.",
        valueLabel: "value", reading: .level)
      // Panels of one picture stand in one row.
      let panels = model.axes.panels.count
      if panels > 1 { sheet.columns = max(panels, 4 / panels * panels) }
      if model.axes.panels[0].scale == nil { sheet.upLabel = "frequency (Hz)" }
      let name = starts.count > 1 ? "sheet-\(number + 1)" : "sheet"
      let picture = try sheet.picture(scale: 2)
      try store.write(picture.png, to: "\(name).png")
      try store.write(try sheet.svg(), to: "\(name).svg")
      return picture
    }
  }
}
