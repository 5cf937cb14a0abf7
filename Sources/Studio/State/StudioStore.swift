import Files
import GRDB
import Glibc

/// What the studio knows, on disk: a database, and folders of files whose names are ids that the studio has made.
///
/// `FOLDER/studio.sqlite`, `FOLDER/clips/ID`, `FOLDER/models/ID.onnx`, `FOLDER/jobs/ID/`, `FOLDER/incoming/`. Nothing that a
/// visitor sends ever becomes part of a path: an id is looked up first, and what is found is used.
final class StudioStore: Sendable {
  let folder: String
  let database: DatabaseQueue

  private static let application: Int32 = 0x6f74_7374
  private static let format = 1

  /// - Throws: `FileError`; `Misuse` for a folder whose database is another program's, or of a newer studio.
  init(_ folder: String) throws {
    self.folder = folder
    for name in ["clips", "models", "jobs", "incoming"] {
      try WholeFile.makeFolder(Folder.path(to: name, in: folder))
    }
    var configuration = Configuration()
    configuration.busyMode = .timeout(10)
    database = try DatabaseQueue(
      path: Folder.path(to: "studio.sqlite", in: folder), configuration: configuration)
    try Self.prepare(database, in: folder)
    removeIncoming()
  }

  private static func prepare(_ database: DatabaseQueue, in folder: String) throws {
    try database.writeWithoutTransaction { database in
      let known = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
      let format = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
      let isNew = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") == 0
      guard isNew || known == application else {
        throw Misuse("\(folder)/studio.sqlite is another program's database: name another folder with --data")
      }
      guard format <= Self.format else {
        throw Misuse("\(folder) was made by a newer Otoscope: use that, or name another folder with --data")
      }
      try database.execute(sql: "PRAGMA journal_mode = WAL")
      guard isNew else { return }
      try database.inTransaction {
        try database.execute(
          sql: """
            CREATE TABLE clips (
              id TEXT PRIMARY KEY, content TEXT NOT NULL, name TEXT NOT NULL, seconds REAL NOT NULL, rate INTEGER NOT NULL,
              channels INTEGER NOT NULL, start REAL NOT NULL, duration REAL NOT NULL, added TEXT NOT NULL,
              notes TEXT NOT NULL, parent TEXT) STRICT;
            CREATE TABLE models (
              id TEXT PRIMARY KEY, name TEXT NOT NULL, added TEXT NOT NULL,
              is_ready INTEGER NOT NULL, problem TEXT) STRICT;
            CREATE TABLE jobs (
              id TEXT PRIMARY KEY, number INTEGER NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL, state TEXT NOT NULL,
              request TEXT NOT NULL, started TEXT, ended TEXT, what TEXT, remedy TEXT, result TEXT, page TEXT,
              files TEXT NOT NULL, curves TEXT NOT NULL) STRICT;
            PRAGMA application_id = \(application);
            PRAGMA user_version = \(Self.format);
            """)
        return .commit
      }
    }
  }

  func path(_ kind: String, _ name: String) -> String {
    Folder.path(to: name, in: Folder.path(to: kind, in: folder))
  }

  /// What uploads left half-written when the studio was ended.
  private func removeIncoming() {
    for path in (try? Folder.visiblePaths(in: Folder.path(to: "incoming", in: folder))) ?? [] { unlink(path) }
  }

  /// A name that nobody can guess, for what has no content to be called by.
  static func newID() -> String {
    (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 16) }.joined()
  }

  /// The time, as ISO 8601 in UTC.
  static func now() -> String {
    var seconds = time(nil)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    var text = [CChar](repeating: 0, count: 32)
    strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
