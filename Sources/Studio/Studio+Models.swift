import Explain
import Files
import Hummingbird
import Jobs
import Models

/// A model that a request can be about.
struct KnownModel: Sendable {
  let id: String
  /// As visitors see it.
  let name: String
  let choice: ModelChoice
  /// nil where nobody brought it.
  let stored: StoredModel?

  /// The file, or the bundled name.
  var path: String { choice.name }

  /// What an error of its file means to a visitor.
  func failure(_ error: any Error) -> StudioFailure {
    let failure = StudioFailure(error, about: (path, name))
    let words = failure.what.replacing(sidecarPath(of: path), with: "its description")
    return StudioFailure(failure.status, words, remedy: failure.remedy, retryAfter: failure.retryAfter)
  }
}

extension Studio {
  /// Which model a request means.
  func modelID(_ request: Request) -> String { request.query("model") ?? defaultModel }

  /// How bundled models are written.
  private static let titles = ["yamnet": "YAMNet"]

  /// The model by that id: a bundled one, the studio's own, or one that somebody brought.
  ///
  /// - Throws: `StudioFailure.notFound`.
  func known(model id: String) throws -> KnownModel {
    if BundledData.modelNames.contains(id) {
      return KnownModel(id: id, name: Self.titles[id] ?? id, choice: ModelChoice(id), stored: nil)
    }
    if id == defaultModel {
      return KnownModel(
        id: id, name: Folder.name(of: settings.model), choice: ModelChoice(settings.model), stored: nil)
    }
    let stored = try store.model(id)
    return KnownModel(id: id, name: stored.name, choice: ModelChoice(store.modelPath(id)), stored: stored)
  }

  /// All models: those that are always there, then those that were brought.
  func knownModels() throws -> [KnownModel] {
    let own = BundledData.modelNames.contains(defaultModel) ? [] : [defaultModel]
    return try (BundledData.modelNames + own + store.models().map(\.id)).map { try known(model: $0) }
  }

  /// The model by that id, ready to listen.
  ///
  /// - Throws: `StudioFailure`.
  func model(_ id: String) throws -> AudioModel {
    let known = try known(model: id)
    do { return try workspace.model(known.choice).named(known.name) } catch { throw known.failure(error) }
  }

  /// What decides what a model says: its id, and its description's state.
  func version(ofModel id: String) throws -> String {
    let known = try known(model: id)
    if BundledData.modelNames.contains(id) { return id }
    let description = FileIdentity(of: sidecarPath(of: known.path))
    return "\(id).\(description.map { "\($0)" }.map(Self.hash) ?? "0")"
  }

  /// Forgets what was computed with a model: its file or its description has changed.
  func forget(model known: KnownModel) {
    workspace.forget(model: known.path)
    let isMeant = { @Sendable (name: String) in
      name.contains("/\(known.id).") || name.contains("#\(known.id).") || name.hasPrefix("\(known.id).")
    }
    replies.forget(where: isMeant)
    heard.forget(where: isMeant)
    explanations.forget(where: isMeant)
    edits.forget(where: isMeant)
    layers.forget(where: isMeant)
    modelRecords.forget(where: isMeant)
  }

  /// What is told of a model; nil where that is not known yet.
  func knownRecord(ofModel known: KnownModel) throws -> ModelRecord? {
    modelRecords.value("\(try version(ofModel: known.id)).")
  }

  /// What is told of a model. To be called on the queue's thread.
  func record(ofModel known: KnownModel) throws -> ModelRecord {
    let name = "\(try version(ofModel: known.id))."
    if let record = modelRecords.value(name) { return record }
    var record = ModelRecord(known)
    do {
      record.facts = try workspace.facts(of: known.choice)
      record.labels = try workspace.model(known.choice).labels
    } catch {
      let failure = known.failure(error)
      (record.problem, record.remedy) = (failure.what, failure.remedy)
      // What it would be if it were described as is proposed.
      var request = ConfigureRequest(model: known.path)
      request.acceptsUnheard = true
      if let job = try? ConfigureJob(request, in: workspace), let model = try? job.run().model {
        (record.facts, record.labels) = (ModelFacts(model), model.labels)
      }
    }
    modelRecords.keep(record, bytes: 8192 + record.labels.reduce(0) { $0 + $1.utf8.count + 16 }, as: name)
    return record
  }
}

/// What visitors are told of a model.
struct ModelRecord: Encodable, Sendable {
  let id: String
  let name: String
  let bundled: Bool
  /// Why it cannot listen, and what to do about it; nil where it can.
  var problem: String?
  var remedy: String?
  /// nil where nothing can be said.
  var facts: ModelFacts?
  var labels: [String] = []
  /// Whether the names of its classes are told, too.
  var tellsLabels = false

  init(_ known: KnownModel) { (id, name, bundled) = (known.id, known.name, known.stored == nil) }

  var withLabels: ModelRecord {
    var record = self
    record.tellsLabels = true
    return record
  }

  private enum Keys: CodingKey {
    case id, name, bundled, ready, problem, remedy, rate, classes, patchSeconds, picture, isProbability,
      methods
    case defaultMethod, recommendedMethod, domains, labels
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Keys.self)
    try container.encode(id, forKey: .id)
    try container.encode(name, forKey: .name)
    try container.encode(bundled, forKey: .bundled)
    try container.encode(problem == nil, forKey: .ready)
    try container.encode(problem, forKey: .problem)
    try container.encode(remedy, forKey: .remedy)
    try container.encode(facts?.rate, forKey: .rate)
    try container.encode(facts?.classes, forKey: .classes)
    try container.encode(facts?.patchSeconds, forKey: .patchSeconds)
    try container.encode(facts?.picture ?? .none, forKey: .picture)
    try container.encode(facts?.isProbability ?? false, forKey: .isProbability)
    try container.encode(facts?.methods ?? [], forKey: .methods)
    try container.encode(facts?.defaultMethod, forKey: .defaultMethod)
    try container.encode(facts?.recommendedMethod, forKey: .recommendedMethod)
    try container.encode(facts?.domains ?? [], forKey: .domains)
    if tellsLabels { try container.encode(labels, forKey: .labels) }
  }
}
