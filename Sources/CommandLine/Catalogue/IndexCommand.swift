import ArgumentParser
import Catalogue
import Explain
import Files
import Jobs
import Reports
import Tensors

/// `index`: a model hears a corpus, once.
struct IndexCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "index",
    abstract: "Let a model hear a corpus, and keep what its layers made of it in a catalogue.",
    discussion: """
      A catalogue holds, of every sound, the mean activations of each layer and the embedding; of every channel, the places \
      where it was strongest. 'patches', 'neighbours', 'atlas' and 'correlate' answer from it.

      The same command again hears only what is new or changed. It may be ended at any time: what was finished is kept, and \
      the next run goes on. Sounds that cannot be read are noted in the catalogue and passed over.

      EXAMPLES:
        otoscope index recordings/ --output recordings.catalogue
        otoscope index birds/ --model birdnet.onnx --labels-from birds/metadata.csv --output birds.catalogue
        otoscope index recordings/ --layers conv5,conv9 --top 32 --output two-layers.catalogue
      """)

  @Argument(help: "Sound or video files, and folders of them.")
  var sounds: [String]
  @Option(name: .shortAndLong, help: "The catalogue's folder: a new one, or one that this model has made.")
  var output: String
  @OptionGroup var model: ModelOptions
  @Option(
    help: ArgumentHelp(
      """
      Tensors to look at, with commas between them (default: what each convolution, dense layer and recurrence makes, up to \
      32 of them; 'inspect' lists names).
      """, valueName: "tensors"))
  var layers: String?
  @Option(help: "How many places of a channel to keep (default: 16).")
  var top: Int?
  @Option(help: "How many of them may be in one file (default: 2).")
  var perFile: Int?
  @Option(
    help: ArgumentHelp(
      """
      Where classes are told: folder (the folder that a sound lies in, the default), none, or a table with the columns \
      filename, class and, for clips of one recording, group. May be repeated with several tables.
      """, valueName: "source"))
  var labelsFrom: [String] = []
  @Flag(
    inversion: .prefixedNo, help: "Measure each sound, too, as 'descriptors' does: what 'correlate' needs.")
  var descriptors = true
  @Flag(help: "Print a JSON object a line: one for each sound, the last one for the run.")
  var json = false

  func validate() throws {
    guard !sounds.contains("-") else {
      throw ValidationError("a catalogue is made of files; standard input is none")
    }
    if let top, !(1...1000).contains(top) { throw ValidationError("--top must be from 1 to 1000") }
    if let perFile, !(1...1000).contains(perFile) {
      throw ValidationError("--per-file must be from 1 to 1000")
    }
    if let layers, names(layers).isEmpty { throw ValidationError("--layers names no tensor") }
  }

  private func names(_ list: String) -> [String] { list.split(separator: ",").map(String.init) }

  private var labelSource: LabelSource? {
    switch labelsFrom {
    case []: nil
    case ["folder"], ["folders"]: .folders
    case ["none"]: LabelSource.none
    default: .tables(labelsFrom)
    }
  }

  func run() throws {
    var request = IndexRequest(sounds: sounds, model: model.choice, catalogue: output)
    request.layers = layers.map(names) ?? []
    (request.top, request.perFile, request.labels) = (top, perFile, labelSource)
    request.describes = descriptors
    RuntimeSettings.keepFreedMemory()
    let progress = Progress("index")
    let record = try IndexJob(request, in: model.network.workspace).run(control: progress.control) { event in
      switch event {
      case .passedOver(let note): Terminal.note(note)
      case .begun(let new, let known):
        if known > 0 { Terminal.note("\(known) sounds are in the catalogue already, \(new) are to be heard") }
      case .removed(let path): Terminal.note("\(path): is not there any more; marked as removed")
      case .heard(let step):
        if case .failed(_, let reason) = step { Terminal.note("passed over: \(reason)") }
        if json { try Terminal.result(RecordCoding.line(IndexStepRecord(step))) }
      }
    }
    progress.finish()
    try Terminal.result(json ? RecordCoding.line(record) : Self.line(record))
  }

  private static func line(_ record: IndexRecord) -> String {
    let rate =
      record.added > 0
      ? ", \(NumberText.rounded(record.soundSeconds, digits: 4)) s of sound in \(NumberText.rounded(record.seconds, digits: 4)) "
        + "s (\(NumberText.rounded(record.timesRealTime, digits: 3)) x real time)" : ""
    let failed = record.failed > 0 ? ", \(record.failed) passed over" : ""
    return
      "\(record.catalogue): \(record.sounds) sounds, \(record.channels) channels of \(record.layers) layers; "
      + "\(record.added) added\(failed)\(rate)"
  }
}
