package import Audio
import Figures
import Files
import Models
package import Probe
import Tensors

/// What the layers of a network make of a clip, as files and a page: layer after layer, as they are computed.
package struct LayerReport {
  private let store: any ResultStore
  private let header: ReportHeader
  private let drawing: LayerCanvas
  private let recording: Recording
  private let stem: String
  private var items: [Gallery.Section] = []
  private var energies: [LayerEnergy] = []
  /// Drawn smaller than files are, so that the pages of networks with a hundred layers can be opened.
  private static let pageScale = 1.25

  /// - Parameter recording: what is soloed: never beyond full scale.
  package init(
    _ store: any ResultStore, _ header: ReportHeader, _ drawing: LayerCanvas, _ recording: Recording,
    stem: String
  ) {
    (self.store, self.header, self.drawing, self.stem) = (store, header, drawing, stem)
    self.recording = recording.scaledToFullScaleIfLouder()
  }

  /// Writes a layer's sheet, its maps and its soloed channels.
  ///
  /// - Parameter number: in the outline of the network, from 1 on.
  package mutating func add(
    _ maps: ClipMaps, _ attention: AttentionMaps?, number: Int?, soloed: [Int]
  ) throws -> (layer: LayerLookRecord, channels: [ChannelRecord]) {
    let layer = maps.layer.tensor
    let base =
      "\(stem).\(number.map { "\($0)-" } ?? "")\(FileNames.slug(of: String(layer.suffix(48)), orElse: "layer"))"
    let shown = drawing.shown(maps)
    let (dead, constant) = (
      maps.channels.filter(\.isDead).map(\.index),
      maps.channels.filter { $0.isConstant && !$0.isDead }.map(\.index)
    )
    let field = drawing.field(maps)
    let isOfHeads = maps.layer.kind == .attention
    let unit = isOfHeads ? "head" : "channel"
    let size = "\(maps.channelCount) \(unit)\(maps.channelCount == 1 ? "" : "s")"
    let notes = Self.notes(dead, constant, shown, maps, unit)
    let title = "\(drawing.canvas.name): \(number.map { "\($0) " } ?? "")\(layer)"
    let caption =
      "\(drawing.model.name), \(shown.count) of \(size). A place sees "
      + "\(NumberText.rounded(field.seconds, digits: 3)) s x \(Int(field.hertz.rounded())) Hz"
      + (maps.geometry.mixesAllPlaces ? ", and through attention or recurrence the whole patch. " : ". ")
      + notes.joined(separator: " ") + drawing.panelsNote(maps)
    let sheet = drawing.sheet(maps, title: title, caption: caption)
    var files: [String] = []
    var pictures: [Report.Picture] = []
    func write(_ figure: SheetFigure, _ ending: String) throws {
      try store.write(figure.png(), to: "\(base)\(ending).png")
      try store.write(figure.svg(), to: "\(base)\(ending).svg")
      files += ["\(base)\(ending).png", "\(base)\(ending).svg"]
      pictures.append(try figure.picture(scale: Self.pageScale))
    }
    try write(sheet, "")
    if let attention {
      try write(
        drawing.sheet(
          attention, of: maps, title: "\(title): heads",
          caption: "Which times (across) each time (upwards) attends to"
            + (drawing.canvas.listening.patchStarts.count > 1 ? ", in the first patch of the clip. " : ". ")
            + "Over the bands summed where they are attended to, averaged where they attend."),
        ".heads")
    }
    try store.write(archive(maps, attention, shown, base).npz(compressed: true), to: "\(base).npz")
    files.append("\(base).npz")

    let energy = drawing.energy(maps, number: number)
    energies.append(energy)
    let loudest = energy.values.indices.max { energy.values[$0] < energy.values[$1] }
    let record = LayerLookRecord(
      sound: drawing.canvas.path, layer: layer, number: number, kind: maps.layer.kind,
      channels: maps.channelCount, times: maps.geometry.time.count, bands: maps.geometry.band.count,
      fieldSeconds: field.seconds, fieldHertz: field.hertz, hearsAll: maps.geometry.mixesAllPlaces,
      dead: dead, constant: constant, shown: shown,
      energyPeakSeconds: loudest.flatMap {
        energy.values[$0] > 0 ? drawing.seconds(ofColumn: $0, maps) : nil
      }, files: files)

    var section = Gallery.Section(
      title: "\(number.map { "\($0) " } ?? "")\(layer)", notes: notes,
      items: [
        Gallery.Item(
          subtitle: "\(maps.layer.kind.rawValue), \(size), \(maps.geometry.time.count) x "
            + "\(maps.geometry.band.count) places of a patch",
          pictures: pictures,
          parameters: [
            .init(
              "A place sees",
              "\(NumberText.rounded(field.seconds, digits: 3)) s x \(Int(field.hertz.rounded())) Hz")
          ])
      ])
    var channels: [ChannelRecord] = []
    for channel in soloed {
      let (record, item) = try solo(channel, maps, base: base, unit: unit)
      channels.append(record)
      section.items.append(item)
    }
    items.append(section)
    return (record, channels)
  }

  private func solo(
    _ channel: Int, _ maps: ClipMaps, base: String, unit: String
  ) throws -> (ChannelRecord, Gallery.Item) {
    let solo = SoloedChannel(channel, of: maps, on: drawing, recording)
    let name = "\(base).\(unit)-\(channel)"
    let picture = try solo.figure.picture(scale: 2)
    try store.write(picture.png, to: "\(name).png")
    try store.write(solo.figure.svg(), to: "\(name).svg")
    try store.write(wavBytes(of: solo.heard), to: "\(name).heard.wav")
    try store.write(wavBytes(of: solo.ignored), to: "\(name).ignored.wav")
    let summary = maps.channels[channel]
    let record = ChannelRecord(
      sound: drawing.canvas.path, layer: maps.layer.tensor, channel: channel, lowest: summary.lowest,
      highest: summary.highest, strength: summary.strength,
      peakSeconds: summary.isConstant ? nil : drawing.seconds(ofColumn: summary.peak.column, maps),
      peakHertz: summary.isConstant ? nil : drawing.hertz(ofBand: summary.peak.band, maps),
      heardShare: solo.share,
      files: ["png", "svg", "heard.wav", "ignored.wav"].map { "\(name).\($0)" })
    let item = Gallery.Item(
      title: "\(unit) \(channel), soloed",
      notes: summary.isDead ? ["This \(unit) is zero throughout the clip."] : [],
      pictures: [picture],
      sounds: [
        .init(
          "Clip", hint: "the whole sound", .embedded(try wavBytes(of: recording.preview), mime: "audio/wav")),
        .init(
          "Heard", hint: "what the \(unit) follows",
          .embedded(try wavBytes(of: solo.heard.preview), mime: "audio/wav")),
        .init(
          "Ignored", hint: "the rest", .embedded(try wavBytes(of: solo.ignored.preview), mime: "audio/wav")),
      ],
      parameters: [
        .init("Share of the clip's energy", "\(NumberText.rounded(100 * solo.share, digits: 3)) %")
      ])
    return (record, item)
  }

  /// The maps of the channels shown, what all channels do, and where they lie.
  private func archive(
    _ maps: ClipMaps, _ attention: AttentionMaps?, _ shown: [Int], _ base: String
  ) throws -> NumPyArchive {
    func vector(_ values: [Double]) -> Tensor { Tensor([values.count], values.map { Float($0) }) }
    var arrays: [(name: String, tensor: Tensor)] = [
      (
        "maps",
        shown.isEmpty
          ? Tensor([0, maps.columns, maps.bands])
          : Tensor(joining: shown.map { maps.values.rows($0..<$0 + 1) })
      ),
      ("channels", vector(shown.map(Double.init))),
      ("column_seconds", vector((0..<maps.columns).map { drawing.seconds(ofColumn: $0, maps) })),
      ("strength", Tensor([maps.channelCount], maps.channels.map(\.strength))),
      ("lowest", Tensor([maps.channelCount], maps.channels.map(\.lowest))),
      ("highest", Tensor([maps.channelCount], maps.channels.map(\.highest))),
      ("energy", Tensor([maps.columns], maps.energy)),
    ]
    let hertz = (0..<maps.bands).compactMap { drawing.hertz(ofBand: $0, maps) }
    if hertz.count == maps.bands { arrays.append(("band_hertz", vector(hertz))) }
    if let attention {
      arrays.append(("attention", attention.values))
      arrays.append(("attention_elsewhere", Tensor([attention.elsewhere.count], attention.elsewhere)))
    }
    return try NumPyArchive(arrays, from: base)
  }

  private static func notes(
    _ dead: [Int], _ constant: [Int], _ shown: [Int], _ maps: ClipMaps, _ unit: String
  ) -> [String] {
    func list(_ channels: [Int]) -> String {
      let told = 12
      return channels.prefix(told).map(String.init).joined(separator: ", ")
        + (channels.count > told ? " and \(channels.count - told) more" : "")
    }
    var notes: [String] = []
    if !dead.isEmpty {
      notes.append(
        "Zero throughout this clip: \(dead.count) of \(maps.channelCount) \(unit)s (\(list(dead))).")
    }
    if !constant.isEmpty {
      notes.append(
        "The same everywhere in this clip: \(constant.count) of \(maps.channelCount) \(unit)s (\(list(constant)))."
      )
    }
    return notes
  }

  /// Writes what is said of all layers together, and the page; returns its name.
  package func finish() throws -> String {
    var pictures: [Report.Picture] = []
    if let figure = drawing.energyFigure(energies) {
      try store.write(figure.png(), to: "\(stem).energy.png")
      try store.write(figure.svg(), to: "\(stem).energy.svg")
      pictures.append(try figure.picture(scale: Self.pageScale))
    }
    if let sheet = drawing.energySheet(energies) {
      try store.write(sheet.png(), to: "\(stem).energy-map.png")
      try store.write(sheet.svg(), to: "\(stem).energy-map.svg")
      pictures.append(try sheet.picture(scale: Self.pageScale))
    }
    let plain = try drawing.canvas.plain()
    var first = Gallery.Section(
      title: drawing.canvas.name,
      notes: drawing.canvas.flaws.map { "\($0)." },
      items: [
        Gallery.Item(
          pictures: [plain.picture],
          sounds: [
            .init("Clip", hint: "the whole sound", .embedded(plain.heardPreview, mime: "audio/wav"))
          ])
      ])
    if !pictures.isEmpty {
      first.items.append(Gallery.Item(title: "Energy of the layers over time", pictures: pictures))
    }
    let page = Gallery(
      header.page([
        "What each layer makes of this sound. A cell shows one channel: where, in seconds and hertz, it answers. Places are "
          + "drawn where the middle of what they see lies; later layers see more of the sound at once, so their maps are "
          + "coarser.",
        "Channels are ordered by their strength, the standard deviation over the clip: a channel that is the same "
          + "everywhere tells nothing about this sound, however large it is.",
      ]), sections: [first] + items)
    try store.write(Array(page.html().utf8), to: "index.html")
    return "index.html"
  }
}
