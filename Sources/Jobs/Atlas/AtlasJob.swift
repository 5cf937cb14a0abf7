import Catalogue
package import Explain
import Figures
import Files
import Models
import Probe
package import Reports
import Tensors

/// Draws a map of the sounds of a catalogue: as a picture, as a page to look at and listen to, and as numbers.
package struct AtlasJob {
  private let request: AtlasRequest

  /// Components that are told and kept.
  private static let components = 10

  package init(_ request: AtlasRequest) { self.request = request }

  /// - Parameters:
  ///   - store: gets `index.html`, `atlas.png`, `atlas.svg`, `atlas.csv`, `atlas.npz` and `atlas.json`.
  ///   - folder: where the store's files lie, for links to sounds; nil where they lie nowhere.
  ///   - command: as the user typed it.
  ///   - note: told what should be known of the sounds.
  /// - Throws: `Cancelled`; `CatalogueError`, `AtlasError`; what writing throws.
  package func run(
    in store: any ResultStore, folder: String?, command: String, control: RunControl = RunControl(),
    note: (String) throws -> Void = { _ in }
  ) throws -> AtlasRecord {
    let catalogue = try Catalogue(reading: request.catalogue)
    let layer = try catalogue.layer(named: request.layer ?? catalogue.lastLayer?.tensor ?? "")
    guard request.colouring != .unit || (0..<layer.channels).contains(request.unit) else {
      throw CatalogueError.noChannel(request.unit, layer: layer.tensor, channels: layer.channels)
    }
    let heard = try catalogue.heardFiles()
    let all = try catalogue.vectors(of: layer).tensor(rows: heard.compactMap(\.row))
    // What is no number has no place.
    let finite = heard.indices.filter { all.rows($0..<$0 + 1).withUnsafeValues { $0.allSatisfy(\.isFinite) } }
    let files = finite.map { heard[$0] }
    guard !files.isEmpty else { throw AtlasError.noSounds(request.catalogue) }
    if finite.count < heard.count {
      try note("\(heard.count - finite.count) sounds whose activations are no numbers are left out")
    }
    let vectors = finite.count == heard.count ? all : Tensor(joining: finite.map { all.rows($0..<$0 + 1) })

    let map = try SoundMap(vectors, request, control: control.part(from: 0, to: 0.6))
    let content = content(files, layer, catalogue, map)
    let figure = content.figure
    let picture = try figure.png()
    let previews = AtlasPreviews(
      files, folder: folder, mostBytes: request.mostBytes, control: control.part(from: 0.6, to: 1, "previews")
    )
    let (kept, notes) = try previews.made()
    for text in notes { try note(text) }
    let header = ReportHeader(title: content.title, model: catalogue.model.name, request: command)
    var record = AtlasRecord(
      catalogue: PathText.shown(request.catalogue), model: catalogue.model.name, layer: layer.tensor,
      method: request.method.rawValue, clips: files.count, dimensions: vectors.shape[1],
      classes: content.classes.count, seed: request.seed, perplexity: map.perplexity,
      trustworthiness: map.trust, divergence: map.divergence, explainedVariance: map.explained,
      seconds: map.seconds, files: [])
    let pages: [(name: String, bytes: [UInt8])] = [
      ("atlas.png", picture), ("atlas.svg", try figure.svg()), ("atlas.csv", Array(content.table.utf8)),
      ("atlas.npz", try content.archive()),
      ("index.html", Array(content.page(header, previews: kept, picture: picture, notes: notes).html().utf8)),
    ]
    record.files = pages.map(\.name) + ["atlas.json"]
    for page in pages { try store.write(page.bytes, to: page.name) }
    try store.write(RecordCoding.file(record), to: "atlas.json")
    return record
  }

  private func content(
    _ files: [CatalogueFile], _ layer: CatalogueLayer, _ catalogue: Catalogue, _ map: SoundMap
  )
    -> AtlasContent
  {
    let name = layer.isEmbedding ? "embedding" : layer.tensor
    let unit = request.colouring == .unit ? request.unit : nil
    return AtlasContent(
      title: "\(files.count) sounds as \(catalogue.model.name) hears them: \(name)",
      model: catalogue.model.name,
      layer: layer.tensor, caption: map.words(count: files.count),
      entries: files.map { file in
        AtlasContent.Entry(
          name: PathText.shown(Folder.name(of: file.path)), path: file.path, label: file.label,
          group: file.group,
          seconds: file.seconds)
      },
      coordinates: map.coordinates, vectors: map.vectors, components: map.components, colours: map.colours,
      unit: unit.map { channel in
        (
          "mean of unit \(channel), \(name)",
          files.indices.map { Double(map.vectors[$0, channel]) }
        )
      }, colouring: request.colouring)
  }
}

/// What can keep a map from being drawn.
package enum AtlasError: RemediableError {
  case noSounds(String)

  package var description: String {
    switch self {
    case .noSounds(let catalogue):
      "\(PathText.shown(catalogue)): holds no sound that was heard; index some with 'otoscope index'"
    }
  }
}
