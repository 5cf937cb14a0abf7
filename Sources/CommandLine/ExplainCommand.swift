import Reports
public import ArgumentParser
public import Explain
import Audio
import Files
import Graphs
import Models

/// `explain`: why a model gave sounds their classes, as pictures, sounds and a page.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Show and play where in a sound a model's decision came from.",
    discussion: """
      Writes DIR/index.html, a page with everything in it, DIR/report.json, and for each sound, method and target
      NAME.METHOD.TARGET.png, .svg, .npz, .heard.wav and .ignored.wav.

      EXAMPLES:
        otoscope explain dog.mp3 --output why-dog
        otoscope explain street.wav --method all --target top:3
        otoscope explain night.wav --method integrated-gradients --target "Owl" --events
        otoscope explain yard.wav --target Dog --against "Chicken, rooster" --method deeplift
        otoscope explain rooster.mp3 --target top:3 --order
        otoscope explain crow.flac --like rooster.mp3
        otoscope explain dogs/ cats/ --average --only-average
        otoscope explain talk.mp4 --start 60 --duration 10 --target "Siren"
        otoscope explain dog.mp3 --method recommended
        otoscope explain dog.mp3 --method saliency --domain log-mel,stft,waveform
        otoscope explain song.wav --stem voice.wav --stem band.wav
        otoscope explain song.flac --model tagger.onnx --front-end musicnn --layer conv4
      """)

  @Argument(help: "Sound or video files, with --average also folders; '-' is standard input.")
  var sounds: [String]
  @OptionGroup var model: ModelOptions
  @OptionGroup var part: StretchOptions
  @Option(
    help: """
      Methods, with commas between, 'all', or 'recommended' (by 'otoscope evaluate' for this model; default: \
      grad-cam,saliency; with --stem audio-lime): \(AttributionMethod.namesForSounds).
      """)
  var method: String?
  @Option(
    help: """
      What of the sound is explained, with commas between: the model's log-mel bins, the magnitudes of the linear stft \
      behind them, or the samples of the waveform (by methods made of gradients).
      """)
  var domain: String = Domain.logMel.rawValue
  @Option(help: "What to explain: 'top', 'top:3', a label or an index.")
  var target: [String] = ["top"]
  @Option(help: "A class whose logit is taken off the target's: why this and not that.")
  var against: String?
  @OptionGroup var embedding: EmbeddingOptions
  @Option(
    help:
      "The layer of class activation maps; given several times, they are fused (default: the last convolutional one)."
  )
  var layer: [String] = []
  @OptionGroup var parts: StemOptions
  @OptionGroup var methods: MethodOptions
  @Option(name: .shortAndLong, help: "The folder to write to.")
  var output: String = "otoscope-report"
  @Flag(
    help: """
      Also write the sound events that stand out of each map, as tables for Audacity (.events.txt), Raven \
      (.events.selections.txt) and .events.csv.
      """)
  var events = false
  @Flag(
    help: """
      Also tell what each target loses when the order of time, and that of bands, is shuffled: whether the model goes by \
      time or by frequency.
      """)
  var order = false
  @Flag(
    help: """
      Also average over all sounds explained for one class: which bands, octaves and parts of a clip hold the evidence. \
      Folders stand for all sounds in them and below.
      """)
  var average = false
  @Flag(help: "Write the averages alone, and nothing of each sound.")
  var onlyAverage = false
  @Flag(help: "Print a JSON object for each explanation.")
  var json = false

  func validate() throws {
    _ = try Domain.list(domain)
    if !told.isEmpty { _ = try able(AttributionMethod.list(told.joined(separator: ","))) }
    _ = try choices()
    _ = try against.map { try Self.choice($0, "--against") }
    if embedding.isAsked, target != ["top"] || against != nil {
      throw ValidationError(
        "--like and --towards explain an embedding, --target and --against classes: choose one")
    }
    if !parts.stem.isEmpty {
      guard sounds.count == 1, !average, !onlyAverage else {
        throw ValidationError("--stem: stems are the parts of one sound; explain one at a time")
      }
      guard try !told.isEmpty && AttributionMethod.list(told.joined(separator: ",")).contains(.audioLIME)
      else {
        throw ValidationError("--stem is for audio-lime, which --method does not name")
      }
    }
    guard !output.isEmpty else { throw ValidationError("--output is empty; name a folder") }
  }

  /// Stands for what the evaluation of the model recommends.
  private static let recommended = "recommended"
  /// What is asked unless told.
  private var usual: String { parts.stem.isEmpty ? "grad-cam,saliency" : AttributionMethod.audioLIME.name }

  /// What is asked for, name by name.
  private var named: [String] { (method ?? usual).partsBetweenCommas }
  /// What is known before the model is.
  private var told: [String] { named.filter { $0 != Self.recommended } }

  private func chosenMethods() throws -> [AttributionMethod] {
    guard named.contains(Self.recommended) else { return try able(AttributionMethod.list(method ?? usual)) }
    let chosen = try RecommendationStore.method(for: model.path, named: model.model)
    Terminal.note("recommended for \(model.model): \(chosen)")
    return try able(
      [chosen]
        + (told.isEmpty ? [] : AttributionMethod.list(told.joined(separator: ","))).filter { $0 != chosen })
  }

  /// `methods`, each of which must explain one of the domains at least if it was asked for by name; otherwise those that
  /// do.
  private func able(_ methods: [AttributionMethod]) throws -> [AttributionMethod] {
    let domains = try Domain.list(domain)
    guard method != "all" else { return methods }
    let able = methods.filter { method in domains.contains(where: method.explains) }
    if method != nil, let first = domains.first, let other = methods.first(where: { !able.contains($0) }) {
      throw ValidationError("--domain \(domain): \(ExplainError.notInDomain(other.name, first))")
    }
    return able
  }

  private static let noAverage =
    "--only-average: no class was the target of two sounds: name one with --target, or give more sounds"

  private func choices() throws -> [TargetChoice] {
    try target.map { try Self.choice($0, "--target") }
  }

  private static func choice(_ text: String, _ option: String) throws -> TargetChoice {
    guard let choice = TargetChoice(text) else {
      throw ValidationError("\(option) \(text): give 'top', 'top:3', a label or an index")
    }
    return choice
  }

  func run() throws {
    let model = try model.load()
    for layer in layer { try model.network.graph.tensor(named: layer) }
    let asked = try embedding.question(of: model)
    let stems = try parts.stems(for: model, part)
    let made = try WholeFile.makeFolder(output)
    let settings = try Domain.list(domain).map { domain in
      var settings = try methods.settings(for: model, in: domain)
      settings.layers = layer
      settings.stems = stems
      return settings
    }
    var run = ExplanationRun(
      model: model, methods: try chosenMethods(), settings: settings, folder: output,
      title: asked.map { "How \(model.name) compares sounds with \($0.name)" }
        ?? "Why \(model.name) heard what it heard", printsJSON: json)
    run.leavesOutWhatFails = method == "all"
    run.writesEvents = events
    run.testsOrder = order
    run.embedding = asked
    run.averages = average || onlyAverage ? ClassAverages() : nil
    run.writesSounds = !onlyAverage
    if events, settings.contains(where: { $0.domain == .waveform }) {
      Terminal.note("--events: samples have no place in frequency; the waveform's explanations get no tables")
    }
    run.rival = try against.map { try Self.choice($0, "--against") }
    defer { if !run.hasExplanations { WholeFile.removeEmptyFolders(made) } }
    var failed = false
    let sounds = run.averages == nil ? sounds : try SoundFiles.all(in: sounds)
    for (index, sound) in sounds.enumerated() {
      do {
        let clip = try Clip(
          reading: sound, start: part.start, duration: part.duration)
        try parts.check(stems, of: clip.recording, for: model)
        try run.add(clip, try choices(), share: (index, sounds.count))
      } catch let error where error is AudioError || error is ExplanationError {
        // One bad file does not keep the others from being explained; a bad question does.
        Terminal.error(words(for: error))
        failed = true
      }
    }
    guard run.hasExplanations else {
      if run.explained > 0 { Terminal.error(Self.noAverage) }
      throw ExitCode.failure
    }
    let page = try run.finish()
    if !json { try Terminal.result("open \(page)") }
    if failed { throw ExitCode.failure }
  }
}

extension Domain {
  /// The domains that `text` names with commas between, each once.
  static func list(_ text: String) throws -> [Domain] {
    var domains: [Domain] = []
    for name in text.partsBetweenCommas {
      guard let domain = Domain(rawValue: name) else {
        throw ValidationError(
          "--domain: there is no domain '\(name)'; there are \(allCases.map(\.rawValue).joined(separator: ", "))"
        )
      }
      if !domains.contains(domain) { domains.append(domain) }
    }
    return domains
  }
}

extension AttributionMethod: ExpressibleByArgument {
  static var allNames: String { all.map(\.name).joined(separator: ", ") }

  static var namesForSounds: String { (all + ofSounds).map(\.name).joined(separator: ", ") }

  public init?(argument: String) {
    guard let method = try? AttributionMethod(named: argument) else { return nil }
    self = method
  }

  /// The methods that `text` names, each once: names with commas between, or `all`.
  static func list(_ text: String) throws -> [AttributionMethod] {
    guard text != "all" else { return all + ofSounds }
    var methods: [AttributionMethod] = []
    for name in text.partsBetweenCommas {
      let method: AttributionMethod
      do { method = try AttributionMethod(named: name) } catch {
        throw ValidationError(
          "--method: \(error); there are \(namesForSounds), 'all', and combinations such as "
            + "guided-backprop+smoothgrad")
      }
      if !methods.contains(method) { methods.append(method) }
    }
    return methods
  }
}

extension String {
  /// Without the spaces around them.
  fileprivate var partsBetweenCommas: [String] {
    split(separator: ",", omittingEmptySubsequences: false).map { part in
      String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
  }
}
