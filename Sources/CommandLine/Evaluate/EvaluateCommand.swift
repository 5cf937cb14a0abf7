import Reports
import ArgumentParser
import Audio
import Explain
import Files
import Models

/// `evaluate`: which explanations to believe on a model and on one's own sounds.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure which explanations of a model can be believed, on your own sounds.",
    discussion: """
      Explains the loudest stretch of each sound, and mixtures of two of them in which it is known where each class \
      sounds, by every method, and measures faithfulness, localisation, class discrimination, sanity, robustness, \
      complexity, what is heard, and cost. Writes DIR/index.html, evaluation.json, ranking.csv, measurements.csv and \
      curves.csv, and keeps the recommendation for 'explain --method recommended'.

      EXAMPLES:
        otoscope evaluate recordings/ --output evaluation
        otoscope evaluate recordings/ --model tagger.onnx --clips 20 --mixtures 20
        otoscope evaluate birds/ --annotations selections/ --method grad-cam,layer-cam,saliency,lime
        otoscope evaluate *.wav --method all --evaluations 256 --seed 1
      """)

  @Argument(
    help: "Sounds, and folders of sounds (with the folders in them); 8 or more make intervals worth having.")
  var sounds: [String]
  @OptionGroup var model: ModelOptions
  @Option(help: "Methods, with commas between, or 'all': \(AttributionMethod.namesForSounds).")
  var method: String = "all"
  @Option(help: "The most clips to explain.")
  var clips: Int = 40
  @Option(help: "The most mixtures of two sounds to make and explain.")
  var mixtures: Int = 40
  @Option(
    help: ArgumentHelp(
      """
      Where classes are known to sound: a folder with a table for each sound (NAME.txt, NAME.csv, \
      NAME.selections.txt), or one table with a column of files. Audacity labels, Raven selections or CSV.
      """, valueName: "path"))
  var annotations: String?
  @Option(
    help: "How much of each sound is explained, its loudest stretch, in seconds (default: two patches).")
  var duration: Double?
  @Option(help: "What the most probable class of a clip must have at least, for the clip to be used.")
  var leastProbability: Float = 0.2
  @Option(
    help: """
      Runs of the network for each explanation, where a method takes as many as it is given (a gradient counts as two).
      """)
  var evaluations: Int = 64
  @Option(
    help: ArgumentHelp(
      """
      What bins become when faithfulness takes them away, as --baseline says it (default: local-mean; silence alone ends \
      most classes, wherever it falls).
      """, valueName: "what"))
  var removal: BaselineChoice?
  @Option(help: "Clips that robustness, sanity and cost are measured on.")
  var closeLooks: Int = 3
  @Option(help: "Clips, and classes in sounds with known answers, to show and to hear on the page.")
  var examples: Int = 2
  @OptionGroup var methods: MethodOptions
  @Option(name: .shortAndLong, help: "The folder to write to.")
  var output: String = "otoscope-evaluation"
  @Flag(help: "Print the ranking as JSON.")
  var json = false

  func validate() throws {
    _ = try AttributionMethod.list(method)
    guard (1...10_000).contains(clips) else { throw ValidationError("--clips must be from 1 to 10000") }
    guard (0...10_000).contains(mixtures) else { throw ValidationError("--mixtures must be from 0 to 10000") }
    guard (2...100_000).contains(evaluations) else {
      throw ValidationError("--evaluations must be from 2 to 100000")
    }
    guard (0...1000).contains(closeLooks) else {
      throw ValidationError("--close-looks must be from 0 to 1000")
    }
    guard (0...100).contains(examples) else { throw ValidationError("--examples must be from 0 to 100") }
    guard (0...1).contains(leastProbability) else {
      throw ValidationError("--least-probability must be from 0 to 1")
    }
    if let duration, !(duration > 0 && duration <= Clip.longest) {
      throw ValidationError(
        "--duration must be more than 0 and at most \(Int(Clip.longest)) seconds")
    }
    guard !output.isEmpty else { throw ValidationError("--output is empty; name a folder") }
  }

  func run() throws {
    let start = Terminal.now()
    let model = try model.load()
    // Whether it can be made is known now, and an interruption leaves nothing.
    WholeFile.removeEmptyFolders(try WholeFile.makeFolder(output))
    var found = EvaluationSounds(model: model, leastProbability: leastProbability, seed: methods.seed)
    let progress = Progress("evaluate")
    let duration = duration ?? EvaluationSounds.defaultDuration(of: model)
    let paths = try EvaluationSounds.inTurn(sounds, seed: methods.seed)
    var annotated = try annotations.map { try AnnotatedSounds($0, model: model, duration: duration) }
    let marked = try annotated?.known(among: paths) ?? []
    let sources = try found.sources(among: paths, count: clips, duration: duration) {
      progress.update(0.02 * Double($0) / Double(clips), "reading sounds")
    }
    guard !sources.isEmpty else {
      throw EvaluationError.noClips(found.notes)
    }
    let mixtures =
      mixtures == 0
      ? []
      : try found.mixtures(of: sources, count: self.mixtures) { [mixtures] in
        progress.update(0.02 + 0.03 * Double($0) / Double(mixtures), "making mixtures")
      }

    var settings = try methods.settings(for: model)
    settings.strides = methods.stride.isEmpty ? nil : methods.stride
    var budget = Evaluation.Budget()
    budget.evaluations = evaluations
    budget.closeLooks = closeLooks
    budget.examples = examples
    if let removal {
      budget.removal = try methods.baseline(removal, for: model) ?? .constant(model.frontEnd.silence)
    }
    budget.seed = methods.seed
    var evaluation = Evaluation(
      model, methods: try AttributionMethod.list(method) + AttributionMethod.controls, settings: settings,
      budget: budget)
    try evaluation.run(
      clips: sources.map { .init(name: $0.path, samples: $0.clip) },
      known: marked + mixtures.map { .init($0.mixture, name: $0.name) }
    ) { done, whole, what in progress.update(0.05 + 0.95 * Double(done) / Double(whole), what) }
    progress.finish()

    let record = EvaluationRecord(
      evaluation, clips: sources.count, mixtures: mixtures.count, annotated: marked.count,
      sought: found.notes + (annotated?.notes ?? []),
      seconds: Terminal.now() - start, commandLine: Arguments.asTyped)
    _ = try WholeFile.makeFolder(output)
    try record.write(to: output)
    try RecommendationStore.keep(record, for: try self.model.path)
    if json {
      try Terminal.result(record.json.text)
    } else {
      try Terminal.result(record.verdict.sentence)
      try Terminal.result("open \(Folder.path(to: "index.html", in: output))")
    }
  }
}

/// What can keep an evaluation from beginning.
enum EvaluationError: Error, CustomStringConvertible {
  case noClips([String])
  case noRecommendation(model: String)
  case noneRecommended(model: String)

  var description: String {
    switch self {
    case .noClips(let notes):
      "there is nothing to evaluate on: \(notes.isEmpty ? "no sounds were found" : notes.joined(separator: "; "))"
    case .noRecommendation(let model):
      "no method is recommended for \(model) yet: run 'otoscope evaluate SOUNDS --model \(model)' first, or name a method"
    case .noneRecommended(let model):
      "the evaluation of \(model) recommends no method, each failed a check; name one with --method"
    }
  }
}
