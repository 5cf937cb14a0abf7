package import Audio
package import Explain
package import Files
import Graphs
package import Models
package import Reports

/// Explains sound after sound.
///
/// What can be wrong with the request as such is found by `init`, before anything is listened to.
package struct ExplainJob: Sendable {
  package let request: ExplainRequest
  package let model: AudioModel
  /// In the order they are asked.
  package let methods: [AttributionMethod]
  /// The files that the request means, folders taken apart.
  package let sounds: [String]
  package let embedding: EmbeddingQuestion?
  private let modelFile: FileIdentity?
  /// One for each domain.
  private let settings: [AttributionMethod.Settings]
  private let stems: [Stem]

  /// - Parameter emit: told what was chosen for the user.
  package init(
    _ request: ExplainRequest, in workspace: Workspace, emit: (ExplainEvent) throws -> Void = { _ in }
  ) throws {
    let model = try workspace.model(request.model)
    (self.request, self.model) = (request, model)
    for layer in request.layers { try model.network.graph.tensor(named: layer) }
    let domains = request.domains.isEmpty ? [model.defaultDomain] : request.domains
    try model.checkPatches(explainedIn: domains)
    methods = try Self.methods(request, domains, of: model, in: workspace, emit)
    embedding = try request.embedding.map { try Self.question($0, of: model, emit) }
    let stems = try request.stems.map { path in
      let clip = try Self.clip(path, request.part, emit)
      return Stem(name: clip.name, samples: try model.samples(of: clip.recording))
    }
    self.stems = stems
    settings = try domains.map { domain in
      var settings = try request.parameters.settings(for: model, in: domain)
      settings.layers = request.layers
      settings.stems = stems
      return settings
    }
    if request.averages == .none {
      sounds = request.sounds
    } else {
      let files = try SoundFiles(in: request.sounds)
      for note in files.notes { try emit(.passedOver(note)) }
      sounds = files.all
    }
    modelFile = FileIdentity(of: try BundledData.modelPath(request.model.name))
  }

  private static func methods(
    _ request: ExplainRequest, _ domains: [Domain], of model: AudioModel, in workspace: Workspace,
    _ emit: (ExplainEvent) throws -> Void
  ) throws -> [AttributionMethod] {
    var recommended: AttributionMethod?
    if request.methods.includesRecommended {
      let name = request.model.name
      let found = try workspace.recommendations.recommendation(
        for: BundledData.modelPath(name), named: name)
      recommended = try RecommendationStore.method(of: found, named: name)
      try emit(.recommended(found))
    }
    let methods = request.methods.methods(recommended: recommended)
    guard !request.methods.isAll else { return methods }
    guard !request.methods.isDefault else {
      return methods.filter { method in domains.contains { method.explains(in: $0, of: model) } }
    }
    for method in methods where !domains.contains(where: { method.explains(in: $0, of: model) }) {
      guard let first = domains.first else { continue }
      throw ExplainRequestError.domains(ExplainError.notInDomain(method.name, first))
    }
    return methods
  }

  private static func question(
    _ choice: EmbeddingChoice, of model: AudioModel, _ emit: (ExplainEvent) throws -> Void
  ) throws -> EmbeddingQuestion {
    let tensor = try choice.tensor ?? model.defaultEmbedding()
    if choice.tensor == nil { try emit(.defaultEmbedding(tensor)) }
    let clip = try Self.clip(choice.sound, Stretch(), emit)
    let samples = try model.samples(of: clip.recording)
    let model = try model.fitted(toSamples: samples.count)
    let listening = try model.listen(to: samples)
    return try EmbeddingQuestion(
      choice.kind, tensor, of: model.embedding(tensor, of: listening), name: clip.name)
  }

  /// Reads a clip, and tells what is wrong with it.
  private static func clip(
    _ path: String, _ part: Stretch, _ emit: (ExplainEvent) throws -> Void
  ) throws -> Clip {
    let clip = try Clip(reading: path, start: part.start, duration: part.duration, channel: part.channel)
    if !clip.recording.flaws.isEmpty { try emit(.flawed(sound: path, clip.recording.flaws)) }
    return clip
  }

  /// For the page.
  package var title: String {
    embedding.map { "How \(model.name) compares sounds with \($0.name)" }
      ?? "Why \(model.name) heard what it heard"
  }

  /// All that decides the results, apart from the sounds: results of equal fingerprints go together.
  package var fingerprint: RunFingerprint {
    var question = request
    question.sounds = []
    return RunFingerprint(request: question, methods: methods.map(\.name), modelFile: modelFile)
  }

  /// Explains all sounds but those that are finished.
  ///
  /// A sound that cannot be read is told and passed over; a question that cannot be answered ends the run.
  ///
  /// - Throws: `Cancelled`; `ModelError`, `ExplainError`, `GraphError`; what `emit` throws.
  package func run(
    resuming finished: [ExplanationReport.Entry] = [], control: RunControl = RunControl(),
    emit: (ExplainEvent) throws -> Void
  ) throws {
    var averages = ClassAverages()
    // The list of pages has its own name.
    let reserved = sounds.count > ExplanationReport.mostOnOnePage ? ["index"] : []
    var stems = StemNames(taken: reserved + finished.map(\.stem))
    for entry in finished {
      for contribution in entry.contributions {
        try averages.add(contribution, of: model, embedding: embedding)
      }
    }
    let done = Set(finished.map(\.number))
    for (number, path) in sounds.enumerated() where !done.contains(number) {
      let part = control.part(number, of: sounds.count, Folder.name(of: path))
      try part.check()
      do {
        let identity = FileIdentity(of: path)
        let clip = try Self.clip(path, request.part, emit)
        try check(stems: clip.recording)
        let (sound, contributions) = try explain(
          clip, request.targets, stems: &stems, control: part, emit: emit)
        for contribution in contributions {
          try averages.add(contribution, of: model, embedding: embedding)
        }
        try emit(
          .explained(
            SoundResult(
              number: number, path: path, identity: identity, sound: sound, contributions: contributions)))
      } catch let error where error is AudioError || error is ExplainRequestError {
        try emit(.failed(sound: path, error))
      }
    }
    if request.averages != .none { try emit(.averaged(averages)) }
  }

  /// Explains the classes of one clip by every method.
  package func explain(
    _ clip: Clip, _ choices: [TargetChoice], stems: inout StemNames, control: RunControl = RunControl(),
    emit: (ExplainEvent) throws -> Void = { _ in }
  ) throws -> (sound: ExplainedSound?, contributions: [ClassAverages.Contribution]) {
    let samples = try model.samples(of: clip.recording)
    let model = try model.fitted(toSamples: samples.count)
    let listening = try model.listen(to: samples)
    if let (text, remedy) = model.remark(on: listening.meaning) { try emit(.remark(text, remedy)) }
    let questions =
      try embedding.map { [.embedding($0)] }
      ?? model.questions(choices, against: request.against, for: listening)
    let plan = ExplanationPlan(
      questions, by: methods, settings, of: model, includesUnsupported: request.methods.isAll)
    var orders: [Question: OrderTest] = [:]
    if request.testsOrder, request.averages != .only {
      for question in questions {
        orders[question] = try model.orderTest(listening, question, seed: request.parameters.seed)
      }
    }
    var found: [ExplainedSound.Timed] = []
    for (place, task) in plan.tasks.enumerated() {
      var settings = task.settings
      settings.control = control.part(place, of: plan.tasks.count, "\(clip.name): \(task.method.name)")
      try settings.control.report(0, of: 1)
      let start = ContinuousClock.now
      do {
        let explanation = try model.explain(listening, task.question, by: task.method, settings)
        found.append((explanation, (ContinuousClock.now - start).inSeconds))
      } catch let error as ExplainError where request.methods.isAll && error.isOfTheMethod {
        try emit(.skipped(task.method, error))
      }
    }
    let frames = model.clipFrames(of: clip.recording.duration, in: listening)
    let contributions =
      request.averages == .none
      ? [] : found.map { ClassAverages.Contribution($0.explanation, frames: frames, of: model) }
    guard request.averages != .only else { return (nil, contributions) }
    let sound = try ExplainedSound(
      clip, stem: stems.next(clip.stem), listening, of: model, found, questions: questions, orders: orders,
      writesEvents: request.findsEvents)
    return (sound, contributions)
  }

  /// What encoders pad is forgiven.
  ///
  /// - Throws: `ExplainRequestError.stem`.
  private func check(stems clip: Recording) throws {
    for (path, stem) in zip(request.stems, stems) {
      let seconds = model.duration(of: stem.samples)
      guard abs(seconds - clip.duration) < 0.1 else {
        throw ExplainRequestError.stem(path: path, seconds: seconds, sound: clip.duration)
      }
    }
  }
}

/// Beginnings of file names that no two sounds of a run share.
package struct StemNames: Sendable {
  private var taken: Set<String> = []

  package init(taken: [String] = []) { self.taken = Set(taken.map { $0.lowercased() }) }

  package mutating func next(_ stem: String) -> String {
    var candidate = stem
    var number = 2
    while !taken.insert(candidate.lowercased()).inserted {
      candidate = "\(stem)-\(number)"
      number += 1
    }
    return candidate
  }
}

/// What decides the results of a run of explanations.
package struct RunFingerprint: Codable, Sendable, Hashable {
  package let request: ExplainRequest
  /// With what was recommended.
  package let methods: [String]
  package let modelFile: FileIdentity?
  package var version = Product.version
}
