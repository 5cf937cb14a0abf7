package import Files
import GRDB

/// What a model hears in a corpus, on disk, open for reading.
///
/// ```swift
/// let catalogue = try Catalogue(reading: "birds.catalogue")
/// let layer = try catalogue.layer(named: "conv5")
/// let files = try catalogue.heardFiles()                   // those with vectors
/// let means = try catalogue.vectors(of: layer)             // means[files[0].row!], one value a channel
/// let strongest = try catalogue.exemplars(of: layer, channel: 37)
/// ```
/// Another process may index into it meanwhile: each call sees whole files.
package final class Catalogue: Sendable {
  package let folder: String
  package let model: ModelIdentity
  /// How many places of a channel are kept, and how many of them may be of one file.
  package let settings: CatalogueSettings
  /// The layers with exemplars, in the order in which the network computes them.
  package let layers: [CatalogueLayer]
  /// What the last linear layer reads; nil where the network has none.
  package let embedding: CatalogueLayer?
  let database: DatabaseQueue

  /// - Throws: `CatalogueError`: no catalogue, another program's database, a newer format, damage.
  package init(reading folder: String) throws {
    self.folder = folder
    (database, model, settings, layers, embedding) = try CatalogueError.translating(folder) {
      let database = try Self.open(folder, readonly: true)
      let contents = try database.read { try CatalogueContents($0) }
      return (database, contents.model, contents.settings, contents.layers, contents.embedding)
    }
  }

  /// The database in `folder`, checked to be a catalogue's of a known format.
  static func open(_ folder: String, readonly: Bool) throws -> DatabaseQueue {
    let path = Folder.path(to: CatalogueSchema.database, in: folder)
    guard WholeFile.exists(path) else { throw CatalogueError.notFound(folder) }
    var configuration = Configuration()
    configuration.readonly = readonly
    configuration.busyMode = .timeout(10)
    let database: DatabaseQueue
    do { database = try DatabaseQueue(path: path, configuration: configuration) } catch let error
      as DatabaseError
    {
      // A database that was left in the middle of a transaction cannot be opened where nothing can be written.
      guard error.resultCode != .SQLITE_CANTOPEN || !readonly else {
        throw CatalogueError.damaged(
          folder, reason: "\(path) cannot be opened: \(error.message ?? "no reason given")")
      }
      throw error
    }
    try database.read { database in
      let application = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
      guard application == CatalogueSchema.application else {
        throw CatalogueError.notACatalogue(folder, reason: "its database is another program's")
      }
      let format = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
      guard format <= CatalogueSchema.format else {
        throw CatalogueError.newerFormat(folder, found: format, known: CatalogueSchema.format)
      }
    }
    return database
  }

  /// How the files of a catalogue's database are told from what they were before.
  package static func identity(in folder: String) -> [FileIdentity?] {
    let database = Folder.path(to: CatalogueSchema.database, in: folder)
    return [FileIdentity(of: database), FileIdentity(of: "\(database)-wal")]
  }

  // MARK: - Layers

  /// The layer that makes `tensor`, or the one with that number, counted from 1; `embedding` for the embedding.
  ///
  /// - Throws: `CatalogueError.noLayer`.
  package func layer(named tensor: String) throws(CatalogueError) -> CatalogueLayer {
    if let layer = layers.first(where: { $0.tensor == tensor }) { return layer }
    if let embedding, tensor == CatalogueLayer.embeddingKind || tensor == embedding.tensor {
      return embedding
    }
    if let number = Int(tensor), layers.indices.contains(number - 1) { return layers[number - 1] }
    let names = layers.map(\.tensor) + (embedding == nil ? [] : [CatalogueLayer.embeddingKind])
    let near = names.filter { $0.lowercased().contains(tensor.lowercased()) }
    throw .noLayer(tensor, nearest: tensor.isEmpty ? [] : Array(near.prefix(3)), layers: names)
  }

  /// The embedding, or the last layer where there is none.
  package var lastLayer: CatalogueLayer? { embedding ?? layers.last }

  // MARK: - Files

  /// All files, in the order in which they were indexed.
  package func files() throws -> [CatalogueFile] {
    try CatalogueError.translating(folder) { try database.read { try CatalogueContents.files($0) } }
  }

  /// Files that have vectors, also those that were removed since.
  package func heardFiles() throws -> [CatalogueFile] { try files().filter { $0.row != nil } }

  // MARK: - Vectors

  /// A layer's mean activations: a row a clip, at `CatalogueFile.row`, a column a channel.
  package func vectors(of layer: CatalogueLayer) throws -> VectorMatrix {
    let rows = try CatalogueError.translating(folder) {
      try database.read { try Int.fetchOne($0, sql: "SELECT max(row) + 1 FROM files") ?? 0 }
    }
    return try VectorMatrix(
      Folder.path(to: layer.vectorFile, in: folder), rows: rows, width: layer.channels, of: folder)
  }
}

/// What a catalogue keeps for all files.
package struct CatalogueSettings: Sendable, Hashable, Codable {
  /// Places of a channel.
  package var top: Int
  /// Of these, the most of one file.
  package var perFile: Int

  package init(top: Int = 16, perFile: Int = 2) { (self.top, self.perFile) = (top, perFile) }
}

extension CatalogueSettings {
  /// Checks that what somebody asks for, where anybody does, is what there is.
  package func requireSame(top: Int?, perFile: Int?, in folder: String) throws(CatalogueError) {
    if let top, top != self.top {
      throw .otherSettings(folder, what: "--top", made: "\(self.top)", given: "\(top)")
    }
    if let perFile, perFile != self.perFile {
      throw .otherSettings(folder, what: "--per-file", made: "\(self.perFile)", given: "\(perFile)")
    }
  }
}
