import Explain
import HTTPTypes
import Jobs
import Models
import Probe
import Reports

/// The sound that excites a class, a unit or a layer of a model most.
struct MaximizeWork: JobWork {
  struct Body: Decodable {
    var model: String?
    var layer: String?
    var channel: Int?
    var target: TargetBody?
    var steps: Int?
    var seconds: Double?
    var seed: UInt64?
  }

  let kind = JobKind.maximize
  let title: String
  private let request: MaximizeRequest
  private let model: KnownModel

  init(_ body: Body, in studio: Studio) throws {
    model = try studio.known(model: body.model ?? studio.defaultModel)
    var request = MaximizeRequest(model: model.choice)
    guard (body.layer == nil) != (body.target == nil) else {
      throw StudioFailure.bad("name what to excite: a 'target', or a 'layer', perhaps with a 'channel'")
    }
    if let target = body.target?.choice {
      guard body.channel == nil else { throw StudioFailure.bad("'channel' goes with a 'layer'") }
      request.targets = ["\(target)"]
      title = "What \(model.name) takes for \(target)"
    } else {
      request.layer = body.layer
      if let channel = body.channel {
        guard let choice = ChannelChoice("\(channel)") else {
          throw StudioFailure.bad("'channel' is a channel's number")
        }
        request.channels = choice
      }
      title = "What excites \(body.channel.map { "channel \($0) of " } ?? "")\(body.layer ?? "")"
    }
    guard (1...100_000).contains(body.steps ?? 1) else {
      throw StudioFailure.bad("'steps' has to be from 1 to 100000")
    }
    if let seconds = body.seconds, !(seconds > 0 && seconds <= 60) {
      throw StudioFailure.bad("'seconds' has to be more than 0 and at most 60")
    }
    request.settings.steps = body.steps
    request.settings.seed = body.seed ?? 0
    request.seconds = body.seconds
    request.makesSounds = true
    self.request = request
  }

  private struct Result: Encodable {
    /// What the unit gives for the picture, and for the sound that was made of it.
    let value: Double?
    let soundValue: Double?
    /// For what it was begun with.
    let first: Double?
    /// Of the class that was sought, as the model hears the sound.
    let score: Double?
    let label: String
    let ending: String
    let heard: [ProposalRecord.Score]
    let sound: String?
    let picture: String?
  }

  func run(_ studio: Studio, _ desk: JobDesk) throws -> JobOutcome {
    try desk.control.report(0, of: 1, "reading the model")
    let job: MaximizeJob
    do { job = try MaximizeJob(request, in: studio.workspace) } catch { throw model.failure(error) }
    let store = desk.store
    var report = MaximizationReport(
      store, ReportHeader(title: job.title, model: job.model.name, request: title), job.model,
      units: job.units,
      answers: 1, makesFilms: false)
    var found: MaximizedUnit?
    try job.run(control: desk.control) { event in
      guard case .found(let unit) = event else { return }
      try report.add(unit)
      for (step, value) in unit.found.curve.enumerated() {
        desk.point("activation", x: Double(step), y: value)
      }
      found = unit
    }
    let page = try report.finish()
    guard let found else { throw StudioFailure(.unprocessableContent, "nothing was found") }
    let record = found.record
    func file(_ ending: String) -> String? { record.files.first { $0.hasSuffix(ending) }.map(desk.address) }
    return try JobOutcome(
      Result(
        value: record.value, soundValue: record.soundValue, first: record.first,
        score: found.unit.kind == .class
          ? found.heard.flatMap { heard in found.unit.index.map { Double(heard.clipScores[$0]) } }?.finite
          : nil,
        label: record.label, ending: record.ending,
        heard: record.heard?.map {
          .init(index: $0.index, label: $0.label, score: Double($0.value).finite ?? 0)
        } ?? [],
        sound: file(".wav"), picture: file(".png")), page: page)
  }
}
