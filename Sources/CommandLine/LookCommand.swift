import ArgumentParser
import Audio
import Files
import Jobs
import Probe
import Reports

/// `look`: what each layer of a network makes of a sound.
struct LookCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "look",
    abstract: "Show what each layer of a network makes of a sound, and play what a channel follows.",
    discussion: """
      Writes DIR/index.html, a page with everything in it, and for each layer NAME.NUMBER-LAYER.png, .svg (a sheet of its \
      channels on axes of seconds and hertz) and .npz (the maps shown, and what all channels do); for attention also \
      .heads.png, which times attend to which. --channel writes that channel's map over the sound, and .heard.wav, what of \
      the sound it follows.

      EXAMPLES:
        otoscope look dog.mp3 --output dog-layers
        otoscope look dog.mp3 --layer 1 --layer 14 --order likeness
        otoscope look dog.mp3 --layer 5 --channel 17 --channel 40
        otoscope look song.flac --model tagger.onnx --layer '*conv*' --top 63
      """)

  @Argument(help: "A sound or video file; '-' is standard input.")
  var sound: String
  @OptionGroup var model: ModelOptions
  @Option(help: "Where to begin in the sound, in seconds.")
  var start: Double = 0
  @Option(help: "How much of the sound to use, in seconds (default: all).")
  var duration: Double?
  @Option(
    help: "Which channel of the sound to listen to: mix (the mean of all), left, right, or a number from 1.")
  var soundChannel: Channel = .mix
  @Option(
    help: """
      A layer: the name of a tensor, its number among the layers, or a pattern of names such as '*relu*'; may be repeated \
      (default: all layers; a wrong name prints the list).
      """)
  var layer: [String] = []
  @Option(
    help: ArgumentHelp(
      "A channel of the layer to solo (of attention, a head), from 0 on; may be repeated.",
      valueName: "number"))
  var channel: [Int] = []
  @Option(help: "The order of the channels: strength, likeness (neighbours alike) or number.")
  var order: ChannelOrder = .strength
  @Option(help: "How many channels of each layer are shown, the strongest.")
  var top: Int = LookRequest.defaultTop
  @Option(name: .shortAndLong, help: "The folder to write to.")
  var output: String = "otoscope-look"
  @Flag(help: "Print a JSON object for each layer and each soloed channel.")
  var json = false

  func validate() throws {
    guard !output.isEmpty else { throw ValidationError("--output is empty; name a folder") }
    guard start >= 0, start.isFinite else { throw ValidationError("--start must be seconds from 0 on") }
    if let duration, !(duration > 0 && duration.isFinite) {
      throw ValidationError("--duration must be more than 0 seconds")
    }
    guard (1...1023).contains(top) else { throw ValidationError("--top must be from 1 to 1023 channels") }
    if !channel.isEmpty, layer.isEmpty {
      throw ValidationError("--channel N: say of which layer, with --layer")
    }
  }

  func run() throws {
    var request = LookRequest(sound: sound, model: model.choice)
    request.part = Stretch(start: start, duration: duration, channel: soundChannel)
    (request.layers, request.channels) = (layer, channel)
    (request.order, request.top) = (order, top)
    let made = try WholeFile.makeFolder(output)
    defer { WholeFile.removeEmptyFolders(made) }
    let progress = Progress("look")
    let page = try listingLayers {
      try LookJob(request, in: model.network.workspace).run(
        into: FolderStore(output), request: Arguments.asTyped, control: progress.control
      ) { event in
        switch event {
        case .flawed(let flaws): Terminal.note(flaws, of: sound)
        case .skipped(_, let error): Terminal.note("left out: \(words(for: error))")
        case .withoutTimes(let layer):
          Terminal.note("'\(layer)': its heads do not attend over the patch's times; shown without that map")
        case .layer(let record): if json { try tell(record) }
        case .channel(let record): if json { try tell(record) }
        }
      }
    }
    progress.finish()
    if !json { try Terminal.result("open \(Folder.path(to: page, in: output))") }
  }

  /// A wrong layer is told with the whole list.
  private func listingLayers<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch ProbeError.noLayer(let word, let layers) {
      Terminal.usage(
        ([
          "Error: no layer is called '\(word.onOneLine)'; give the name of a tensor, a number of this list or a pattern:"
        ]
          + layers.enumerated().map { "  \($0 + 1)  \($1.onOneLine)" }).joined(separator: "\n"))
      throw ExitCode(2)
    }
  }

  private func tell(_ record: some Encodable) throws {
    do { try Terminal.result(RecordCoding.line(record)) } catch is OutputClosed {
      // The files are what is wanted, whether or not somebody reads along.
    }
  }
}

extension ChannelOrder: ExpressibleByArgument {}

/// `filters`: the kernels of a network's first layer.
struct FiltersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "filters",
    abstract: "Show the filters of a network's first layer on axes of seconds and hertz.",
    discussion: """
      Writes DIR/index.html, filters.kernels.png and .svg, filters.responses.png and .svg and filters.npz. Kernels on \
      pictures are sorted by the direction of their lines: along time (harmonic), oblique (sweeps), along frequency \
      (percussive); filters on samples by the frequency of their largest response. Where the network makes its picture \
      inside, the filters behind the picture are shown.

      EXAMPLES:
        otoscope filters --model yamnet --output yamnet-filters
        otoscope filters --model birdnet.onnx --json
      """)

  @OptionGroup var model: ModelOptions
  @Option(name: .shortAndLong, help: "The folder to write to.")
  var output: String = "otoscope-filters"
  @Flag(help: "Print a JSON object for each filter.")
  var json = false

  func validate() throws {
    guard !output.isEmpty else { throw ValidationError("--output is empty; name a folder") }
  }

  func run() throws {
    let made = try WholeFile.makeFolder(output)
    defer { WholeFile.removeEmptyFolders(made) }
    let progress = Progress("filters")
    let (page, records, summary) = try FiltersJob(
      FiltersRequest(model: model.choice), in: model.network.workspace
    ).run(into: FolderStore(output), request: Arguments.asTyped, control: progress.control)
    progress.finish()
    guard json else {
      try Terminal.result(summary)
      return try Terminal.result("open \(Folder.path(to: page, in: output))")
    }
    for record in records { try Terminal.result(RecordCoding.line(record)) }
  }
}
