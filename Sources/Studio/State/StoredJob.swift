import GRDB
import Jobs
import Reports

/// A job as the database keeps it.
struct StoredJob: Sendable {
  enum State: String, Codable, Sendable {
    case waiting, running, done, failed, cancelled

    /// Whether there is more to come.
    var isOpen: Bool { self == .waiting || self == .running }
  }

  /// Why a job failed.
  struct Failure: Codable, Sendable {
    let what: String
    @OrNull var remedy: String?

    init(what: String, remedy: String?) {
      self.what = what
      _remedy = OrNull(wrappedValue: remedy)
    }
  }

  let id: String
  /// Later jobs have larger ones.
  let number: Int
  let kind: String
  var title: String
  var state = State.waiting
  /// As it was sent.
  let request: JSONValue
  var started: String?
  var ended: String?
  var failure: Failure?
  var result: JSONValue?
  /// The file to open.
  var page: String?
  var files: [String] = []
  /// Points by the series' names.
  var curves: [String: [[Double]]] = [:]

  init(id: String, number: Int, kind: String, title: String, request: JSONValue) {
    (self.id, self.number, self.kind, self.title, self.request) = (id, number, kind, title, request)
  }

  init(_ row: Row) throws {
    func read<Value: Decodable>(_ type: Value.Type, _ column: String) throws -> Value {
      let text: String = row[column]
      return try RecordCoding.read(type, from: text.utf8)
    }
    self.init(
      id: row["id"], number: row["number"], kind: row["kind"], title: row["title"],
      request: try read(JSONValue.self, "request"))
    state = State(rawValue: row["state"]) ?? .failed
    (started, ended, page) = (row["started"], row["ended"], row["page"])
    failure = (row["what"] as String?).map { Failure(what: $0, remedy: row["remedy"]) }
    result = try (row["result"] as String?).map { try RecordCoding.read(JSONValue.self, from: $0.utf8) }
    (files, curves) = (try read([String].self, "files"), try read([String: [[Double]]].self, "curves"))
  }
}

extension StudioStore {
  /// In the order in which they were asked for.
  func jobs() throws -> [StoredJob] {
    try database.read {
      try Row.fetchAll($0, sql: "SELECT * FROM jobs ORDER BY number").map { try StoredJob($0) }
    }
  }

  /// Keeps a job as it is now.
  func keep(_ job: StoredJob) throws {
    let (request, files) = (try RecordCoding.line(job.request), try RecordCoding.line(job.files))
    let (result, curves) = (
      try job.result.map { try RecordCoding.line($0) }, try RecordCoding.line(job.curves)
    )
    try database.write {
      try $0.execute(
        sql: """
          INSERT INTO jobs
            (id, number, kind, title, state, request, started, ended, what, remedy, result, page, files, curves)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (id) DO UPDATE SET
            title = excluded.title, state = excluded.state, started = excluded.started, ended = excluded.ended,
            what = excluded.what, remedy = excluded.remedy, result = excluded.result, page = excluded.page,
            files = excluded.files, curves = excluded.curves
          """,
        arguments: [
          job.id, job.number, job.kind, job.title, job.state.rawValue, request, job.started, job.ended,
          job.failure?.what, job.failure?.remedy, result, job.page, files, curves,
        ])
    }
  }

  func removeJob(_ id: String) throws {
    try database.write { try $0.execute(sql: "DELETE FROM jobs WHERE id = ?", arguments: [id]) }
  }

  /// The folder of a job's files.
  func jobFolder(_ id: String) -> String { path("jobs", id) }
}
