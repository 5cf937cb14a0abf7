import GRDB
import Reports

/// A network that somebody brought.
struct StoredModel: Sendable {
  let id: String
  let name: String
  let added: String
  /// Whether it can listen.
  let isReady: Bool
  /// Why it cannot.
  let problem: String?

  init(id: String, name: String, added: String, isReady: Bool, problem: String?) {
    (self.id, self.name, self.added) = (id, name, added)
    (self.isReady, self.problem) = (isReady, problem)
  }

  init(_ row: Row) {
    self.init(
      id: row["id"], name: row["name"], added: row["added"], isReady: row["is_ready"], problem: row["problem"]
    )
  }
}

extension StudioStore {
  /// In the order in which they came.
  func models() throws -> [StoredModel] {
    try database.read {
      try Row.fetchAll($0, sql: "SELECT * FROM models ORDER BY added, rowid").map { StoredModel($0) }
    }
  }

  /// - Throws: `StudioFailure.notFound`.
  func model(_ id: String) throws -> StoredModel {
    guard
      let row = try database.read({
        try Row.fetchOne($0, sql: "SELECT * FROM models WHERE id = ?", arguments: [id])
      })
    else { throw StudioFailure.notFound("such model") }
    return StoredModel(row)
  }

  /// Keeps a model, or what is new of it.
  func keep(_ model: StoredModel) throws {
    try database.write {
      try $0.execute(
        sql: """
          INSERT INTO models (id, name, added, is_ready, problem) VALUES (?, ?, ?, ?, ?)
          ON CONFLICT (id) DO UPDATE SET is_ready = excluded.is_ready, problem = excluded.problem
          """,
        arguments: [model.id, model.name, model.added, model.isReady, model.problem])
    }
  }

  func removeModel(_ id: String) throws {
    try database.write { try $0.execute(sql: "DELETE FROM models WHERE id = ?", arguments: [id]) }
  }

  /// The ONNX file of a model that somebody brought.
  func modelPath(_ id: String) -> String { path("models", "\(id).onnx") }
}
