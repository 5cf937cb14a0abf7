import ArgumentParser
import Explain
import Files
import Jobs
import Reports

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
      What of the sound is explained, with commas between: log-mel, the bins of the picture that the model is given or makes \
      inside; stft, the magnitudes of a linear spectrum of the sound; or waveform, its samples, by methods made of gradients \
      (default: log-mel; stft for models without a picture).
      """)
  var domain: String?
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
  @Flag(
    help: """
      Go on with a run into the same folder that was interrupted: what it finished of the same sounds is kept.
      """)
  var resume = false
  @Flag(help: "Print a JSON object for each explanation.")
  var json = false

  func validate() throws {
    guard !output.isEmpty else { throw ValidationError("--output is empty; name a folder") }
    let request = try request()
    if embedding.isAsked, target != ["top"] || against != nil {
      throw ValidationError(
        "--like and --towards explain an embedding, --target and --against classes: choose one")
    }
    if !parts.stem.isEmpty {
      guard sounds.count == 1, !average, !onlyAverage else {
        throw ValidationError("--stem: stems are the parts of one sound; explain one at a time")
      }
      guard request.methods.explicitMethods.contains(.audioLIME) else {
        throw ValidationError("--stem is for audio-lime, which --method does not name")
      }
    }
  }

  /// - Throws: `ValidationError`.
  private func request() throws -> ExplainRequest {
    let domains: [Domain]
    do { domains = try domain.map(Domain.list) ?? [] } catch { throw ValidationError("--domain: \(error)") }
    var request = ExplainRequest(
      sounds: sounds, model: model.choice,
      methods: try method.map { try MethodSelection(option: $0) }
        ?? (parts.stem.isEmpty ? .standard : MethodSelection([.audioLIME])))
    request.part = part.stretch
    request.domains = domains
    request.targets = try target.map { try Self.choice($0, "--target") }
    request.against = try against.map { try Self.choice($0, "--against") }
    request.embedding = embedding.choice
    request.layers = layer
    request.stems = parts.stem
    request.parameters = methods.parameters
    request.findsEvents = events
    request.testsOrder = order
    request.averages = onlyAverage ? .only : average ? .also : .none
    return request
  }

  private static func choice(_ text: String, _ option: String) throws -> TargetChoice {
    guard let choice = TargetChoice(text) else {
      throw ValidationError("\(option) \(text): give 'top', 'top:3', a label or an index")
    }
    return choice
  }

  func run() throws {
    let job = try ExplainJob(try request(), in: model.network.workspace, emit: note)
    let made = try WholeFile.makeFolder(output)
    var keeper = try ExplanationKeeper(
      job, in: FolderStore(output), Journal(in: output), request: Arguments.asTyped, resumes: resume)
    defer { WholeFile.removeEmptyFolders(made) }
    if !keeper.finished.isEmpty {
      Terminal.note("resumed: \(keeper.finished.count) of \(job.sounds.count) sounds are finished already")
    }
    if !resume, try keeper.replacesUnfinished() {
      Terminal.note("\(output) holds an interrupted run, which is begun anew; --resume goes on with it")
    }
    if events, domain?.contains(Domain.waveform.rawValue) == true {
      Terminal.note("--events: samples have no place in frequency; the waveform's explanations get no tables")
    }

    let progress = Progress("explain")
    var failed = false
    var averages: ClassAverages?
    var remarks: Set<String> = []
    try job.run(resuming: keeper.finished, control: progress.control) { event in
      switch event {
      case .explained(let result):
        try keeper.keep(result)
        for explanation in result.sound?.explanations ?? [] where json { try tell(explanation.record) }
      case .failed(_, let error):
        // A bad file is skipped; a bad question stops the run.
        Terminal.error(words(for: error))
        failed = true
      case .averaged(let found):
        averages = found
      case .remark(let text, let remedy):
        if remarks.insert(text).inserted { Terminal.note("\(text): \(remedy.words)") }
      default: note(event)
      }
    }
    progress.finish()
    let averaging = Progress("averages")
    guard let written = try keeper.finish(averages, isWhole: !failed, control: averaging.control) else {
      if keeper.hasExplanations { Terminal.error(Self.noAverage) }
      keeper.discard()
      throw ExitCode.failure
    }
    averaging.finish()
    if let singles = averages?.singles, singles > 0 {
      Terminal.note("\(singles) classes were the target of a single sound and have no average")
    }
    if json, onlyAverage { for record in written.averages { try tell(record) } }
    if !json { try Terminal.result("open \(Folder.path(to: written.page, in: output))") }
    if failed { throw ExitCode.failure }
  }

  private static let noAverage =
    "--only-average: no class was the target of two sounds: name one with --target, or give more sounds"

  private func note(_ event: ExplainEvent) {
    switch event {
    case .recommended(let found): Terminal.note("recommended for \(model.model): \(found.sentence)")
    case .defaultEmbedding(let tensor):
      Terminal.note("embedding: '\(tensor)', what the last linear layer reads")
    case .passedOver(let note): Terminal.note(note)
    case .flawed(let sound, let flaws): Terminal.note(flaws, of: sound)
    case .skipped(let method, let error): Terminal.note("\(method): left out: \(words(for: error))")
    case .failed, .explained, .averaged, .remark: break
    }
  }

  private func tell(_ record: some Encodable) throws {
    do { try Terminal.result(RecordCoding.line(record)) } catch is OutputClosed {
      // The files are what is wanted, whether or not somebody reads along.
    }
  }
}
