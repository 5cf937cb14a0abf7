import Explain
import Files
import Jobs
import Reports

/// The kinds of jobs that can be asked for.
enum JobKind: String, Codable, CaseIterable, Sendable {
  case compare, evaluate, maximize, train, test, index

  private struct Header: Decodable { let kind: String }

  /// What a request asks for, checked as far as that takes no time.
  ///
  /// - Throws: `StudioFailure`, `DecodingError` for what cannot be meant.
  static func work(_ request: JSONValue, in studio: Studio) throws -> any JobWork {
    let body = try RecordCoding.file(request)
    let name = try RecordCoding.read(Header.self, from: body).kind
    guard let kind = JobKind(rawValue: name) else {
      throw StudioFailure.bad("'kind' is one of \(allCases.map(\.rawValue).joined(separator: ", "))")
    }
    switch kind {
    case .compare: return try CompareWork(RecordCoding.read(CompareWork.Body.self, from: body), in: studio)
    case .evaluate: return try EvaluateWork(RecordCoding.read(EvaluateWork.Body.self, from: body), in: studio)
    case .maximize: return try MaximizeWork(RecordCoding.read(MaximizeWork.Body.self, from: body), in: studio)
    case .train: return try TrainWork(RecordCoding.read(TrainWork.Body.self, from: body), in: studio)
    case .test: return try TestWork(RecordCoding.read(TestWork.Body.self, from: body), in: studio)
    case .index: return try IndexWork(RecordCoding.read(IndexWork.Body.self, from: body), in: studio)
    }
  }
}

/// What a job does, on the thread of the board.
protocol JobWork: Sendable {
  var kind: JobKind { get }
  /// For lists.
  var title: String { get }

  /// - Throws: `Cancelled`; what the work throws.
  func run(_ studio: Studio, _ desk: JobDesk) throws -> JobOutcome
}

/// What a job found.
struct JobOutcome: Sendable {
  let result: JSONValue
  /// The file to open.
  var page: String?

  init(_ result: some Encodable, page: String? = nil) throws {
    self.result = try RecordCoding.read(JSONValue.self, from: RecordCoding.file(result))
    self.page = page
  }
}

/// Where a job works: its folder, and whom it tells how far it is.
struct JobDesk: Sendable {
  let id: String
  let folder: String
  let control: RunControl
  let board: JobBoard

  /// For files that visitors may have.
  var store: any ResultStore { ListedStore(desk: self, store: FolderStore(folder)) }

  /// A path in the folder. What lies there is given to nobody, unless it is listed.
  func path(_ name: String) -> String { Folder.path(to: name, in: folder) }

  /// Lets visitors have a file that lies in the folder.
  func list(_ name: String) { board.add(file: name, to: id) }

  /// Adds a point to a curve.
  func point(_ series: String, x: Double, y: Double) { board.add(series: series, x: x, y: y, to: id) }

  /// Where visitors find a file.
  func address(_ name: String) -> String { "/api/v1/jobs/\(id)/files/\(name)" }
}

/// A folder whose files visitors may have.
private struct ListedStore: ResultStore {
  let desk: JobDesk
  let store: FolderStore

  func write(_ bytes: [UInt8], to name: String) throws {
    try store.write(bytes, to: name)
    desk.list(name)
  }

  func read(_ name: String) throws -> [UInt8]? { try store.read(name) }
}

/// A class in a request: its number, or its name.
struct TargetBody: Decodable, Sendable {
  let choice: TargetChoice

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    let text = try (try? value.decode(Int.self)).map(String.init) ?? value.decode(String.self)
    guard let choice = TargetChoice(text) else {
      throw StudioFailure.bad("'target' is a class's name or number, or 'top'")
    }
    self.choice = choice
  }
}
