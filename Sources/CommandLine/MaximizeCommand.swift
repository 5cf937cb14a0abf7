import ArgumentParser
import Explain
import Files
import Graphs
import Jobs
import Models
import Probe
import Reports
import Tensors

/// `maximize`: the sounds that excite a model's classes and units most.
struct MaximizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "maximize",
    abstract: "Seek the sound that excites a class, a unit or a layer of a model most.",
    discussion: """
      Writes DIR/index.html, a page with everything in it, DIR/report.json, and for each unit and answer NAME.png, .svg, .npz
      and .wav, with --film also .webm and .mp4. The sound is put through the model again, and what that hears is told.

      EXAMPLES:
        otoscope maximize --target Dog --output dog
        otoscope maximize --target "Siren,Whistling" --answers 4 --film --output two
        otoscope maximize --layer LAYER --channel 0-31 --output channels
        otoscope maximize --layer LAYER --channel all --output all
        otoscope maximize --layer LAYER --output layer
        otoscope maximize --target Dog --from cat.wav --output cat-to-dog
        otoscope maximize --target Dog --rule paper --lambda 0.1 --output paper
        otoscope maximize --model siamese.onnx --target 0 --input left=0.1 --input right=0.05 --output pair
      """)

  @OptionGroup var model: ModelOptions
  @Option(help: "Classes to excite: a label or a number, or several with commas between.")
  var target: [String] = []
  @Option(
    help: ArgumentHelp(
      "The layer to excite, or some of its channels, in place of classes.", valueName: "tensor"))
  var layer: String?
  @Option(
    help: "Channels of the layer: all, or numbers and ranges as 0-7,12 (default: the layer as a whole).")
  var channel: String?
  @Flag(help: "Excite the place of a channel in the middle alone, not the mean of all.")
  var centre = false
  @Option(help: "How many different answers to each question.")
  var answers: Int = 1
  @Option(help: "Steps on the picture (default: 160; with --rule paper 200).")
  var steps: Int?
  @Option(
    help: "Further steps on the sound that was made of the picture (default: 60; with --rule paper none).")
  var soundSteps: Int?
  @Option(
    help: """
      modern (waves of decaying amplitude, within the range of sounds, smooth) or paper (A - lambda |x|^2 of any numbers).
      """)
  var rule: MaximizationSettings.Rule = .modern
  @Option(help: "What |x|^2 counts, x being the network's input (default: 0.1 with --rule paper, else 0).")
  var lambda: Float?
  @Option(
    help: ArgumentHelp(
      """
      An input of a network that takes several, or arrays without a front end, with its own lambda; may be repeated.
      """, valueName: "name=lambda"))
  var input: [InputLambda] = []
  @Option(
    name: .customLong("shape"),
    help: ArgumentHelp(
      "The shape of such an input, where the file leaves it open: x=1,96,64; may be repeated.",
      valueName: "name=extents"))
  var shapes: [NamedShape] = []
  @Option(help: "How much smoothness counts (default: 1).")
  var smoothness: Float = 1
  @Option(help: "What to begin with: noise, silence, or a sound file.")
  var from: String = "noise"
  @Option(help: "How long the sound is (default: a patch of the model; 1 s where it takes any length).")
  var seconds: Double?
  @Flag(help: "Also write a film of each ascent, as WebM and MP4, with the sound at its end.")
  var film = false
  @Flag(inversion: .prefixedNo, help: "Make sounds of the pictures (default: of 32 of them or fewer).")
  var sound: Bool?
  @Option(help: "What random numbers begin with.")
  var seed: UInt64 = 0
  @Option(name: .shortAndLong, help: "The folder to write to.")
  var output: String = "otoscope-maximize"
  @Flag(help: "Print a JSON object for each answer.")
  var json = false

  func validate() throws {
    guard target.isEmpty != (layer == nil) else {
      throw ValidationError("name what to excite: --target CLASS, or --layer TENSOR")
    }
    guard layer != nil || channel == nil && !centre else {
      throw ValidationError("--channel and --centre go with --layer")
    }
    if centre, channel == nil { throw ValidationError("--centre goes with --channel") }
    if let channel, ChannelChoice(channel) == nil {
      throw ValidationError("--channel \(channel): give all, or numbers and ranges as 0-7,12")
    }
    guard (1...64).contains(answers) else { throw ValidationError("--answers must be from 1 to 64") }
    if let steps, !(1...100_000).contains(steps) { throw ValidationError("--steps must be from 1 to 100000") }
    if let soundSteps, !(0...100_000).contains(soundSteps) {
      throw ValidationError("--sound-steps must be from 0 to 100000")
    }
    if let lambda, !(lambda >= 0 && lambda.isFinite) {
      throw ValidationError("--lambda must be a number from 0 on")
    }
    if let seconds, !(seconds > 0 && seconds <= 60) {
      throw ValidationError("--seconds must be more than 0 and at most 60")
    }
    guard smoothness >= 0, smoothness.isFinite else {
      throw ValidationError("--smoothness must be a number from 0 on")
    }
    guard !output.isEmpty else { throw ValidationError("--output is empty; name a folder") }
  }

  private var request: MaximizeRequest {
    var request = MaximizeRequest(model: model.choice)
    (request.targets, request.layer) = (target, layer)
    request.channels = channel.flatMap(ChannelChoice.init)
    request.isCentred = centre
    request.start = from == "noise" ? .noise : from == "silence" ? .silence : .sound(from)
    request.seconds = seconds
    request.makesFilms = film
    request.makesSounds = sound
    request.takesArrays = !input.isEmpty
    request.shapes = Dictionary(shapes.map { ($0.name, $0.shape.dimensions) }) { $1 }
    var settings = MaximizationSettings()
    (settings.rule, settings.answers, settings.steps) = (rule, answers, steps)
    (settings.lambda, settings.soundSteps, settings.seed) = (lambda, soundSteps, seed)
    settings.lambdas = Dictionary(
      input.compactMap { entry in entry.lambda.map { (entry.input, $0) } }, uniquingKeysWith: { $1 })
    settings.smoothness = smoothness
    request.settings = settings
    return request
  }

  func run() throws {
    if request.takesArrays { try runOnArrays() } else { try runOnSounds() }
  }

  private func runOnArrays() throws {
    guard !film, seconds == nil else {
      throw Misuse("--film and --seconds are for sounds, --input for arrays")
    }
    let job = try ArrayMaximizeJob(request, in: model.network.workspace)
    let made = try WholeFile.makeFolder(output)
    defer { WholeFile.removeEmptyFolders(made) }
    let store = FolderStore(output)
    let progress = Progress("maximize")
    var records: [MaximizedArraysRecord] = []
    try job.run(control: progress.control) { arrays in
      try arrays.write(to: store)
      let record = arrays.record
      records.append(record)
      if record.ending != "finished" { Terminal.note("\(record.label): \(Self.words(record.ending))") }
      if json {
        try Terminal.result(try RecordCoding.line(record))
      } else {
        func number(_ value: Double?) -> String {
          value.map { NumberText.rounded($0, digits: 4) } ?? "nothing"
        }
        try Terminal.result(
          "\(record.label): \(number(record.first)) at first, \(number(record.value)) in the end; "
            + record.files.map { Folder.path(to: $0, in: output) }.joined(separator: ", "))
      }
    }
    progress.finish()
    try store.write(try RecordCoding.list(records), to: "report.json")
  }

  private func runOnSounds() throws {
    let job = try MaximizeJob(request, in: model.network.workspace)
    let made = try WholeFile.makeFolder(output)
    defer { WholeFile.removeEmptyFolders(made) }
    var report = MaximizationReport(
      FolderStore(output), ReportHeader(title: job.title, model: job.model.name, request: Arguments.asTyped),
      job.model, units: job.units, answers: answers, makesFilms: film)
    let progress = Progress("maximize")
    try job.run(control: progress.control) { event in
      switch event {
      case .flawed(let sound, let flaws): Terminal.note(flaws, of: sound)
      case .found(let unit):
        try report.add(unit)
        if unit.record.ending != "finished" {
          Terminal.note("\(unit.unit.label): \(Self.words(unit.record.ending))")
        }
        if json { try Terminal.result(RecordCoding.line(unit.record)) }
      }
    }
    let page = try report.finish()
    progress.finish()
    if !json {
      for line in report.summary { try Terminal.result(line) }
      try Terminal.result("open \(Folder.path(to: page, in: output))")
    }
  }

  private static func words(_ ending: String) -> String {
    ending == "dead"
      ? "no input that was tried changes it: it seems to be dead"
      : "the gradient became \(ending); the picture of the step before is kept"
  }
}

extension MaximizationSettings.Rule: ExpressibleByArgument {}

/// `left=0.1`, or `left` alone
struct InputLambda: ExpressibleByArgument {
  let input: TensorName
  let lambda: Float?

  init?(argument: String) {
    guard let equals = argument.lastIndex(of: "="), equals != argument.startIndex else {
      (input, lambda) = (argument, nil)
      return
    }
    input = String(argument[..<equals])
    guard let number = Float(argument[argument.index(after: equals)...]), number >= 0, number.isFinite else {
      return nil
    }
    lambda = number
  }
}
