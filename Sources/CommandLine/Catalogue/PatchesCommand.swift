import ArgumentParser
import Explain
import Files
import Jobs
import Reports
import Tensors

/// `patches`: where a channel was strongest.
struct PatchesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "patches",
    abstract: "Show and play where a channel was strongest in a catalogue, and what these places share.",
    discussion: """
      Writes a sheet of the excerpts, their mean picture, each excerpt as a WAV, and a page with all of it. The classes of the \
      excerpts are told with how likely as many are by chance.

      EXAMPLES:
        otoscope patches --in recordings.catalogue --layer conv5 --channel 37 --output conv5-37
        otoscope patches --in birds.catalogue --layer logits --channel 0 --top 9 --output first-class --json
      """)

  @Option(name: .customLong("in"), help: "A catalogue that 'index' has made.")
  var catalogue: String
  @Option(help: ArgumentHelp("A layer of the catalogue.", valueName: "tensor"))
  var layer: String
  @Option(help: "A channel of it, from 0.")
  var channel: Int
  @Option(help: "How many places to show (default: all that the catalogue keeps).")
  var top: Int?
  @Option(name: .shortAndLong, help: "The folder to write to.")
  var output: String
  @Option(help: "The catalogue's model, if its file has moved.")
  var model: String?
  @Flag(help: "Print a JSON object a line: one for each place, the last one for the channel.")
  var json = false
  @Option(help: "Threads to compute with (default: all cores).")
  var threads: Int?

  func validate() throws {
    if let top, top < 1 { throw ValidationError("--top must be at least 1") }
    guard channel >= 0 else { throw ValidationError("--channel must be from 0 on") }
    if let threads, !(1...256).contains(threads) { throw ValidationError("--threads must be from 1 to 256") }
  }

  func run() throws {
    var request = PatchesRequest(catalogue: catalogue, layer: layer, channel: channel)
    request.top = top ?? .max
    (request.model, request.command) = (model, Arguments.asTyped)
    let job = PatchesJob(request, in: Workspace(threads: threads ?? ComputeThreads.count))
    let made = try WholeFile.makeFolder(output)
    let progress = Progress("patches")
    do {
      let record = try job.run(into: FolderStore(output), control: progress.control) { event in
        switch event {
        case .shown(let patch): try Terminal.result(json ? RecordCoding.line(patch) : Self.line(patch))
        case .passedOver(_, let reason): Terminal.note("passed over: \(reason)")
        }
      }
      progress.finish()
      if json { try Terminal.result(RecordCoding.line(record)) } else { try tell(record) }
    } catch {
      WholeFile.removeEmptyFolders(made)
      throw error
    }
  }

  private func tell(_ record: ExcerptsRecord) throws {
    if record.isConstant {
      Terminal.note("this channel has the same value everywhere: its places mean nothing")
    }
    for share in record.classes.prefix(3) {
      try Terminal.result(
        "\(share.label): \(share.excerpts) of \(record.patches.count) excerpts, \(share.found) of \(share.drawn) recordings, "
          + "\(NumberText.rounded((share.expected * 10).rounded() / 10, digits: 3)) expected by chance, p "
          + NumberText.rounded(share.probability, digits: 2))
    }
  }

  private static func line(_ patch: PatchRecord) -> String {
    let label = patch.label.map { "  (\($0))" } ?? ""
    return
      "\(patch.rank)  \(NumberText.rounded(patch.value, digits: 4))  \(NumberText.hundredths(patch.start))-"
      + "\(NumberText.hundredths(patch.end)) s, \(Int(patch.low))-\(Int(patch.high)) Hz  \(patch.file)\(label)"
  }
}
