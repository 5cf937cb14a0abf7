import GRDB

/// How a catalogue lies on disk (docs/catalogue.md):
///
/// | | |
/// |---|---|
/// | `catalogue.sqlite` | files, model, layers, candidates for exemplars, descriptors |
/// | `vectors/000.f32`, … | one file a layer: little-endian float32, a row a clip, without a head |
/// | `lock` | held by the process that writes |
///
/// A clip's vectors are written first, at a row that no committed file has, then one transaction adds all that is known of
/// it. A row in a vector file without a file in the database is free: the next clip takes it.
enum CatalogueSchema {
  static let format = 1
  static let database = "catalogue.sqlite"
  static let vectors = "vectors"
  static let lock = "lock"
  /// `application_id` in SQLite's head: "Otos".
  static let application: Int32 = 0x4F74_6F73

  static func vectorFile(_ layer: Int) -> String {
    let digits = String(layer)
    return "\(vectors)/\(String(repeating: "0", count: max(0, 3 - digits.count)))\(digits).f32"
  }

  static let tables = """
    CREATE TABLE model (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      name TEXT NOT NULL, path TEXT NOT NULL, content_hash TEXT NOT NULL, front_end TEXT NOT NULL, choice TEXT NOT NULL);
    CREATE TABLE settings (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      top INTEGER NOT NULL, per_file INTEGER NOT NULL);
    CREATE TABLE layers (
      number INTEGER PRIMARY KEY, tensor TEXT NOT NULL, kind TEXT NOT NULL, channels INTEGER NOT NULL,
      times INTEGER NOT NULL, bands INTEGER NOT NULL, sees_seconds REAL NOT NULL, vectors TEXT NOT NULL,
      UNIQUE (tensor, kind));
    CREATE TABLE files (
      id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, bytes INTEGER NOT NULL, modified_ns INTEGER NOT NULL,
      content_hash TEXT, seconds REAL, class TEXT, recording_group TEXT,
      status TEXT NOT NULL CHECK (status IN ('indexed', 'failed', 'removed')), error TEXT, row INTEGER UNIQUE,
      vectors_hash INTEGER);
    CREATE INDEX files_by_content ON files (content_hash);
    CREATE TABLE candidates (
      file INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE, layer INTEGER NOT NULL, places BLOB NOT NULL,
      PRIMARY KEY (layer, file)) WITHOUT ROWID;
    CREATE TABLE descriptors (file INTEGER PRIMARY KEY REFERENCES files (id) ON DELETE CASCADE);
    """

  static func create(_ database: Database) throws {
    try database.execute(sql: tables)
    try database.execute(sql: "PRAGMA application_id = \(application); PRAGMA user_version = \(format)")
  }
}
