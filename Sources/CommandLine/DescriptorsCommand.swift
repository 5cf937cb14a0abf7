import ArgumentParser
import Audio
import Explain
import Files
import Jobs
import Reports
import Tensors

/// `descriptors`: what sounds are like, in numbers that people thought of.
struct DescriptorsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "descriptors",
    abstract:
      "Measure sounds: level, loudness, spectrum, onsets, pitch classes, harmonic and percussive parts.",
    discussion: """
      The measures are librosa's and Essentia's and EBU R 128's: docs/descriptors.md has their formulas. A value that
      does not exist, such as the centroid of silence, is null in JSON and an empty field in a table.

      EXAMPLES:
        otoscope descriptors dog.mp3
        otoscope descriptors recordings/ -o recordings.csv
        otoscope descriptors song.flac --start 30 --duration 10 --json
        otoscope descriptors song.flac --frames -o frames.csv
      """)

  @Argument(help: "Sound or video files, or folders of them; '-' is standard input.")
  var sounds: [String]
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Write a table (RFC 4180): a line a sound, or a frame with --frames.", valueName: "csv"))
  var output: String?
  @Flag(help: "Add every measure over time, each 23.2 ms.")
  var frames = false
  @OptionGroup var part: StretchOptions
  @Flag(help: "Print a JSON object a line.")
  var json = false
  @Option(help: "Threads to compute with (default: all cores).")
  var threads: Int?

  func validate() throws {
    if let threads, !(1...256).contains(threads) { throw ValidationError("--threads must be from 1 to 256") }
    if frames, output == nil, !json { throw ValidationError("--frames goes with --json or -o") }
  }

  func run() throws {
    if let threads { ComputeThreads.use(threads) }
    var request = DescriptorsRequest(sounds: sounds)
    (request.part, request.keepsFrames) = (part.stretch, frames)
    let progress = Progress("descriptors")
    var table = CommaSeparated.line(DescriptorRecord.header(ofFrames: frames))
    var failed = false
    var interruption: Cancelled?
    do {
      try DescriptorsJob(request).run(control: progress.control) { event in
        switch event {
        case .described(let record):
          if output != nil { table += record.rows(ofFrames: frames).map(CommaSeparated.line).joined() }
          if json { try Terminal.result(RecordCoding.line(record)) }
          if !json, output == nil { for line in Self.lines(record) { try Terminal.result(line) } }
        case .passedOver(let note): Terminal.note(note)
        case .flawed(let sound, let flaws): Terminal.note(flaws, of: sound)
        case .failed(_, let error):
          // One bad file does not keep the others from being measured.
          Terminal.error(words(for: error))
          failed = true
        }
      }
    } catch let error as Cancelled {
      interruption = error
    }
    progress.finish()
    if let output { try WholeFile.write(Array(table.utf8), to: output) }
    if let interruption { throw interruption }
    if failed { throw ExitCode.failure }
  }

  private static func lines(_ record: DescriptorRecord) -> [String] {
    func text(_ value: Double?) -> String { value.map { NumberText.rounded($0, digits: 4) } ?? "none" }
    let place = record.start > 0 ? " from \(NumberText.rounded(record.start, digits: 6)) s" : ""
    let name = record.sound == "-" ? "standard input" : record.sound
    return ["\(name)\(place): \(NumberText.rounded(record.clip.seconds, digits: 6)) s"]
      + Descriptor.allCases.map { descriptor in
        let values = record.clip[descriptor].map(text).joined(separator: " ")
        let key = descriptor.rawValue
        let gap = String(repeating: " ", count: max(1, 26 - key.utf8.count))
        return "  \(key)\(gap)\(values)"
      }
  }
}
