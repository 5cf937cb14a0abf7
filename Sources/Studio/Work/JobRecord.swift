import Reports

/// A job as visitors see it.
struct JobRecord: Encodable, Sendable {
  var stored: StoredJob
  /// Of the work, 0 to 1.
  var share = 0.0
  /// What is being done.
  var what = ""
  /// Seconds to the end, about; nil where that cannot be said.
  var eta: Double?
  /// Whether its curves are told, too.
  var tellsCurves = true

  init(_ stored: StoredJob) {
    self.stored = stored
    share = stored.state == .done ? 1 : 0
  }

  var withoutCurves: JobRecord {
    var record = self
    record.tellsCurves = false
    return record
  }

  private enum Keys: CodingKey {
    case id, kind, title, state, share, what, eta, started, ended, error, request, result, page, files, curves
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Keys.self)
    try container.encode(stored.id, forKey: .id)
    try container.encode(stored.kind, forKey: .kind)
    try container.encode(stored.title, forKey: .title)
    try container.encode(stored.state, forKey: .state)
    try container.encode(share, forKey: .share)
    try container.encode(what, forKey: .what)
    try container.encode(eta, forKey: .eta)
    try container.encode(stored.started, forKey: .started)
    try container.encode(stored.ended, forKey: .ended)
    try container.encode(stored.failure, forKey: .error)
    try container.encode(stored.request, forKey: .request)
    try container.encode(stored.result, forKey: .result)
    try container.encode(stored.page, forKey: .page)
    try container.encode(stored.files, forKey: .files)
    try container.encode(tellsCurves ? stored.curves : [:], forKey: .curves)
  }
}

/// What listeners of a job are told.
enum JobEvent: Sendable {
  case job(JobRecord)
  case point(series: String, x: Double, y: Double)
  case end
  /// Nothing has happened for a while; the connection is still there.
  case pulse

  private struct Point: Encodable {
    let series: String
    let x: Double
    let y: Double
  }

  /// As a server-sent event.
  var text: String {
    func event(_ name: String, _ data: some Encodable) -> String {
      // Lines break events: JSON on one line has none.
      "event: \(name)\ndata: \((try? RecordCoding.line(data)) ?? "{}")\n\n"
    }
    switch self {
    case .job(let job): return event("job", job)
    case .point(let series, let x, let y): return event("point", Point(series: series, x: x, y: y))
    case .end: return "event: end\ndata: {}\n\n"
    case .pulse: return ":\n\n"
    }
  }
}
