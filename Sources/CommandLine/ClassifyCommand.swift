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
      length, for short ones too. Of networks whose results run in time, it is added when each class is heard.

      EXAMPLES:
        otoscope classify dog.mp3 street.wav --top 3
        otoscope classify night.flac --stretch 30 --json > night.jsonl
        otoscope classify talk.wav --model speech.onnx --threshold 0.7
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
    help: ArgumentHelp(
      """
      Save the scores of every moment as an .npy, [moments, classes], patch after patch (one sound, in one stretch). A \
      patch is one moment, or has several where results run in time.
      """, valueName: "npy"))
  var patches: String?
  @Option(help: ArgumentHelp("The same as --of, for this verb writes no folder.", valueName: "tensor"))
  var output: String?
  @Flag(help: "Add when each class is heard, also where the network gives one score a patch.")
  var segments = false
  @Option(
    help: ArgumentHelp(
      """
      Add when the score of each class is at least this (default: 0.5 for classes that can come together; else the class \
      with the highest score).
      """, valueName: "score"))
  var threshold: Float?
  @Flag(help: "Print a JSON object a line.")
  var json = false

  func validate() throws {
    guard top > 0 else { throw ValidationError("--top must be at least 1") }
    if let stretch, !(stretch >= 1 && stretch <= 3600) {
      throw ValidationError("--stretch must be from 1 to 3600 seconds")
    }
    if let threshold, !threshold.isFinite { throw ValidationError("--threshold must be a number") }
    guard output == nil || model.outputTensor == nil else {
      throw ValidationError("--output and --of are the same: give one")
    }
    if patches != nil, sounds.count != 1 { throw ValidationError("--patches goes with one sound") }
  }

  func run() throws {
    var request = ClassifyRequest(sounds: sounds, model: model.choice)
    request.part = part.stretch
    request.stretch = stretch
    request.top = top
    request.keepsPatches = patches != nil
    (request.findsSegments, request.threshold) = (segments, threshold)
    if let output { request.model.output = output }
    let progress = Progress("classify")
    var failed = false
    try ClassifyJob(request, in: model.network.workspace).run(control: progress.control) { event in
      switch event {
      case .heard(let record, let scores):
        if let patches, let scores { try NumPy.write(scores, to: patches) }
        for line in json ? [try RecordCoding.line(record)] : Self.lines(record) { try Terminal.result(line) }
      case .remark(let text, let remedy): Terminal.note("\(text): \(remedy.words)")
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

  private static func lines(_ record: ClassificationRecord) -> [String] {
    let place = record.start.map { " at \(NumberText.rounded($0, digits: 6)) s" } ?? ""
    let classes = record.classes.map { "\($0.label) \(NumberText.threeDecimals($0.value))" }
    let sound = record.sound == "-" ? "standard input" : record.sound
    return ["\(sound)\(place): \(classes.joined(separator: ", "))"]
      + (record.segments ?? []).map { segment in
        "  \(NumberText.hundredths(segment.start))-\(NumberText.hundredths(segment.end)) s: \(segment.label) "
          + NumberText.threeDecimals(segment.value)
      }
  }
}
