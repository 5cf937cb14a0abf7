import Files
import Glibc
import HTTPTypes
import Hummingbird
import Jobs
import Models
import Reports
import Tensors

extension Studio {
  /// Models: those that come with Otoscope, and those that visitors bring and describe.
  func addModelRoutes(to api: StudioRoutes) {
    api.get("models") { [self] _, _ in
      let known = try knownModels()
      let records = try known.compactMap { try knownRecord(ofModel: $0) }
      if records.count == known.count { return Response.json(["models": records]) }
      return try await queue.run { [self] _ in
        Response.json(["models": try known.map { try record(ofModel: $0) }])
      }
    }
    api.post("models") { [self] request, _ in try await receiveModel(request) }
    api.get("models/:id") { [self] _, context in
      let known = try known(model: try context.part("id"))
      if let record = try knownRecord(ofModel: known) { return Response.json(record.withLabels) }
      return try await queue.run { [self] _ in Response.json(try record(ofModel: known).withLabels) }
    }
    api.delete("models/:id") { [self] _, context in
      let known = try changeable(try context.part("id"))
      return try await queue.run { [self] _ in
        try removeModel(known)
        return Response.nothing
      }
    }
    api.get("models/:id/proposal") { [self] request, context in
      let known = try known(model: try context.part("id"))
      let clip = try request.query("clip").map { try store.clip($0) }
      return try await answer(request, version: try version(ofModel: known.id)) { [self] _ in
        try .json(proposal(for: known, triedOn: clip))
      }
    }
    api.put("models/:id/description") { [self] request, context in
      let known = try changeable(try context.part("id"))
      let clip = try request.query("clip").map { try store.clip($0) }
      let description = try await value(JSONValue.self, of: request)
      guard case .object = description else { throw StudioFailure.bad("a description is a JSON object") }
      return try await queue.run { [self] _ in Response.json(try describe(known, description, triedOn: clip))
      }
    }
  }

  /// A model and how it may listen.
  private struct Described: Encodable {
    let model: ModelRecord
    let proposal: ProposalRecord
  }

  /// A model that visitors may change.
  ///
  /// - Throws: `StudioFailure` for those that nobody brought.
  private func changeable(_ id: String) throws -> KnownModel {
    let known = try known(model: id)
    guard known.stored != nil else {
      throw StudioFailure(
        .forbidden, "\(known.name) was not brought here, so it is not changed here",
        remedy: "bring a copy of it as a file of your own")
    }
    return known
  }

  // MARK: - Bringing one

  private func receiveModel(_ request: Request) async throws -> Response {
    let name = shownName(request, or: "model.onnx")
    let path = try await file(of: request, named: name, limit: settings.limits.modelBytes)
    defer { unlink(path) }
    return try await queue.run { [self] _ in
      let (known, isNew) = try keepModel(at: path, named: name)
      return Response.json(
        Described(model: try record(ofModel: known), proposal: try proposal(for: known)),
        status: isNew ? .created : .ok)
    }
  }

  /// Makes an ONNX file one of the studio's models, by moving it; what is no network is refused.
  ///
  /// - Throws: `StudioFailure`.
  func keepModel(at path: String, named name: String) throws -> (KnownModel, isNew: Bool) {
    let id = try ContentHash(ofFileAt: path).digits
    if (try? store.model(id)) != nil, WholeFile.exists(store.modelPath(id)) {
      return (try known(model: id), false)
    }
    let known = KnownModel(id: id, name: name, choice: ModelChoice(store.modelPath(id)), stored: nil)
    guard rename(path, known.path) == 0 else {
      throw StudioFailure(.diskFull, "\(name) cannot be kept: \(String(cString: strerror(errno)))")
    }
    do {
      // A description of one that was deleted is not its own.
      unlink(sidecarPath(of: known.path))
      forget(model: known)
      _ = try proposal(for: known)
      try keepState(of: known)
      return (try self.known(model: id), true)
    } catch {
      unlink(known.path)
      throw known.failure(error)
    }
  }

  /// Notes whether a model can listen.
  private func keepState(of known: KnownModel, added: String = StudioStore.now()) throws {
    var problem: String?
    do { _ = try workspace.model(known.choice) } catch { problem = known.failure(error).what }
    try store.keep(
      StoredModel(id: known.id, name: known.name, added: added, isReady: problem == nil, problem: problem))
  }

  private func removeModel(_ known: KnownModel) throws {
    try store.removeModel(known.id)
    unlink(known.path)
    unlink(sidecarPath(of: known.path))
    forget(model: known)
  }

  // MARK: - How it listens

  private func proposal(for known: KnownModel, triedOn clip: StoredClip? = nil) throws -> ProposalRecord {
    var request = ConfigureRequest(model: known.path)
    request.sound = clip.map { store.path("clips", $0.content) }
    request.acceptsUnheard = true
    do {
      var record = try ProposalRecord(ConfigureJob(request, in: workspace).run())
      if let clip { record.sound = clip.name }
      record.questions = record.questions.map { question in
        question.replacing(sidecarPath(of: known.path), with: "its description").replacing(
          known.path, with: known.name)
      }
      return record
    } catch { throw known.failure(error) }
  }

  /// Keeps what a visitor says of a model, if it can listen so; else all is as it was.
  private func describe(_ known: KnownModel, _ description: JSONValue, triedOn clip: StoredClip?) throws
    -> Described
  {
    let path = sidecarPath(of: known.path)
    let before = WholeFile.exists(path) ? try WholeFile.read(path) : nil
    do {
      try WholeFile.write(RecordCoding.file(description), to: path)
      forget(model: known)
      _ = try workspace.model(known.choice)
      let proposal = try proposal(for: known, triedOn: clip)
      guard proposal.ready else {
        throw StudioFailure(
          .unprocessableContent, proposal.questions.last ?? "so described, it cannot listen")
      }
      try keepState(of: known)
      return Described(model: try record(ofModel: known), proposal: proposal)
    } catch {
      let failure = known.failure(error)
      if let before { try WholeFile.write(before, to: path) } else { unlink(path) }
      forget(model: known)
      throw failure
    }
  }
}
