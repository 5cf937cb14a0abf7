import Audio
package import Explain
package import Files
package import Models
package import Reports

/// Measures which explanations of a model can be believed on a user's sounds.
package struct EvaluateJob {
  package let request: EvaluateRequest
  package let model: AudioModel
  package let modelPath: String
  private let paths: [String]
  /// In folders.
  private let passedOver: [String]

  package init(_ request: EvaluateRequest, in workspace: Workspace) throws {
    self.request = request
    model = try workspace.model(request.model)
    try model.checkPatches(explainedIn: [model.defaultDomain])
    modelPath = try BundledData.modelPath(request.model.name)
    (paths, passedOver) = try EvaluationSounds.inTurn(request.sounds, seed: request.parameters.seed)
  }

  /// All that decides the measurements.
  package var fingerprint: EvaluationFingerprint {
    EvaluationFingerprint(
      request: request, modelFile: FileIdentity(of: modelPath), paths: paths,
      sounds: paths.map { FileIdentity(of: $0) })
  }

  /// - Parameters:
  ///   - finished: steps of an earlier run of the same fingerprint.
  ///   - words: the request as the user made it, for the page.
  ///   - names: what files are called, by their paths, where it is not what the user calls them.
  ///   - keep: called with each step that is measured.
  /// - Throws: `Cancelled`; `EvaluationError.noClips`; what an explanation and `keep` throw.
  package func run(
    resuming finished: [Evaluation.Step] = [], words: String, names: [String: String] = [:],
    control: RunControl = RunControl(), keep: (Evaluation.Step) throws -> Void = { _ in }
  ) throws -> EvaluationRecord {
    guard model.channelCount == 1 else {
      throw EvaluationError.severalChannels(model.name, model.channelCount)
    }
    let start = ContinuousClock.now
    let parameters = request.parameters
    let duration = request.duration ?? EvaluationSounds.defaultDuration(of: model)
    let model = try model.fitted(toSamples: Int(duration * Double(model.sampleRate)))
    var found = EvaluationSounds(
      model: model, leastProbability: request.leastProbability, seed: parameters.seed)
    found.names = names
    var annotated = try request.annotations.map {
      try AnnotatedSounds(
        $0, model: model, duration: duration,
        columns: request.columns.map { try AnnotationColumns($0) } ?? AnnotationColumns(),
        labels: LabelMap(request.labelMap))
    }
    let marked = try annotated?.known(among: paths) ?? []
    let sources = try found.sources(
      among: paths, count: request.clips, duration: duration, control: control.part(from: 0, to: 0.02))
    guard !sources.isEmpty else { throw EvaluationError.noClips(found.notes) }
    let mixtures =
      request.mixtures == 0
      ? []
      : try found.mixtures(
        of: sources, count: request.mixtures, control: control.part(from: 0.02, to: 0.05))

    var settings = try parameters.settings(for: model)
    settings.strides = parameters.strides.isEmpty ? nil : parameters.strides
    var evaluation = Evaluation(
      model, methods: request.methods.explicitMethods + AttributionMethod.controls, settings: settings,
      budget: try budget())
    try evaluation.run(
      clips: sources.map { .init(name: names[$0.path] ?? $0.path, samples: $0.clip) },
      known: marked + mixtures.map { .init($0.mixture, name: $0.name) }, finished: finished,
      control: control.part(from: 0.05, to: 1), keep: keep)
    return EvaluationRecord(
      evaluation, clips: sources.count, mixtures: mixtures.count, annotated: marked.count,
      sought: passedOver + found.notes + (annotated?.notes ?? []),
      seconds: (ContinuousClock.now - start).inSeconds,
      commandLine: words)
  }

  private func budget() throws -> Evaluation.Budget {
    var budget = Evaluation.Budget()
    budget.evaluations = request.evaluations
    budget.closeLooks = request.closeLooks
    budget.examples = request.examples
    if let removal = request.removal {
      budget.removal =
        try request.parameters.baseline(removal, for: model) ?? model.silence
    }
    budget.seed = request.parameters.seed
    return budget
  }
}

/// What decides the measurements of an evaluation.
package struct EvaluationFingerprint: Codable, Sendable, Hashable {
  package let request: EvaluateRequest
  package let modelFile: FileIdentity?
  package let paths: [String]
  package let sounds: [FileIdentity?]
  package var version = Product.version

  /// What differs, in words; empty where the measurements of both go together.
  package func differences(from other: EvaluationFingerprint) -> [String] {
    var names: [String] = []
    if version != other.version { names.append("the versions of Otoscope") }
    if request.model != other.request.model { names.append("the models") }
    if modelFile != other.modelFile { names.append("the models' files") }
    if request.methods != other.request.methods { names.append("methods") }
    if paths != other.paths || sounds != other.sounds { names.append("sounds") }
    if names.isEmpty, self != other { names.append("settings") }
    return names
  }
}

extension Journal {
  /// The steps of an earlier evaluation with this fingerprint; none where there is no journal.
  ///
  /// - Throws: `ResumeError`.
  package func steps(of job: EvaluateJob) throws -> [Evaluation.Step] {
    guard let known = try read() else { return [] }
    let header = try? RecordCoding.read(EvaluationFingerprint.self, from: known.header)
    let differences = header.map(job.fingerprint.differences) ?? ["everything"]
    guard differences.isEmpty else { throw ResumeError.otherRequest(differences) }
    try mend()
    return known.entries.compactMap { try? RecordCoding.read(Evaluation.Step.self, from: $0) }
  }
}

extension EvaluationRecord {
  /// For the store.
  package var kept: Recommendation {
    Recommendation(
      otoscope: Product.version, model: model.name, date: date, method: verdict.recommended?.name,
      recommendation: recommendation, foundation: foundation)
  }
}

/// What can keep an evaluation from beginning.
package enum EvaluationError: Error, CustomStringConvertible {
  case noClips([String])
  /// Mixtures are made of mono sounds.
  case severalChannels(String, Int)

  package var description: String {
    switch self {
    case .severalChannels(let model, let count):
      "\(model) listens to \(count) channels, and evaluate makes its mixtures of mono sounds; explain shows a map a channel"
    case .noClips(let notes):
      "there is nothing to evaluate on: \(notes.isEmpty ? "no sounds were found" : notes.joined(separator: "; "))"
    }
  }
}
