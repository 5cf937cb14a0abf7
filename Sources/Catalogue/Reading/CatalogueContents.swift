import struct FoundationEssentials.Data
import GRDB
import Tensors

/// The rows of a catalogue's tables as values.
struct CatalogueContents {
  let model: ModelIdentity
  let settings: CatalogueSettings
  let layers: [CatalogueLayer]
  let embedding: CatalogueLayer?

  init(_ database: Database) throws {
    guard let model = try Row.fetchOne(database, sql: "SELECT * FROM model"),
      let settings = try Row.fetchOne(database, sql: "SELECT * FROM settings")
    else { throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "it does not say which model made it") }
    self.model = ModelIdentity(
      name: model["name"], path: model["path"], contentHash: ContentHash(digits: model["content_hash"]),
      frontEnd: model["front_end"], choice: model["choice"])
    self.settings = CatalogueSettings(top: settings["top"], perFile: settings["per_file"])
    let all = try Row.fetchAll(database, sql: "SELECT * FROM layers ORDER BY number").map { row in
      CatalogueLayer(
        number: row["number"], tensor: row["tensor"], kind: row["kind"], channels: row["channels"],
        times: row["times"], bands: row["bands"], seenSeconds: row["sees_seconds"], vectorFile: row["vectors"]
      )
    }
    layers = all.filter { !$0.isEmbedding }
    embedding = all.first { $0.isEmbedding }
  }

  static func files(_ database: Database) throws -> [CatalogueFile] {
    // By place: looking names up costs more than all else, where there are many files.
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT id, path, bytes, modified_ns, content_hash, seconds, class, recording_group, status, error, row
        FROM files ORDER BY id
        """)
    var files: [CatalogueFile] = []
    while let row = try rows.next() {
      files.append(
        CatalogueFile(
          id: row[0], path: row[1], bytes: row[2], modified: row[3], contentHash: row[4], seconds: row[5],
          label: row[6], group: row[7], status: CatalogueFile.Status(rawValue: row[8]) ?? .failed,
          error: row[9],
          row: row[10]))
    }
    return files
  }

  /// What the database holds of one layer's strongest places, file by file.
  static func candidates(_ database: Database, layer: Int, _ body: (Int, [CandidatePlace]) throws -> Void)
    throws
  {
    let rows = try Row.fetchCursor(
      database, sql: "SELECT file, places FROM candidates WHERE layer = ? ORDER BY file", arguments: [layer])
    while let row = try rows.next() {
      let file: Int = row["file"]
      try row.withUnsafeData(named: "places") { data in
        try body(file, data.map { $0.withUnsafeBytes { CandidatePlace.places($0) } } ?? [])
      }
    }
  }
}
