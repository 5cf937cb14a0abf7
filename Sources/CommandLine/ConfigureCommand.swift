import ArgumentParser
import Files
import Jobs
import Models
import Reports

/// `configure`: proposes how a model listens.
struct ConfigureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "configure",
    abstract: "Propose the JSON file that tells how a model listens, and try it on a sound.",
    discussion: """
      Looks at the shapes, names and metadata of an ONNX file, at networks that it may be, and at lists of labels beside \
      it; says of each key how sure it is (described, known, likely, guess) and why; and tells what the model then hears. \
      --write puts the file beside the model; keys that stand there already are kept.

      EXAMPLES:
        otoscope configure birdnet.onnx
        otoscope configure tagger.onnx --sound song.flac --write
        otoscope configure net.onnx --front-end ast --json
      """)

  @Argument(help: "An ONNX file.")
  var model: String
  @Option(help: "A sound to try the proposal on (default: the bundled dog).")
  var sound: String?
  @Option(help: "How sound becomes the model's input, if you know it: a preset or a JSON file.")
  var frontEnd: String?
  @Flag(help: "Write the proposal into the JSON file beside the model.")
  var write = false
  @Flag(help: "Print the result as a JSON object.")
  var json = false
  @OptionGroup var network: NetworkOptions

  func run() throws {
    var request = ConfigureRequest(model: model)
    (request.sound, request.frontEnd) = (sound, frontEnd)
    let job = try ConfigureJob(request, in: network.workspace)
    let result = try job.run()
    if json {
      try Terminal.result(try RecordCoding.line(ConfigurationRecord(result)))
    } else {
      for line in Self.lines(result) { try Terminal.result(line) }
    }
    if write, !result.proposal.entries.isEmpty {
      try WholeFile.write(Array(result.proposal.json.utf8), to: job.sidecar)
      Terminal.note("written: \(job.sidecar)")
    } else if !json {
      Terminal.note("nothing was written; --write puts this into \(job.sidecar)")
    }
    if result.model == nil { throw ExitCode(1) }
  }

  private static func lines(_ result: ConfigureJob.Result) -> [String] {
    var lines = result.proposal.entries.flatMap { entry in
      // A list of thousands of labels is no line.
      let value = entry.value.count > 100 ? entry.value.prefix(97) + "..." : Substring(entry.value)
      return ["\(entry.key): \(value)", "    \(entry.certainty.rawValue): \(entry.reason)"]
    }
    if let picture = result.picture { lines.append("picture: \(picture)") }
    lines += result.proposal.questions.map { "open: \($0)" }
    if !result.heard.isEmpty {
      let heard = result.heard.map { "\($0.label) \(NumberText.threeDecimals($0.value))" }
      lines.append("\(result.sound): \(heard.joined(separator: ", "))")
    }
    return lines
  }
}

/// What `configure --json` prints.
private struct ConfigurationRecord: Encodable {
  struct Key: Encodable {
    var key: String
    var value: JSONValue
    var certainty: Proposal.Certainty
    var reason: String
  }
  var keys: [Key]
  var questions: [String]
  var picture: String?
  var sound: String
  var classes: [ClassRecord]

  init(_ result: ConfigureJob.Result) throws {
    keys = try result.proposal.entries.map {
      Key(
        key: $0.key, value: try RecordCoding.read(JSONValue.self, from: Array($0.value.utf8)),
        certainty: $0.certainty, reason: $0.reason)
    }
    (questions, picture) = (result.proposal.questions.map(\.description), result.picture)
    (sound, classes) = (result.sound, result.heard)
  }
}
