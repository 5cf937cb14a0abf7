import ArgumentParser
import Catalogue
import Explain
import Files
import Jobs
import Reports
import Tensors

/// `neighbours`: which sounds of a catalogue are near to others.
struct NeighboursCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "neighbours",
    abstract: "Find the sounds of a catalogue that a layer hears as most alike to a sound.",
    discussion: """
      All sounds of the catalogue are compared, by the mean activations of one layer. Copies of the sound itself are left out.

      With --classes instead of sounds: how often the nearest neighbours of the catalogue's own sounds are of their class, \
      layer by layer. Clips of one recording (the column 'group' of 'index --labels-from') do not count as neighbours.

      EXAMPLES:
        otoscope neighbours dog.wav --in recordings.catalogue --top 5
        otoscope neighbours dog.wav --in recordings.catalogue --layer conv5 --metric euclidean --json
        otoscope neighbours --classes --in birds.catalogue --layer embedding
      """)

  @Argument(help: "Sound or video files.")
  var sounds: [String] = []
  @Option(name: .customLong("in"), help: "A catalogue that 'index' has made.")
  var catalogue: String
  @Option(help: "How many neighbours of each sound to tell.")
  var top: Int = 10
  @Option(
    help: ArgumentHelp(
      "The layer whose activations are compared: a tensor of the catalogue, or embedding (default: the embedding); with "
        + "--classes several, with commas between them (default: all).", valueName: "tensor"))
  var layer: String?
  @Option(help: "How distance is measured: cosine (1 - cosine) or euclidean.")
  var metric = VectorMetric.cosine
  @Option(help: "The catalogue's model, if its file has moved.")
  var model: String?
  @Flag(help: "Tell how often neighbours share their class, for the catalogue's own sounds.")
  var classes = false
  @Flag(help: "Print a JSON object a line.")
  var json = false
  @Option(help: "Threads to compute with (default: all cores).")
  var threads: Int?

  func validate() throws {
    guard classes != !sounds.isEmpty else {
      throw ValidationError(
        classes ? "--classes is about the catalogue's sounds: name no others" : "name a sound")
    }
    guard (1...10_000).contains(top) else { throw ValidationError("--top must be from 1 to 10000") }
    if let threads, !(1...256).contains(threads) { throw ValidationError("--threads must be from 1 to 256") }
  }

  func run() throws {
    let workspace = Workspace(threads: threads ?? ComputeThreads.count)
    let progress = Progress("neighbours")
    defer { progress.finish() }
    guard !classes else {
      var request = AgreementRequest(catalogue: catalogue)
      request.layers = layer.map { $0.split(separator: ",").map(String.init) } ?? []
      (request.metric, request.top) = (metric, top)
      return try AgreementJob(request).run(control: progress.control) { record in
        try Terminal.result(json ? RecordCoding.line(record) : Self.line(record))
      }
    }
    var request = NeighboursRequest(sounds: sounds, catalogue: catalogue)
    (request.layer, request.metric, request.top, request.model) = (layer, metric, top, model)
    var failed = false
    try NeighboursJob(request, in: workspace).run(control: progress.control) { event in
      switch event {
      case .found(let record): try Terminal.result(json ? RecordCoding.line(record) : Self.line(record))
      case .failed(_, let reason):
        Terminal.error(reason)
        failed = true
      }
    }
    if failed { throw ExitCode.failure }
  }

  private static func line(_ record: NeighbourRecord) -> String {
    let label = record.label.map { "  (\($0))" } ?? ""
    return "\(record.rank)  \(NumberText.threeDecimals(Float(record.distance)))  \(record.file)\(label)"
  }

  private static func line(_ record: AgreementRecord) -> String {
    func percent(_ share: Double) -> String {
      "\(NumberText.rounded((share * 1000).rounded() / 10, digits: 4)) %"
    }
    return
      "\(record.layer): the nearest of \(record.sounds) sounds shares its class in \(percent(record.nearest)) "
      + "(95 %: \(percent(record.nearestInterval[0])) to \(percent(record.nearestInterval[1]))), of the \(record.top) nearest "
      + "\(percent(record.precision)); by chance \(percent(record.chance))"
  }
}

extension VectorMetric: ExpressibleByArgument {}
