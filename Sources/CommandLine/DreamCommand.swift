import ArgumentParser
import Explain
import Files
import Jobs
import Models
import Probe
import Reports

/// `dream`: what a model begins to hear in sounds, drawn into them.
struct DreamCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dream",
    abstract: "Draw into a sound what a model begins to hear in it, and listen to that.",
    discussion: """
      DeepDream on the picture of a sound. Writes DIR/index.html, DIR/report.json, and for each sound NAME.dream.png, .svg,
      .npz and .wav, with --film also .webm and .mp4.

      EXAMPLES:
        otoscope dream dog.mp3 --output dog-dream
        otoscope dream dog.mp3 --layer LAYER --channel 7
        otoscope dream street.wav --target Siren --steps 40
        otoscope dream choir.flac --layer LAYER --guide rooster.mp3
      """)

  @Argument(help: "Sound or video files; '-' is standard input.")
  var sounds: [String]
  @OptionGroup var model: ModelOptions
  @Option(help: "Where to begin in each sound, in seconds.")
  var start: Double = 0
  @Option(help: "How much of each sound to use, in seconds (default: all).")
  var duration: Double?
  @Option(
    help: ArgumentHelp(
      "The layer whose activations are drawn out (default: one in the middle of the network).",
      valueName: "tensor"))
  var layer: String?
  @Option(
    help: "Channels of the layer: all, or numbers and ranges as 0-7,12 (default: the layer as a whole).")
  var channel: String?
  @Option(
    help: "Classes to draw out in place of a layer: a label or a number, or several with commas between.")
  var target: [String] = []
  @Option(help: ArgumentHelp("A sound that the layer's activations are to be like.", valueName: "sound"))
  var guide: String?
  @Option(help: "How many sizes of the picture are dreamt upon.")
  var octaves: Int = 4
  @Option(help: "From one size to the next.")
  var scale: Double = 1.4
  @Option(help: "Steps in each size.")
  var steps: Int = 20
  @Option(help: "How far a step goes on average, as a share of the range of values.")
  var step: Float = 0.01
  @Option(help: "The largest shift along time for each step, as a share of the clip.")
  var jitter: Double = 0.05
  @Flag(help: "Also write a film of the dream, as WebM and MP4, with the sound at its end.")
  var film = false
  @Option(help: "What random numbers begin with.")
  var seed: UInt64 = 0
  @Option(name: .shortAndLong, help: "The folder to write to.")
  var output: String = "otoscope-dream"
  @Flag(help: "Print a JSON object for each sound.")
  var json = false

  func validate() throws {
    guard target.isEmpty || layer == nil && channel == nil && guide == nil else {
      throw ValidationError("--target draws out classes, --layer a layer: choose one")
    }
    guard channel == nil || guide == nil else {
      throw ValidationError("--guide follows all channels of a layer: leave out --channel")
    }
    if let channel, ChannelChoice(channel) == nil {
      throw ValidationError("--channel \(channel): give all, or numbers and ranges as 0-7,12")
    }
    if channel != nil, layer == nil { throw ValidationError("--channel goes with --layer") }
    guard start >= 0, start.isFinite else { throw ValidationError("--start must be seconds from 0 on") }
    if let duration, !(duration > 0 && duration.isFinite) {
      throw ValidationError("--duration must be more than 0 seconds")
    }
    guard (1...12).contains(octaves) else { throw ValidationError("--octaves must be from 1 to 12") }
    guard scale > 1, scale <= 4 else { throw ValidationError("--scale must be more than 1 and at most 4") }
    guard (1...10_000).contains(steps) else { throw ValidationError("--steps must be from 1 to 10000") }
    guard step > 0, step <= 1 else { throw ValidationError("--step must be more than 0 and at most 1") }
    guard (0...1).contains(jitter) else { throw ValidationError("--jitter must be from 0 to 1") }
    guard !output.isEmpty else { throw ValidationError("--output is empty; name a folder") }
  }

  private var request: DreamRequest {
    var request = DreamRequest(sounds: sounds, model: model.choice)
    request.part = Stretch(start: start, duration: duration)
    (request.targets, request.layer, request.guide) = (target, layer, guide)
    request.channels = channel.flatMap(ChannelChoice.init)
    request.makesFilms = film
    var settings = Dream.Settings()
    settings.octaves = Octaves(count: octaves, scale: scale)
    (settings.steps, settings.step, settings.jitter, settings.seed) = (steps, step, jitter, seed)
    request.settings = settings
    return request
  }

  func run() throws {
    let job = try DreamJob(request, in: model.network.workspace) { event in
      if case .flawed(let sound, let flaws) = event { Terminal.note(flaws, of: sound) }
    }
    let made = try WholeFile.makeFolder(output)
    defer { WholeFile.removeEmptyFolders(made) }
    var report = DreamReport(
      FolderStore(output), ReportHeader(title: job.title, model: job.model.name, request: Arguments.asTyped),
      count: sounds.count, makesFilms: film)
    let progress = Progress("dream")
    var failed = false
    try job.run(control: progress.control) { event in
      switch event {
      case .flawed(let sound, let flaws): Terminal.note(flaws, of: sound)
      case .failed(_, let error):
        // A bad file is skipped.
        Terminal.error(words(for: error))
        failed = true
      case .dreamt(let dreamt):
        try report.add(dreamt)
        if json { try Terminal.result(RecordCoding.line(dreamt.record)) }
      }
    }
    progress.finish()
    if report.hasResults {
      let page = try report.finish()
      if !json { try Terminal.result("open \(Folder.path(to: page, in: output))") }
    }
    if failed { throw ExitCode.failure }
  }
}
