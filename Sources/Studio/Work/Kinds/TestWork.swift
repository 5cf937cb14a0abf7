import Explain
import Files
import Jobs
import Reports

/// How good a model is on the labelled sounds of a data set.
struct TestWork: JobWork {
  struct Body: Decodable {
    var model: String?
    let data: String
    var side: String?
    var shortcuts: Bool?
  }

  let kind = JobKind.test
  let title: String
  private let model: KnownModel
  private let request: TestRequest

  init(_ body: Body, in studio: Studio) throws {
    model = try studio.known(model: body.model ?? studio.defaultModel)
    var request = TestRequest(model.choice, on: DataChoice(try studio.settings.dataSet(named: body.data)))
    if let name = body.side {
      guard let side = TestRequest.Side(rawValue: name) else {
        throw StudioFailure.bad(
          "'side' is one of \(TestRequest.Side.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      request.side = side
    }
    request.findsShortcuts = body.shortcuts ?? false
    self.request = request
    title = "How \(model.name) does on \(body.data)"
  }

  private struct Result: Encodable {
    let clips: Int
    let accuracy: Double?
    let balancedAccuracy: Double?
    let macroF1: Double?
    let meanAveragePrecision: Double?
    let remarks: [String]
  }

  func run(_ studio: Studio, _ desk: JobDesk) throws -> JobOutcome {
    try desk.control.report(0, of: 1, "reading the data")
    let job = try TestJob(request, in: studio.workspace)
    let record = try job.run(in: desk.store, command: title, control: desk.control).record
    return try JobOutcome(
      Result(
        clips: record.clips, accuracy: record.accuracy?.finite,
        balancedAccuracy: record.balancedAccuracy?.finite,
        macroF1: record.macroF1?.finite, meanAveragePrecision: record.meanAveragePrecision?.finite,
        remarks: record.notes), page: "index.html")
  }
}
