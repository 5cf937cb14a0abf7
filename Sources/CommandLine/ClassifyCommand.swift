import ArgumentParser
import Explain
import Files
import Jobs
import Reports
import Tensors

/// `classify`: what a model hears in sounds.
struct ClassifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify",
    abstract: "Say what a model hears in sounds, a line a sound.",
    discussion: """
      Recordings of more than ten minutes are read as a stream and give a line for each minute; --stretch sets another
      length, for short ones too.

      EXAMPLES:
        otoscope classify dog.mp3 street.wav --top 3
        otoscope classify night.flac --stretch 30 --json > night.jsonl
        cat siren.ogg | otoscope classify -
      """)

  @Argument(help: "Sound or video files; '-' is standard input.")
  var sounds: [String]
  @OptionGroup var model: ModelOptions
  @OptionGroup var part: StretchOptions
  @Option(help: "How many classes to tell.")
  var top: Int = 5
  @Option(help: "A line for each stretch of this many seconds.")
  var stretch: Double?
  @Option(
    help: "Save the probabilities of every patch as an .npy, [patches, classes] (one sound, in one stretch).")
  var patches: String?
  @Flag(help: "Print a JSON object a line.")
  var json = false

  func validate() throws {
    guard top > 0 else { throw ValidationError("--top must be at least 1") }
    if let stretch, !(stretch >= 1 && stretch <= 3600) {
      throw ValidationError("--stretch must be from 1 to 3600 seconds")
    }
    if patches != nil, sounds.count != 1 { throw ValidationError("--patches goes with one sound") }
  }

  func run() throws {
    var request = ClassifyRequest(sounds: sounds, model: model.choice)
    request.part = part.stretch
    request.stretch = stretch
    request.top = top
    request.keepsPatches = patches != nil
    let progress = Progress("classify")
    var failed = false
    try ClassifyJob(request, in: model.network.workspace).run(control: progress.control) { event in
      switch event {
      case .heard(let record, let scores):
        if let patches, let scores { try NumPy.write(scores, to: patches) }
        try Terminal.result(json ? RecordCoding.line(record) : Self.line(record))
      case .flawed(let sound, let flaws): Terminal.note(flaws, of: sound)
      case .failed(_, let error):
        // One bad file does not keep the others from being heard.
        Terminal.error(words(for: error))
        failed = true
      }
    }
    progress.finish()
    if failed { throw ExitCode.failure }
  }

  private static func line(_ record: ClassificationRecord) -> String {
    let place = record.start.map { " at \(NumberText.rounded($0, digits: 6)) s" } ?? ""
    let classes = record.classes.map { "\($0.label) \(NumberText.threeDecimals($0.probability))" }
    return
      "\(record.sound == "-" ? "standard input" : record.sound)\(place): \(classes.joined(separator: ", "))"
  }
}
