import GRDB
import Reports

/// A clip that somebody brought, recorded or made with the brush.
struct StoredClip: Encodable, Sendable {
  let id: String
  let name: String
  let seconds: Double
  let rate: Int
  let channels: Int
  let added: String
  /// What is wrong with it, or was left out, in sentences.
  let notes: [String]
  /// The clip that it was edited from.
  @OrNull var parent: String?
  /// The file in `clips`.
  let content: String
  /// Which part of the file it is, in seconds.
  let start: Double
  let duration: Double

  /// As visitors see it.
  private enum CodingKeys: String, CodingKey { case id, name, seconds, rate, channels, added, notes, parent }

  init(
    id: String, name: String, seconds: Double, rate: Int, channels: Int, added: String, notes: [String],
    parent: String?, content: String, start: Double, duration: Double
  ) {
    (self.id, self.name, self.seconds, self.rate, self.channels) = (id, name, seconds, rate, channels)
    (self.added, self.notes, self.content, self.start) = (added, notes, content, start)
    self.duration = duration
    self.parent = parent
  }

  init(_ row: Row) throws {
    let notes: String = row["notes"]
    self.init(
      id: row["id"], name: row["name"], seconds: row["seconds"], rate: row["rate"], channels: row["channels"],
      added: row["added"], notes: try RecordCoding.read([String].self, from: notes.utf8),
      parent: row["parent"],
      content: row["content"], start: row["start"], duration: row["duration"])
  }
}

extension StudioStore {
  /// Newest first.
  func clips() throws -> [StoredClip] {
    try database.read {
      try Row.fetchAll($0, sql: "SELECT * FROM clips ORDER BY added DESC, rowid DESC").map {
        try StoredClip($0)
      }
    }
  }

  /// - Throws: `StudioFailure.notFound`.
  func clip(_ id: String) throws -> StoredClip {
    guard
      let row = try database.read({
        try Row.fetchOne($0, sql: "SELECT * FROM clips WHERE id = ?", arguments: [id])
      })
    else { throw StudioFailure.notFound("such clip") }
    return try StoredClip(row)
  }

  /// Keeps a clip; false where it is there already.
  func add(_ clip: StoredClip) throws -> Bool {
    let notes = try RecordCoding.line(clip.notes)
    return try database.write { database in
      try database.execute(
        sql: """
          INSERT OR IGNORE INTO clips (id, content, name, seconds, rate, channels, start, duration, added, notes, parent)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          clip.id, clip.content, clip.name, clip.seconds, clip.rate, clip.channels, clip.start, clip.duration,
          clip.added, notes, clip.parent,
        ])
      return database.changesCount > 0
    }
  }

  /// Forgets a clip; returns the file that no other clip is of.
  func removeClip(_ id: String) throws -> String? {
    try database.write { database in
      let content = try String.fetchOne(
        database, sql: "SELECT content FROM clips WHERE id = ?", arguments: [id])
      try database.execute(sql: "DELETE FROM clips WHERE id = ?", arguments: [id])
      guard let content,
        try Int.fetchOne(database, sql: "SELECT count(*) FROM clips WHERE content = ?", arguments: [content])
          == 0
      else { return nil }
      return content
    }
  }
}
