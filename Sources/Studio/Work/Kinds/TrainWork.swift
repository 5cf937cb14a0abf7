import Explain
import Files
import Glibc
import Jobs
import Models
import Reports
import Train

/// A network from the labelled sounds of a data set: it becomes one of the studio's models, and is tested on clips that it did not
/// learn from.
struct TrainWork: JobWork {
  struct Body: Decodable {
    let data: String
    var architecture: String?
    var model: String?
    var epochs: Int?
    var batch: Int?
    var learningRate: Double?
    var freezeTrunk: Bool?
    var seed: UInt64?
  }

  let kind = JobKind.train
  let title: String
  private let name: String
  private let data: DataChoice
  private let beginning: TrainRequest.Beginning
  private let plan: TrainingPlan

  private static let output = "model.onnx"

  init(_ body: Body, in studio: Studio) throws {
    data = DataChoice(try studio.settings.dataSet(named: body.data))
    let from: String
    switch (body.architecture, body.model) {
    case (let name?, nil):
      guard let architecture = Architecture(rawValue: name) else {
        throw StudioFailure.bad(
          "'architecture' is one of \(Architecture.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      guard body.freezeTrunk != true else { throw StudioFailure.bad("'freezeTrunk' goes with a 'model'") }
      (beginning, from) = (.architecture(architecture, frontEnd: nil), name)
    case (nil, let id?):
      let model = try studio.known(model: id)
      var transfer = TrainRequest.Transfer()
      transfer.freezesTrunk = body.freezeTrunk ?? false
      (beginning, from) = (.model(model.choice, transfer), model.name)
    default: throw StudioFailure.bad("name what to begin with: an 'architecture', or a 'model'")
    }
    var plan = TrainingPlan()
    plan.epochs = body.epochs ?? 20
    plan.batch = body.batch ?? 32
    plan.learningRate = body.learningRate ?? 1e-3
    plan.seed = body.seed ?? 0
    guard (1...10_000).contains(plan.epochs) else {
      throw StudioFailure.bad("'epochs' has to be from 1 to 10000")
    }
    guard (1...1024).contains(plan.batch) else { throw StudioFailure.bad("'batch' has to be from 1 to 1024") }
    guard plan.learningRate > 0, plan.learningRate <= 100 else {
      throw StudioFailure.bad("'learningRate' has to be more than 0 and at most 100")
    }
    self.plan = plan
    name =
      "\(FileNames.slug(of: body.data, orElse: "data"))-\(FileNames.slug(of: from.withoutEnding, orElse: "network")).onnx"
    title = "Training on \(body.data), from \(from)"
  }

  private struct Result: Encodable {
    /// The id of the model.
    let model: String
    let name: String
    let classes: Int
    let epochs: Int
    let bestEpoch: Int?
    let validationAccuracy: Double?
    let accuracy: Double?
    let trainingClips: Int
    let validationClips: Int
    let testClips: Int
    let seconds: Double
    let remarks: [String]
  }

  func run(_ studio: Studio, _ desk: JobDesk) throws -> JobOutcome {
    var request = TrainRequest(
      data, beginning, output: desk.path(Self.output),
      cache: Folder.path(to: "features", in: studio.settings.folder))
    (request.plan, request.reusesFinished) = (plan, true)
    var remarks: [String] = []
    try desk.control.report(0, of: 1, "reading the data")
    let epochs = plan.epochs
    let record = try TrainJob(request, in: studio.workspace).run(
      control: desk.control.part(from: 0, to: 0.85)
    ) { event in
      switch event {
      case .remark(let text): remarks.append(text)
      case .resumed(let done): try desk.control.report(0, of: 1, "goes on behind \(done) of \(epochs) epochs")
      case .epoch(let epoch): Self.tell(epoch, to: desk)
      }
    }
    for epoch in record.history { Self.tell(epoch, to: desk) }
    let curves = "\(Self.output).epochs.csv"
    for name in [Self.output, curves] where WholeFile.exists(desk.path(name)) { desk.list(name) }
    let page = try test(studio, desk)
    // A copy: the job's own can be forgotten with it.
    let copy = studio.store.path("incoming", StudioStore.newID())
    defer { unlink(copy) }
    try WholeFile.write(WholeFile.read(desk.path(Self.output)), to: copy)
    let (model, _) = try studio.keepModel(at: copy, named: name)
    return try JobOutcome(
      Result(
        model: model.id, name: name, classes: record.classes.count, epochs: record.epochs,
        bestEpoch: record.bestEpoch,
        validationAccuracy: record.validationAccuracy?.finite, accuracy: record.testAccuracy?.finite,
        trainingClips: record.trainingClips, validationClips: record.validationClips,
        testClips: record.testClips,
        seconds: record.seconds, remarks: remarks), page: page)
  }

  private static func tell(_ epoch: EpochRecord, to desk: JobDesk) {
    let x = Double(epoch.epoch)
    desk.point("train loss", x: x, y: epoch.loss)
    desk.point("train accuracy", x: x, y: epoch.accuracy)
    if let loss = epoch.validationLoss { desk.point("validation loss", x: x, y: loss) }
    if let accuracy = epoch.validationAccuracy { desk.point("validation accuracy", x: x, y: accuracy) }
  }

  /// The page of a test on the clips for testing; nil where there are none.
  private func test(_ studio: Studio, _ desk: JobDesk) throws -> String? {
    let job: TestJob
    do {
      job = try TestJob(TestRequest(ModelChoice(desk.path(Self.output)), on: data), in: studio.workspace)
    } catch is TestingError { return nil }
    defer { studio.workspace.forget(model: desk.path(Self.output)) }
    _ = try job.run(in: desk.store, command: title, control: desk.control.part(from: 0.85, to: 1, "testing"))
    return "index.html"
  }
}

extension String {
  /// Of a model's file, its name alone.
  fileprivate var withoutEnding: String { hasSuffix(".onnx") ? String(dropLast(5)) : self }
}
