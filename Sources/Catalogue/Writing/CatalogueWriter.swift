import Files
import GRDB
import Tensors

/// A catalogue, open for writing by this process alone.
///
/// Each file is added whole: its vectors first, at a free row, then all else in one transaction. So whatever ends the process,
/// the catalogue holds the files that were finished, and the next run goes on behind them. After an error, it is not to be
/// used any more.
package final class CatalogueWriter {
  package let folder: String
  package let settings: CatalogueSettings
  /// All layers, the embedding last, in the order of an ``IndexedClip``'s vectors.
  package let layers: [CatalogueLayer]
  /// What is known of each path.
  package private(set) var files: [String: CatalogueFile]

  private let database: DatabaseQueue
  private let vectorFiles: [VectorFile]
  private var strongest: [RunningExemplars]
  private var descriptorNames: Set<String>
  private var rows: FreeRows
  private var nextFile: Int
  private var unsynchronized = 0
  private let lock: CatalogueLock

  /// Called before each step of writing; for tests, which stop there.
  package var beforeStep: (Step) throws -> Void = { _ in }

  package enum Step: Sendable, Hashable {
    case vectors(layer: Int), transaction, places(layer: Int), commit, committed
  }

  /// Files between two moments at which everything is on the disk. After a loss of power, so many are checked.
  static let filesPerCheckpoint = 1024

  /// Opens the catalogue in `folder`, and makes it where there is none.
  ///
  /// - Parameters:
  ///   - layers: of a new one: tensor, kind, channels and places; `number` and file are given here.
  /// - Throws: `CatalogueError`.
  package init(
    _ folder: String, model: ModelIdentity, settings: CatalogueSettings, layers: [CatalogueLayer]
  ) throws {
    self.folder = folder
    try Self.prepare(folder)
    lock = try CatalogueLock(folder)
    let (opened, contents) = try CatalogueError.translating(folder) {
      let opened = try Self.openForWriting(folder)
      try opened.write { database in
        guard try !database.tableExists("model") else { return }
        try CatalogueSchema.create(database)
        try Self.insert(model, settings, layers, into: database)
      }
      // Now that the tables are there, it is checked like any other.
      _ = try Catalogue.open(folder, readonly: false)
      return (opened, try opened.read { try CatalogueContents($0) })
    }
    database = opened
    try contents.model.requireSame(as: model, in: folder)
    self.settings = contents.settings
    let all = contents.layers + [contents.embedding].compactMap(\.self)
    self.layers = all
    vectorFiles = try all.map {
      try VectorFile(Folder.path(to: $0.vectorFile, in: folder), width: $0.channels, of: folder)
    }
    strongest = all.map {
      RunningExemplars(channels: $0.isEmbedding ? 0 : $0.channels, top: contents.settings.top)
    }
    (files, descriptorNames, rows, nextFile) = ([:], [], FreeRows(used: []), 1)
    try CatalogueError.translating(folder) { try load() }
  }

  private static func prepare(_ folder: String) throws {
    do throws(FileError) { try WholeFile.makeFolder(folder) } catch {
      guard case .unwritable(_, let reason) = error else { throw error }
      throw CatalogueError.unwritable(folder, reason: reason)
    }
    let own = [CatalogueSchema.database, CatalogueSchema.vectors, CatalogueSchema.lock]
    let names = try Folder.visiblePaths(in: folder).map(Folder.name(of:))
    guard names.contains(CatalogueSchema.database) || names.allSatisfy(own.contains) else {
      throw CatalogueError.notEmpty(folder)
    }
    try WholeFile.makeFolder(Folder.path(to: CatalogueSchema.vectors, in: folder))
  }

  private static func openForWriting(_ folder: String) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.busyMode = .timeout(10)
    let database = try DatabaseQueue(
      path: Folder.path(to: CatalogueSchema.database, in: folder), configuration: configuration)
    // Readers go on while files are added; the disk is waited for at checkpoints.
    try database.writeWithoutTransaction { database in
      let isNew = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") == 0
      let application = try Int32.fetchOne(database, sql: "PRAGMA application_id")
      guard isNew || application == CatalogueSchema.application else {
        throw CatalogueError.notACatalogue(folder, reason: "its database is another program's")
      }
      try database.execute(
        sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0")
    }
    return database
  }

  private static func insert(
    _ model: ModelIdentity, _ settings: CatalogueSettings, _ layers: [CatalogueLayer], into database: Database
  ) throws {
    try database.execute(
      sql: "INSERT INTO model VALUES (1, ?, ?, ?, ?, ?)",
      arguments: [model.name, model.path, model.contentHash, model.frontEnd, model.choice])
    try database.execute(
      sql: "INSERT INTO settings VALUES (1, ?, ?)", arguments: [settings.top, settings.perFile])
    for (number, layer) in layers.enumerated() {
      try database.execute(
        sql: "INSERT INTO layers VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        arguments: [
          number, layer.tensor, layer.kind, layer.channels, layer.times, layer.bands, layer.seenSeconds,
          CatalogueSchema.vectorFile(number),
        ])
    }
  }

  /// Reads what is there, and takes out files whose vectors a loss of power has swallowed.
  private func load() throws {
    try database.write { database in
      let newest = try Row.fetchAll(
        database,
        sql: "SELECT id, row, vectors_hash FROM files WHERE row IS NOT NULL ORDER BY id DESC LIMIT ?",
        arguments: [Self.filesPerCheckpoint])
      for file in newest where hash(ofRow: file["row"]) != file["vectors_hash"] {
        try database.execute(sql: "DELETE FROM files WHERE id = ?", arguments: [file["id"] as Int])
      }
      let all = try CatalogueContents.files(database)
      files = Dictionary(all.map { ($0.path, $0) }) { first, _ in first }
      rows = FreeRows(used: all.compactMap(\.row))
      nextFile = (all.map(\.id).max() ?? 0) + 1
      descriptorNames = Set(try Catalogue.descriptorNames(database))
      let removed = Set(all.filter { $0.status == .removed }.map(\.id))
      for layer in layers.indices where !layers[layer].isEmbedding {
        try CatalogueContents.candidates(database, layer: layers[layer].number) { file, places in
          guard !removed.contains(file) else { return }
          for place in places { strongest[layer].insert(place.value, of: file, channel: Int(place.channel)) }
        }
      }
    }
  }

  // MARK: - Thresholds

  /// What a value must exceed to be among a channel's strongest, by layer and channel; infinity where none are kept.
  package var thresholds: [[Float]] {
    layers.indices.map { layer in
      let exemplars = strongest[layer]
      return (0..<layers[layer].channels).map {
        layers[layer].isEmbedding ? .infinity : exemplars.threshold($0)
      }
    }
  }

  // MARK: - Files

  /// Adds a sound, in place of what was known of its path.
  package func add(_ clip: IndexedClip) throws {
    let known = files[clip.source.path]
    let (row, id) = (rows.next, known?.id ?? nextFile)
    for (layer, values) in clip.vectors.enumerated() {
      try beforeStep(.vectors(layer: layer))
      try vectorFiles[layer].write(values, row: row)
    }
    let entered = clip.places.enumerated().map { layer, places in
      if known != nil { strongest[layer].remove(id) }
      return places.filter { strongest[layer].insert($0.value, of: id, channel: Int($0.channel)) }
    }
    let file = CatalogueFile(
      clip.source, id: id, contentHash: clip.contentHash, seconds: clip.seconds, status: .indexed, row: row)
    try CatalogueError.translating(folder) {
      try beforeStep(.transaction)
      try addColumns(clip.descriptors.map(\.name))
      try database.write { database in
        try Self.replace(file, vectorsHash: Self.hash(clip.vectors), in: database)
        for (layer, places) in entered.enumerated() where !places.isEmpty {
          try beforeStep(.places(layer: layer))
          let statement = try database.cachedStatement(
            sql: "INSERT INTO candidates (file, layer, places) VALUES (?, ?, ?)")
          try statement.execute(
            arguments: [id, layers[layer].number, CandidatePlace.data(places)])
        }
        if !clip.descriptors.isEmpty { try Self.insert(clip.descriptors, of: id, into: database) }
        try beforeStep(.commit)
      }
      try beforeStep(.committed)
    }
    rows.take(row)
    if let old = known?.row { rows.free(old) }
    keep(file)
    try synchronizeNowAndThen()
  }

  /// Notes that a sound cannot be heard, and why.
  package func addFailure(_ source: SoundSource, _ reason: String) throws {
    let known = files[source.path]
    let file = CatalogueFile(
      source, id: known?.id ?? nextFile, contentHash: nil, seconds: nil, status: .failed, error: reason,
      row: nil)
    guard known != file else { return }
    try write { try Self.replace(file, vectorsHash: nil, in: $0) }
    if known?.row != nil { for layer in strongest.indices { strongest[layer].remove(file.id) } }
    if let old = known?.row { rows.free(old) }
    keep(file)
  }

  /// A known sound whose content is as it was: what else is said of it may be new.
  package func update(_ file: CatalogueFile, _ source: SoundSource) throws {
    let new = CatalogueFile(
      source, id: file.id, contentHash: file.contentHash.map(ContentHash.init(digits:)),
      seconds: file.seconds,
      status: .indexed, row: file.row)
    guard new != file else { return }
    try write { database in
      try database.execute(
        sql: """
          UPDATE files SET bytes = ?, modified_ns = ?, class = ?, recording_group = ?, status = 'indexed' WHERE id = ?
          """,
        arguments: [source.bytes, source.modified, source.label, source.group, file.id])
    }
    keep(new)
  }

  /// A known sound that is not there any more.
  package func markRemoved(_ file: CatalogueFile) throws {
    guard file.status != .removed else { return }
    try write { database in
      if file.row == nil {
        try database.execute(sql: "DELETE FROM files WHERE id = ?", arguments: [file.id])
      } else {
        try database.execute(sql: "UPDATE files SET status = 'removed' WHERE id = ?", arguments: [file.id])
      }
    }
    files[file.path] = file.row == nil ? nil : file.marked(.removed)
    for layer in strongest.indices { strongest[layer].remove(file.id) }
  }

  /// Brings everything to the disk and leaves a database that can be read from anywhere.
  package func finish() throws {
    try synchronize()
    try CatalogueError.translating(folder) {
      try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
    }
  }

  // MARK: - Steps

  private func write(_ body: (Database) throws -> Void) throws {
    try CatalogueError.translating(folder) { try database.write(body) }
    try synchronizeNowAndThen()
  }

  private func keep(_ file: CatalogueFile) {
    files[file.path] = file
    nextFile = max(nextFile, file.id + 1)
  }

  private func synchronizeNowAndThen() throws {
    unsynchronized += 1
    if unsynchronized >= Self.filesPerCheckpoint { try synchronize() }
  }

  private func synchronize() throws {
    for file in vectorFiles { try file.synchronize() }
    try CatalogueError.translating(folder) {
      // A reader in the middle of a question delays what can be moved; the next time takes it.
      try database.writeWithoutTransaction { _ = try $0.checkpoint(.passive) }
    }
    unsynchronized = 0
  }

  private static func replace(_ file: CatalogueFile, vectorsHash: Int64?, in database: Database) throws {
    try database.cachedStatement(sql: "DELETE FROM files WHERE id = ?").execute(arguments: [file.id])
    try database.cachedStatement(sql: "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .execute(
        arguments: [
          file.id, file.path, file.bytes, file.modified, file.contentHash, file.seconds, file.label,
          file.group,
          file.status.rawValue, file.error, file.row, vectorsHash,
        ])
  }

  // MARK: - Descriptors

  /// A column for each descriptor that has none yet.
  private func addColumns(_ names: [String]) throws {
    let new = names.filter { !descriptorNames.contains($0) }
    guard !new.isEmpty else { return }
    try database.write { database in
      for name in new {
        try database.execute(sql: "ALTER TABLE descriptors ADD COLUMN \(name.quotedDatabaseIdentifier) REAL")
      }
    }
    descriptorNames.formUnion(new)
  }

  private static func insert(_ values: [(name: String, value: Double)], of file: Int, into database: Database)
    throws
  {
    let columns = values.map(\.name.quotedDatabaseIdentifier).joined(separator: ", ")
    let places = values.map { _ in "?" }.joined(separator: ", ")
    var arguments: StatementArguments = [file]
    for value in values { arguments += [value.value.isFinite ? value.value : nil] }
    try database.cachedStatement(sql: "INSERT INTO descriptors (file, \(columns)) VALUES (?, \(places))")
      .execute(
        arguments: arguments)
  }

  // MARK: - Hashes

  /// Of a row in all layers' files; nil where one of them is too short.
  private func hash(ofRow row: Int) -> Int64? {
    var vectors: [[Float]] = []
    for file in vectorFiles {
      guard let values = file.read(row: row) else { return nil }
      vectors.append(values)
    }
    return Self.hash(vectors)
  }

  private static func hash(_ vectors: [[Float]]) -> Int64 {
    var hash = FNV1a()
    for vector in vectors { for value in vector { hash.add(UInt64(value.bitPattern)) } }
    return Int64(bitPattern: hash.fingerprint)
  }
}
