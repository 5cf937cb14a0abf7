import Explain
import Figures
import HTTPTypes
import Jobs
import Reports

/// How faithful methods are to what a model heard in a clip.
struct CompareWork: JobWork {
  struct Body: Decodable {
    var model: String?
    let clip: String
    var methods: [String]?
    var target: TargetBody?
  }

  let kind = JobKind.compare
  let title: String
  private let model: KnownModel
  private let clip: StoredClip
  private let methods: [String]
  private let target: TargetChoice?

  init(_ body: Body, in studio: Studio) throws {
    model = try studio.known(model: body.model ?? studio.defaultModel)
    clip = try studio.store.clip(body.clip)
    methods = body.methods ?? []
    for name in methods { _ = try AttributionMethod(named: name) }
    target = body.target?.choice
    title = "Methods on \(clip.name), by \(model.name)"
  }

  private struct Result: Encodable {
    struct Method: Encodable {
      let entry: MethodComparison.Entry
      let figure: String

      private enum Keys: CodingKey { case figure }

      func encode(to encoder: any Encoder) throws {
        try entry.encode(to: encoder)
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(figure, forKey: .figure)
      }
    }

    struct Skipped: Encodable {
      let title: String
      let why: String
    }

    let target: ClipScores.Score
    var methods: [Method] = []
    /// Methods that cannot explain the model.
    var passedOver: [Skipped] = []
  }

  func run(_ studio: Studio, _ desk: JobDesk) throws -> JobOutcome {
    try desk.control.report(0, of: 1, "listening")
    let comparison = try MethodComparison(
      HeardClip(studio.read(clip), by: studio.model(model.id)), methods: methods, target: target)
    var result = Result(target: comparison.target)
    try comparison.run(control: desk.control) { entry, drawn in
      let name = "\(result.methods.count + 1)-\(FileNames.slug(of: entry.method, orElse: "method")).png"
      try desk.store.write(drawn.picture.png, to: name)
      result.methods.append(.init(entry: entry, figure: desk.address(name)))
    } skipped: { title, error in
      result.passedOver.append(.init(title: title, why: "\(error)"))
    }
    guard !result.methods.isEmpty else {
      throw StudioFailure(
        .unprocessableContent, result.passedOver.first?.why ?? "no method explains \(model.name)",
        remedy: "choose other methods")
    }
    return try JobOutcome(result)
  }
}
