import ArgumentParser
import Audio
import Explain
import Files
import Jobs
import Reports

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
      NAME.selections.txt), or one table with a column of files: Audacity, Raven, BirdNET, Praat, CSV \
      (docs/annotations.md).
      """, valueName: "path"))
  var annotations: String?
  @Option(
    help: ArgumentHelp(
      """
      The columns of the tables, where their names are not known, with commas between: \
      start=Begin,end=Fin,label=Espèce,file=Fichier (also duration, low, high); numbers from 1 where there are no names.
      """, valueName: "columns"))
  var columns: String?
  @Option(
    help: ArgumentHelp(
      "What a label of the tables means, as hen=\"Chicken, rooster\" (given several times).",
      valueName: "old=new"))
  var labelMap: [String] = []
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
  @Flag(help: "Go on with an evaluation into the same folder that was interrupted.")
  var resume = false
  @Flag(help: "Print the ranking as JSON.")
  var json = false

  func validate() throws {
    do { _ = (try columns.map { try AnnotationColumns($0) }, try LabelMap(labelMap)) } catch {
      throw ValidationError("\(error)")
    }
    guard try !MethodSelection(option: method).includesRecommended else {
      throw ValidationError("--method: an evaluation finds what is recommended; name methods, or 'all'")
    }
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
    var request = EvaluateRequest(
      sounds: sounds, model: model.choice, methods: try MethodSelection(option: method))
    request.parameters = methods.parameters
    (request.clips, request.mixtures) = (clips, mixtures)
    (request.annotations, request.duration) = (annotations, duration)
    (request.columns, request.labelMap) = (columns, labelMap)
    request.leastProbability = leastProbability
    request.evaluations = evaluations
    request.removal = removal
    (request.closeLooks, request.examples) = (closeLooks, examples)
    let workspace = model.network.workspace
    let job = try EvaluateJob(request, in: workspace)
    let made = try WholeFile.makeFolder(output)
    defer { WholeFile.removeEmptyFolders(made) }

    let journal = Journal(in: output)
    let finished = resume ? try journal.steps(of: job) : []
    if !finished.isEmpty { Terminal.note("resumed: \(finished.count) steps are measured already") }
    var isBegun = !finished.isEmpty
    let progress = Progress("evaluate")
    let record = try job.run(resuming: finished, words: Arguments.asTyped, control: progress.control) {
      step in
      if !isBegun { try journal.begin(job.fingerprint) }
      isBegun = true
      try journal.add(step)
    }
    progress.finish()

    try record.write(to: FolderStore(output))
    journal.remove()
    tell(try workspace.recommendations.keep(record.kept, for: job.modelPath))
    if json {
      try Terminal.result(RecordCoding.line(EvaluationSummary(record)))
    } else {
      try Terminal.result(record.recommendation)
      try Terminal.result("open \(Folder.path(to: "index.html", in: output))")
    }
  }

  private func tell(_ outcome: RecommendationStore.Outcome) {
    switch outcome {
    case .kept: break
    case .outweighed(let present):
      Terminal.note(
        "the recommendation was not kept for 'explain --method recommended': what is known is better founded: "
          + present.sentence)
    case .notKept(let reason):
      Terminal.note("the recommendation was not kept for 'explain --method recommended': \(reason)")
    }
  }
}
