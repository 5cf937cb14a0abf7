package import Audio
package import Catalogue
package import Explain
package import Files
import Models
import Probe
import Reports
import Tensors

/// A catalogue that somebody looks through: its sounds by number, its map, its units.
package final class BrowsedCatalogue: Sendable {
  package let catalogue: Catalogue
  /// Those that were heard: a sound's number is its place among them.
  package let files: [CatalogueFile]
  /// How the catalogue is told from what it was before.
  package let identity: [FileIdentity?]
  private let placeOfFile: [Int: Int]

  /// - Throws: `CatalogueError`.
  package init(_ folder: String) throws {
    identity = Catalogue.identity(in: folder)
    catalogue = try Catalogue(reading: folder)
    files = try catalogue.heardFiles()
    placeOfFile = Dictionary(files.enumerated().map { ($1.id, $0) }) { first, _ in first }
  }

  /// Whether nobody has indexed into it since it was opened.
  package var isUnchanged: Bool { Catalogue.identity(in: catalogue.folder) == identity }

  /// The catalogue's folder, without what is around it.
  package var name: String { PathText.shown(Folder.name(of: catalogue.folder)) }

  package var model: String { catalogue.model.name }

  package func name(ofSound index: Int) -> String { PathText.shown(Folder.name(of: files[index].path)) }

  /// The layers that there are maps of, the embedding among them.
  package var layers: [String] {
    catalogue.layers.map(\.tensor) + (catalogue.embedding == nil ? [] : [CatalogueLayer.embeddingKind])
  }

  private func layer(_ name: String?) throws -> CatalogueLayer {
    try catalogue.layer(named: name ?? catalogue.lastLayer?.tensor ?? "")
  }

  private static func name(_ layer: CatalogueLayer) -> String {
    layer.isEmbedding ? CatalogueLayer.embeddingKind : layer.tensor
  }

  /// A layer's vectors of the sounds whose vectors are numbers, and which these are.
  private func vectors(of layer: CatalogueLayer) throws -> (sounds: [Int], values: Tensor) {
    let matrix = try catalogue.vectors(of: layer)
    let sounds = files.indices.filter { index in
      files[index].row.map { $0 < matrix.rows && matrix[$0].allSatisfy(\.isFinite) } ?? false
    }
    guard !sounds.isEmpty else { throw AtlasError.noSounds(catalogue.folder) }
    return (sounds, matrix.tensor(rows: sounds.compactMap { files[$0].row }))
  }

  // MARK: - The map

  /// Where the sounds lie by a layer.
  ///
  /// - Parameter layer: a tensor, or `embedding`; nil for the embedding, or the last layer.
  /// - Throws: `Cancelled`; `CatalogueError`, `AtlasError`.
  package func map(
    _ layer: String? = nil, method: AtlasRequest.Method = .tsne, control: RunControl = RunControl()
  ) throws -> CatalogueMap {
    let layer = try self.layer(layer)
    let (sounds, vectors) = try vectors(of: layer)
    var request = AtlasRequest(catalogue: catalogue.folder)
    request.method = method
    let map = try SoundMap(vectors, request, control: control)
    func hex(_ row: Int) -> String {
      let digits = (0..<3).map { column -> String in
        let text = String(Int((min(max(map.colours[row, column], 0), 1) * 255).rounded()), radix: 16)
        return text.count < 2 ? "0\(text)" : text
      }
      return "#" + digits.joined()
    }
    let points = sounds.enumerated().map { row, index in
      CatalogueMap.Point(
        index: index, name: name(ofSound: index), x: Double(map.coordinates[row, 0]),
        y: Double(map.coordinates[row, 1]), label: files[index].label, group: files[index].group,
        seconds: files[index].seconds, rgb: hex(row))
    }
    var counts: [String: Int] = [:]
    for point in points { if let label = point.label { counts[label, default: 0] += 1 } }
    return CatalogueMap(
      points: points, classes: counts.keys.sorted { (-(counts[$0] ?? 0), $0) < (-(counts[$1] ?? 0), $1) },
      clusters: MapClouds(map.coordinates).cloudOfPoint, layer: Self.name(layer), layers: layers,
      trustworthiness: map.trust?.finite, caption: map.words(count: points.count))
  }

  // MARK: - Units

  /// A unit's mean activation in each of the map's sounds.
  ///
  /// - Throws: `CatalogueError`, `AtlasError`.
  package func unit(_ channel: Int, of layer: String?) throws -> (values: [Float], name: String) {
    let layer = try self.layer(layer)
    let (sounds, vectors) = try vectors(of: layer)
    guard (0..<layer.channels).contains(channel) else {
      throw CatalogueError.noChannel(channel, layer: layer.tensor, channels: layer.channels)
    }
    return (sounds.indices.map { vectors[$0, channel] }, "mean of unit \(channel), \(Self.name(layer))")
  }

  /// Where in the sounds a unit answers most strongly; none for layers that the catalogue does not have.
  package func excerpts(ofUnit channel: Int, of tensor: String, top: Int) throws -> [CatalogueExcerpt] {
    guard let layer = catalogue.layers.first(where: { $0.tensor == tensor }),
      (0..<layer.channels).contains(channel)
    else { return [] }
    return try catalogue.exemplars(of: layer, channel: channel).prefix(top).compactMap { exemplar in
      guard let index = placeOfFile[exemplar.file.id], exemplar.value.isFinite else { return nil }
      return CatalogueExcerpt(
        index: index, sound: name(ofSound: index), start: exemplar.start, end: exemplar.end,
        value: exemplar.value)
    }
  }

  /// The fewest sounds that a correlation says anything of.
  private static let fewestSounds = 8

  /// Which descriptor of the sounds a unit goes with most, by Spearman's rank correlation of its mean activation; nil where the
  /// catalogue does not tell.
  package func descriptor(ofUnit channel: Int, of tensor: String) throws -> (
    name: String, correlation: Double
  )? {
    guard let layer = catalogue.layers.first(where: { $0.tensor == tensor }),
      (0..<layer.channels).contains(channel)
    else { return nil }
    let table = try catalogue.descriptors()
    let matrix = try catalogue.vectors(of: layer)
    let values = table.files.map { file -> Float in
      file.row.map { $0 < matrix.rows ? matrix[$0][channel] : .nan } ?? .nan
    }
    let found = table.names.indices.compactMap { column -> (name: String, correlation: Double)? in
      let rows = table.rows.indices.filter { values[$0].isFinite && table.rows[$0][column].isFinite }
      guard rows.count >= Self.fewestSounds,
        let correlation = rankCorrelation(rows.map { values[$0] }, rows.map { Float(table.rows[$0][column]) })
      else { return nil }
      return (DescriptorName(table.names[column]).words, correlation)
    }
    return found.max { abs($0.correlation) < abs($1.correlation) }
  }

  // MARK: - Sounds

  /// What is played of a sound at once, in seconds.
  package static let longest = 30.0

  /// The sound of that number, or a stretch of it, half a minute at most.
  ///
  /// - Throws: `BrowseError.missing`; `AudioError`.
  package func sound(_ index: Int, from start: Double = 0, to end: Double? = nil) throws -> Recording {
    let length = min(end.map { max(0.01, $0 - start) } ?? Self.longest, Self.longest)
    let recording = try Recording.read(try path(ofSound: index), from: start, duration: length)
    return end == nil && start == 0 ? recording : recording.faded(seconds: 0.01)
  }

  /// - Throws: `BrowseError`.
  package func path(ofSound index: Int) throws(BrowseError) -> String {
    guard files.indices.contains(index) else { throw .noSound(index, sounds: files.count) }
    guard FileIdentity(of: files[index].path) != nil else { throw .missing(name(ofSound: index)) }
    return files[index].path
  }

  /// The sounds that are nearest to the one of that number.
  ///
  /// - Throws: `BrowseError`, `CatalogueError`.
  package func neighbours(ofSound index: Int, by layer: String?, top: Int) throws -> [CatalogueNeighbour] {
    let layer = try self.layer(layer)
    guard files.indices.contains(index), let row = files[index].row else {
      throw BrowseError.noSound(index, sounds: files.count)
    }
    let content = files[index].contentHash.map { ContentHash(digits: $0) }
    return try neighbours(of: catalogue.vectors(of: layer)[row], layer, top: top, excluding: content)
  }

  /// The sounds that are nearest to that in the file at `path`, which need not be in the catalogue.
  ///
  /// - Throws: `CatalogueError`; `SoundVectorsError`; what reading the model throws.
  package func neighbours(of path: String, by layer: String?, top: Int, in workspace: Workspace) throws
    -> [CatalogueNeighbour]
  {
    let layer = try self.layer(layer)
    let content = try ContentHash(ofFileAt: path)
    var ear = CatalogueEar(of: catalogue, layer, files, in: workspace)
    return try neighbours(of: ear.vector(of: path, content), layer, top: top, excluding: content)
  }

  private func neighbours(
    of vector: [Float], _ layer: CatalogueLayer, top: Int, excluding content: ContentHash?
  )
    throws -> [CatalogueNeighbour]
  {
    try catalogue.neighbours(
      of: vector, in: layer, metric: .cosine, top: top, among: files, excluding: content
    )
    .compactMap { neighbour in
      placeOfFile[neighbour.file.id].map { index in
        CatalogueNeighbour(
          index: index, name: name(ofSound: index), label: neighbour.file.label,
          distance: Double(neighbour.distance).finite ?? 0)
      }
    }
  }
}

/// What can keep a sound of a catalogue from being played.
package enum BrowseError: Error, CustomStringConvertible {
  case noSound(Int, sounds: Int)
  case missing(String)

  package var description: String {
    switch self {
    case .noSound(let index, let sounds): "there is no sound \(index); the catalogue has \(sounds)"
    case .missing(let name): "\(name) is not where it was when the catalogue was made"
    }
  }
}
