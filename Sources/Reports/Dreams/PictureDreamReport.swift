package import Audio
import Figures
import Files
package import Models
import Tensors

/// The files and the page of a run of `dream` upon pictures, written while it goes on.
package struct PictureDreamReport {
  private let store: any ResultStore
  private let header: ReportHeader
  /// Of the run.
  private let count: Int
  private let films: Films?
  private var records: [PictureDreamRecord] = []
  private var sections: [Gallery.Section] = []

  /// What films are made of besides their frames.
  package struct Films: Sendable {
    package let rate: Int
    /// From a film's beginning.
    package let sound: Recording?

    package init(rate: Int, sound: Recording?) { (self.rate, self.sound) = (rate, sound) }

    /// A film of frames of one size.
    package func film(_ form: FilmForm, of frames: [RGBPicture]) throws -> [UInt8] {
      guard let first = frames.first else { return [] }
      return try film(form, width: first.width, height: first.height) { add in
        for frame in frames { try add(frame) }
      }
    }

    /// A film of the frames that `give` hands on, one at a time.
    package func film(
      _ form: FilmForm, width: Int, height: Int, _ give: (_ add: (RGBPicture) throws -> Void) throws -> Void
    ) throws -> [UInt8] {
      let writer = try FilmWriter(form, width: width, height: height, rate: rate, sound: sound)
      try give { frame in try writer.add(frame.photograph.opaque) }
      return try writer.finish()
    }
  }

  /// - Parameter films: nil where none are made.
  package init(_ store: any ResultStore, _ header: ReportHeader, count: Int, films: Films?) {
    (self.store, self.header, self.count, self.films) = (store, header, count, films)
  }

  package var hasResults: Bool { !records.isEmpty }

  /// The names of the files of a dream.
  package static func files(_ stem: String, hasArrays: Bool, hasFilm: Bool) -> [String] {
    ["\(stem).dream.png", "\(stem).stages.png"] + (hasArrays ? ["\(stem).dream.npz"] : [])
      + (hasFilm ? FilmForm.allCases.map { "\(stem).dream.\($0.rawValue)" } : [])
  }

  /// Writes what belongs to a dream, and brings the page up to date.
  package mutating func add(_ dreamt: DreamtPicture) throws {
    let (record, base) = (dreamt.record, "\(dreamt.stem).dream")
    let after = try dreamt.after.photograph.picture(
      alternative: "The dream: the network sees \(Self.words(record.after))")
    try store.write(after.png, to: "\(base).png")
    let stages = PhotographSheet(rows: [.init(title: "", pictures: dreamt.stages.map(\.photograph))])
    try store.write(try stages.png(), to: "\(dreamt.stem).stages.png")
    if let values = dreamt.values {
      let archive = try NumPyArchive([("picture", values)], from: base)
      try store.write(try archive.npz(compressed: true), to: "\(base).npz")
    }
    if let films {
      for form in FilmForm.allCases {
        try store.write(try films.film(form, of: dreamt.way), to: "\(base).\(form.rawValue)")
      }
    }
    records.append(record)
    let curve = CurveFigure(
      title: "", x: .init(title: "step"), y: .init(title: record.wish),
      series: [
        .init(
          name: "dream",
          points: dreamt.curve.enumerated().map { .init(x: Double($0.offset + 1), y: $0.element) })
      ])
    var item = Gallery.Item(
      title: "Dreamt upon", subtitle: record.wish,
      pictures: [
        after,
        try dreamt.before.photograph.picture(alternative: "What the dream began with: \(dreamt.title)"),
        try curve.picture(scale: 1),
      ])
    item.parameters = [
      .init("the network sees in the beginning", Self.words(record.before)),
      .init("the network sees in the dream", Self.words(record.after)),
      .init(
        "octaves",
        "\(record.octaves) by \(NumberText.rounded(record.scale, digits: 3)), \(record.steps) steps each"),
      .init(
        "a step",
        record.stepSeconds.map { "\(NumberText.rounded($0 * 1000, digits: 3)) ms" } ?? "not measured"),
      .init("seed", "\(record.seed)"),
    ]
    if films != nil { item.films = [FilmForm.allCases.map { .linked("\(base).\($0.rawValue)") }] }
    sections.append(.init(title: dreamt.title, items: [item]))
    try write(isFinished: false)
  }

  /// Writes the page for the last time; returns its name.
  package mutating func finish() throws -> String {
    try write(isFinished: true)
    return "index.html"
  }

  private static func words(_ classes: [SeenClass]) -> String {
    classes.map { "\($0.label) \(NumberText.threeDecimals(Float($0.probability)))" }.joined(separator: ", ")
  }

  private func write(isFinished: Bool) throws {
    var lead = [
      "What an image network begins to see in a picture was drawn into it, and looked for again, in a few sizes."
    ]
    if !isFinished, records.count < count {
      lead.append("The run is not finished: \(records.count) of \(count) pictures are here.")
    }
    let gallery = Gallery(header.page(lead), sections: sections)
    try store.write(Array(gallery.html().utf8), to: "index.html")
    try store.write(try RecordCoding.list(records), to: "report.json")
  }
}
