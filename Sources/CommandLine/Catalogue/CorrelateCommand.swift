import ArgumentParser
import Explain
import Files
import Jobs
import Reports
import Tensors

/// `correlate`: which units follow what can be measured of sounds, and what their maps look like.
struct CorrelateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "correlate",
    abstract:
      "Find the units that follow loudness, onset rate and other descriptors, and the layers whose maps look like parts of "
      + "the sounds.",
    discussion: """
      Every unit of every layer of a catalogue is held against every descriptor of its sounds: Pearson's r with its 95 % \
      interval, Spearman's rho, the distance of the two curves, Benjamini and Hochberg's q over all pairs, and a permutation \
      test whose p holds for all pairs at once. For some sounds, each layer's maps are held against the spectrogram, its \
      harmonic and its percussive part and the chromagram: SIFT keypoints that match, and the same of another sound's maps, \
      which is chance.

      --output gets correspondence.json, correlations.csv (the best unit for each layer and descriptor), correlations.npz (all \
      pairs) and pictures.

      EXAMPLES:
        otoscope correlate --in instruments.catalogue --output correspondence
        otoscope correlate --in instruments.catalogue --layer conv1 --layer conv5 --output correspondence --json
        otoscope correlate --in birds.catalogue --descriptors mine.csv --maps 0 --output correspondence
      """)

  @Option(name: .customLong("in"), help: "A catalogue that 'index' has made.")
  var catalogue: String
  @Option(name: .shortAndLong, help: "The folder for the results.")
  var output: String
  @Option(
    help: ArgumentHelp(
      "A layer: a tensor of the catalogue, or embedding; may be repeated (default: all).", valueName: "tensor"
    ))
  var layer: [String] = []
  @Option(
    help: ArgumentHelp(
      "A table of descriptors instead of the catalogue's own: a column 'sound', 'path' or 'filename', and columns of numbers.",
      valueName: "csv"))
  var descriptors: String?
  @Option(
    help:
      "How many pairs to tell and draw: for each descriptor the unit that follows it best, strongest first.")
  var top: Int = 12
  @Option(help: "How often the sounds are shuffled for the permutation test; 0 for none.")
  var permutations: Int = 1000
  @Option(
    help: ArgumentHelp("How many sounds' maps are held against their parts; 0 for none.", valueName: "sounds")
  )
  var maps: Int = 24
  @Option(help: "How many channels of each layer these are, evenly spaced.")
  var channels: Int = 16
  @Option(help: "The catalogue's model, if its file has moved.")
  var model: String?
  @Option(help: "Of the permutations.")
  var seed: UInt64 = 0
  @Flag(help: "Print one JSON object a line: the pairs, then what layers have in common with parts.")
  var json = false
  @Option(help: "Threads to compute with (default: all cores).")
  var threads: Int?

  func validate() throws {
    guard (0...10_000).contains(top) else { throw ValidationError("--top must be from 0 to 10000") }
    guard (0...1_000_000).contains(permutations) else {
      throw ValidationError("--permutations must be from 0 to 1000000")
    }
    guard maps >= 0 else { throw ValidationError("--maps must be 0 or more") }
    guard channels > 0 else { throw ValidationError("--channels must be at least 1") }
    if let threads, !(1...256).contains(threads) { throw ValidationError("--threads must be from 1 to 256") }
  }

  func run() throws {
    var request = CorrelateRequest(catalogue: catalogue)
    (request.layers, request.descriptors, request.model, request.top) = (layer, descriptors, model, top)
    (request.permutations, request.seed) = (permutations, seed)
    (request.comparedSounds, request.comparedChannels) = (maps, channels)
    let made = try WholeFile.makeFolder(output)
    let progress = Progress("correlate")
    defer { progress.finish() }
    let record: CorrespondenceRecord
    do {
      record = try CorrelateJob(request, in: Workspace(threads: threads ?? ComputeThreads.count)).run(
        in: FolderStore(output), control: progress.control, note: Terminal.note)
    } catch {
      WholeFile.removeEmptyFolders(made)
      throw error
    }
    progress.finish()
    if json {
      for pair in record.best.prefix(top) { try Terminal.result(RecordCoding.line(pair)) }
      for part in record.parts { try Terminal.result(RecordCoding.line(part)) }
      return
    }
    for pair in record.best.prefix(top) { try Terminal.result(pair.line) }
    for line in record.parts.compactMap(\.line) { try Terminal.result(line) }
    if let chance = record.chance {
      try Terminal.result(
        "by chance, the largest |r| of all \(NumberText.grouped(record.pairs)) pairs stays under "
          + "\(CorrelationRecord.share(chance)) in 95 % of \(record.permutations) shuffled corpora")
    }
  }
}
