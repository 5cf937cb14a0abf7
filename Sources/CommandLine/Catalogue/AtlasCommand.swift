import ArgumentParser
import Audio
import Explain
import Files
import Jobs
import Reports
import Tensors

/// `atlas`: a map of the sounds of a catalogue, and strips that tell like moments of a sound.
struct AtlasCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "atlas",
    abstract: "Draw a map of a catalogue's sounds to look at and listen to, or strips of a sound's moments.",
    discussion: """
      With --in: the sounds of a catalogue on a plane, near each other where a layer hears them as alike. --output gets \
      index.html (click or tap a point to see and hear it; it needs no other file as long as the sounds fit into it), atlas.png, \
      atlas.svg, atlas.csv, atlas.npz (coordinates, vectors, components, rgb, labels) and atlas.json with how far the map is \
      to be trusted.

      With sounds: a spectrogram of each, and below it a strip for each layer in which moments of like colour are alike to the \
      layer (SOUND.strips.png, .svg).

      EXAMPLES:
        otoscope atlas --in birds.catalogue --output atlas
        otoscope atlas --in birds.catalogue --layer conv5 --method pca --colour unit:37 --output atlas
        otoscope atlas blackbird.wav --model yamnet --output strips
      """)

  @Argument(help: "Sound or video files, for strips; none for a map.")
  var sounds: [String] = []
  @Option(name: .customLong("in"), help: "A catalogue that 'index' has made, for a map.")
  var catalogue: String?
  @Option(name: .shortAndLong, help: "The folder for the results.")
  var output: String
  @Option(
    help: ArgumentHelp(
      "The layer: a tensor of the catalogue, or embedding (default: the embedding). For strips, may be repeated (default: the "
        + "first, a middle and the last that run in time).", valueName: "tensor"))
  var layer: [String] = []
  @Option(
    help: "How the map is made: tsne (neighbours stay neighbours) or pca (directions of largest variance).")
  var method = AtlasRequest.Method.tsne
  @Option(
    help: ArgumentHelp(
      "What points are coloured by: class, unit:C (the mean activation of channel C), or rgb (the first three principal "
        + "components).", valueName: "class|unit:C|rgb"))
  var colour = AtlasColour.group
  @Option(help: "The map depends on it a little.")
  var seed: UInt64 = 0
  @Flag(help: "Print one JSON object a line.")
  var json = false
  @OptionGroup var part: StretchOptions
  @OptionGroup var model: ModelOptions

  func validate() throws {
    guard (catalogue == nil) != sounds.isEmpty else {
      throw ValidationError(
        catalogue == nil
          ? "say which sounds: --in CATALOGUE for a map, or sound files for strips"
          : "--in is for a map of the catalogue's own sounds: name no others")
    }
    guard catalogue == nil || layer.count <= 1 else { throw ValidationError("a map is of one --layer") }
  }

  func run() throws {
    let made = try WholeFile.makeFolder(output)
    let progress = Progress("atlas")
    defer { progress.finish() }
    do {
      if let catalogue { try drawMap(of: catalogue, progress) } else { try drawStrips(progress) }
    } catch {
      WholeFile.removeEmptyFolders(made)
      throw error
    }
  }

  private func drawMap(of catalogue: String, _ progress: Progress) throws {
    // The threads that were asked for.
    _ = model.network.workspace
    var request = AtlasRequest(catalogue: catalogue)
    (request.layer, request.method, request.seed) = (layer.first, method, seed)
    (request.colouring, request.unit) = (colour.colouring, colour.unit)
    let record = try AtlasJob(request).run(
      in: FolderStore(output), folder: output, command: Arguments.asTyped, control: progress.control,
      note: Terminal.note)
    guard !json else { return try Terminal.result(RecordCoding.line(record)) }
    func three(_ value: Double?) -> String { value.map { NumberText.rounded($0, digits: 3) } ?? "none" }
    try Terminal.result(
      "\(record.clips) sounds in \(record.dimensions) dimensions (\(record.layer)): trustworthiness \(three(record.trustworthiness))"
        + (record.divergence == nil ? "" : ", divergence \(three(record.divergence)) nats"))
    try Terminal.result(Folder.path(to: "index.html", in: output))
  }

  private func drawStrips(_ progress: Progress) throws {
    var request = StripsRequest(sounds: sounds, model: model.choice)
    (request.layers, request.part, request.seed) = (layer, part.stretch, seed)
    var failed = false
    try StripsJob(request, in: model.network.workspace).run(
      in: FolderStore(output), control: progress.control
    ) { event in
      switch event {
      case .drawn(let record):
        if json { return try Terminal.result(RecordCoding.line(record)) }
        try Terminal.result(Folder.path(to: record.files.first ?? "", in: output))
      case .flawed(let sound, let flaws): Terminal.note(flaws, of: sound)
      case .failed(_, let error):
        Terminal.error(words(for: error))
        failed = true
      }
    }
    if failed { throw ExitCode.failure }
  }
}

/// `class`, `unit:37`, `rgb`
struct AtlasColour: ExpressibleByArgument {
  let colouring: AtlasContent.Colouring
  let unit: Int

  static let group = AtlasColour(colouring: .group, unit: 0)

  private init(colouring: AtlasContent.Colouring, unit: Int) {
    (self.colouring, self.unit) = (colouring, unit)
  }

  init?(argument: String) {
    switch argument {
    case "class": self = .group
    case "rgb": self.init(colouring: .rgb, unit: 0)
    default:
      guard argument.hasPrefix("unit:"), let unit = Int(argument.dropFirst(5)), unit >= 0 else { return nil }
      self.init(colouring: .unit, unit: unit)
    }
  }
}

extension AtlasRequest.Method: ExpressibleByArgument {}
