import Audio
import Catalogue
import Explain
import Files
import HTTPTypes
import Jobs
import Models
import Reports
import Tensors

/// Which explanations of a model can be believed, on clips or on the sounds of a catalogue.
struct EvaluateWork: JobWork {
  struct Body: Decodable {
    var model: String?
    var clips: [String]?
    var catalogue: String?
    var methods: [String]?
    /// Of sounds, at most.
    var count: Int?
  }

  let kind = JobKind.evaluate
  let title: String
  private let model: KnownModel
  private let clips: [StoredClip]
  private let catalogue: String?
  private let methods: MethodSelection
  private let count: Int

  init(_ body: Body, in studio: Studio) throws {
    model = try studio.known(model: body.model ?? studio.defaultModel)
    clips = try (body.clips ?? []).map { try studio.store.clip($0) }
    catalogue = body.catalogue
    guard clips.isEmpty != (catalogue == nil) else {
      throw StudioFailure.bad("name what to evaluate on: 'clips', a list of ids, or a 'catalogue'")
    }
    if let catalogue { _ = try studio.catalogue(catalogue) }
    methods =
      try (body.methods ?? []).isEmpty
      ? MethodSelection("all") : MethodSelection(body.methods?.map { try AttributionMethod(named: $0) } ?? [])
    count = body.count ?? 12
    guard (1...1000).contains(count) else { throw StudioFailure.bad("'count' has to be from 1 to 1000") }
    title = "Which explanations of \(model.name) to believe"
  }

  private struct Result: Encodable {
    struct Method: Encodable {
      let method: String
      let title: String
      let rank: Double
      /// What it fails in; false where in nothing.
      let failed: JSONValue
      /// By the names of criteria.
      let values: [String: Double]

      private enum Keys: CodingKey { case method, title, rank, failed }

      func encode(to encoder: any Encoder) throws {
        try values.encode(to: encoder)
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(method, forKey: .method)
        try container.encode(title, forKey: .title)
        try container.encode(rank, forKey: .rank)
        try container.encode(failed, forKey: .failed)
      }
    }

    let recommendation: String
    let recommended: String?
    let clips: Int
    let mixtures: Int
    let methods: [Method]
  }

  func run(_ studio: Studio, _ desk: JobDesk) throws -> JobOutcome {
    try desk.control.report(0, of: 1, "finding sounds")
    let (paths, names) = try sounds(studio, desk)
    var request = EvaluateRequest(sounds: paths, model: model.choice, methods: methods)
    (request.clips, request.mixtures) = (count, min(count, 40))
    let job = try EvaluateJob(request, in: studio.workspace)
    let journal = Journal(in: desk.folder)
    // One of another version, or of files that have changed, is begun anew.
    let finished = (try? journal.steps(of: job)) ?? []
    var isBegun = !finished.isEmpty
    let record = try job.run(resuming: finished, words: title, names: names, control: desk.control) { step in
      if !isBegun { try journal.begin(job.fingerprint) }
      isBegun = true
      try journal.add(step)
    }
    try record.write(to: desk.store)
    journal.remove()
    _ = try studio.workspace.recommendations.keep(record.kept, for: job.modelPath)
    studio.modelRecords.forget(prefix: "\(try studio.version(ofModel: model.id)).")
    let ranking = record.ranking
    return try JobOutcome(
      Result(
        recommendation: record.recommendation, recommended: record.verdict.recommended?.name,
        clips: record.clips,
        mixtures: record.mixtures,
        methods: ranking.entries.map { entry in
          let values = zip(ranking.criteria, entry.values).compactMap { criterion, value in
            value?.value.finite.map { (criterion.name, $0) }
          }
          let failures = record.verdict.failures[entry.method] ?? []
          return Result.Method(
            method: entry.method.name, title: entry.method.title, rank: entry.meanRank.value.finite ?? 0,
            failed: failures.isEmpty
              ? .truth(false) : .text(failures.map(\.rawValue).joined(separator: "; ")),
            values: Dictionary(values) { first, _ in first })
        }), page: "index.html")
  }

  /// The files to evaluate on, and what those are called that do not bear their names.
  private func sounds(_ studio: Studio, _ desk: JobDesk) throws -> (paths: [String], names: [String: String])
  {
    if let catalogue {
      let files = try studio.catalogue(catalogue).files.filter { $0.status == .indexed }
      let paths = files.map(\.path).filter { FileIdentity(of: $0) != nil }
      guard !paths.isEmpty else {
        throw StudioFailure(
          .unprocessableContent, "the catalogue's sounds are not where they were when it was made",
          remedy: "put the files back, or index their folder again")
      }
      return (paths, [:])
    }
    let folder = desk.path("given")
    try WholeFile.makeFolder(folder)
    var (paths, names) = ([String](), [String: String]())
    for (place, clip) in clips.enumerated() {
      let path = Folder.path(to: "\(place + 1).wav", in: folder)
      // As they were when the job was begun, so that it can go on.
      if !WholeFile.exists(path) {
        try WholeFile.write(wavBytes(of: studio.read(clip).recording.scaledToFullScaleIfLouder()), to: path)
      }
      paths.append(path)
      names[path] = clip.name
    }
    return (paths, names)
  }
}
