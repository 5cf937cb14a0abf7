import Audio
import Explain
import Figures
import Hummingbird
import Jobs
import Reports
import Tensors

extension Studio {
  /// Why a model gave a clip a class: in numbers, as sound, as a figure.
  func addExplanationRoutes(to api: StudioRoutes) {
    add("explanation", to: api) { clip, shown in
      var pack = Pack()
      pack.add("attribution", shown.picture)
      pack.add("mask", shown.mask)
      return try pack.reply(ExplanationFacts(axes: shown.axes, facts: shown.facts))
    }
    add("explanation/heard", to: api) { [self] clip, shown in
      .wav(try wavBytes(of: played(clip.heardAndIgnored(shown).heard)))
    }
    add("explanation/ignored", to: api) { [self] clip, shown in
      .wav(try wavBytes(of: played(clip.heardAndIgnored(shown).ignored)))
    }
    add("explanation/figure.png", to: api) { clip, shown in
      Reply(
        bytes: try clip.figure(shown).picture.png, type: "image/png",
        fileName: "\(clip.clip.stem).\(shown.facts.method).png")
    }
    add("explanation/figure.svg", to: api) { clip, shown in
      Reply(
        bytes: try clip.figure(shown).svg, type: "image/svg+xml",
        fileName: "\(clip.clip.stem).\(shown.facts.method).svg")
    }
  }

  private func add(
    _ path: String, to api: StudioRoutes,
    _ body: @escaping @Sendable (HeardClip, ShownExplanation) throws -> Reply
  ) {
    api.get(RouterPath("clips/:id/\(path)")) { [self] request, context in
      let stored = try store.clip(try context.part("id"))
      let (model, choice) = (modelID(request), try choice(request))
      let version = try version(ofModel: model)
      return try await answer(request, version: version) { [self] control in
        let clip = try heard(stored, by: model)
        let name = "\(stored.id)/\(version)/\(choice.name)"
        if let known = explanations.value(name) { return try body(clip, known) }
        let shown = try clip.explain(choice, control: control)
        explanations.keep(shown, bytes: 16 * shown.picture.count + 4096, as: name)
        return try body(clip, shown)
      }
    }
  }

  private func choice(_ request: Request) throws -> ExplanationChoice {
    var choice = ExplanationChoice(request.query("method") ?? "grad-cam")
    if let text = request.query("target") {
      guard let target = TargetChoice(text) else {
        throw StudioFailure.bad("'target' is a class's name or number, or 'top'")
      }
      choice.target = target
    }
    choice.layer = request.query("layer")
    choice.domain = try request.query("domain").map { text in
      guard let domain = Domain(named: text) else {
        throw StudioFailure.bad(
          "'domain' is one of \(Domain.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      return domain
    }
    return choice
  }
}

extension ExplanationChoice {
  /// For the cache.
  fileprivate var name: String {
    "\(method)|\(target.map { "\($0)" } ?? "")|\(layer ?? "")|\(domain?.rawValue ?? "")"
  }
}

/// The facts of an explanation, with the axes of its picture.
private struct ExplanationFacts: Encodable {
  let axes: GridAxes
  let facts: ShownExplanation.Facts

  func encode(to encoder: any Encoder) throws {
    try facts.encode(to: encoder)
    var container = encoder.container(keyedBy: Keys.self)
    try container.encode(axes, forKey: .axes)
  }

  private enum Keys: CodingKey { case axes }
}
