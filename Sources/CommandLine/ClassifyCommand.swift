import Reports
import Files
import ArgumentParser
import Audio
import Models
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

  /// Up to this many seconds are listened to in one piece.
  private static let longestWhole = 600.0
  /// The length of a stretch of what is longer.
  private static let defaultStretch = 60.0

  func validate() throws {
    guard top > 0 else { throw ValidationError("--top must be at least 1") }
    if let stretch, !(stretch >= 1 && stretch <= 3600) {
      throw ValidationError("--stretch must be from 1 to 3600 seconds")
    }
    if patches != nil, sounds.count != 1 { throw ValidationError("--patches goes with one sound") }
  }

  func run() throws {
    let model = try model.load()
    var failed = false
    for sound in sounds {
      do { try classify(sound, model) } catch let error as AudioError {
        // One bad file does not keep the others from being heard.
        Terminal.error(words(for: error))
        failed = true
      }
    }
    if failed { throw ExitCode.failure }
  }

  private func classify(_ sound: String, _ model: AudioModel) throws {
    let rate = model.frontEnd.sampleRate
    let reader = try RecordingReader(sound, sampleRate: rate, from: part.start, duration: part.duration)
    let known = reader.duration.map { min($0 - part.start, part.duration ?? .infinity) } ?? part.duration
    let isLong = known.map { $0 > Self.longestWhole } ?? false
    let seconds = stretch ?? (isLong ? Self.defaultStretch : Self.longestWhole)
    let length = Int(seconds * Double(rate))

    var samples = try reader.next(length)
    // Whether a sound of unknown length is longer than one stretch shows only in the next.
    let isCut = stretch != nil || isLong
    var following = isCut && patches == nil ? nil : try reader.next(length)
    let isOnlyOne = following?.isEmpty ?? false
    if patches != nil, !isOnlyOne {
      throw Misuse(
        "--patches: \(sound) is longer than one stretch of \(NumberText.rounded(seconds, digits: 6)) s; choose less with --duration"
      )
    }
    let progress = Progress(sound)
    var heard = 0
    while !samples.isEmpty {
      let start = part.start + Double(heard) / Double(rate)
      heard += samples.count
      let listening = try model.listen(to: samples)
      if let patches { try NumPy.write(listening.scores, to: patches) }
      let place = isCut || !isOnlyOne || part.start > 0 ? start : nil
      try report(listening, sound, place, Double(samples.count) / Double(rate), model)
      if let known { progress.update(Double(heard) / Double(rate) / known) }
      samples = try following ?? reader.next(length)
      following = nil
    }
    progress.finish()
  }

  /// - Parameter start: where the stretch begins in the sound, if that is worth telling.
  private func report(
    _ listening: Listening, _ sound: String, _ start: Double?, _ seconds: Double, _ model: AudioModel
  ) throws {
    let scores = listening.clipScores
    let best = listening.ranking.prefix(top)
    if json {
      var members: [(String, JSON)] = [("sound", .string(sound))]
      if let start { members.append(("start", .number(start))) }
      members.append(("seconds", .number(seconds)))
      members.append(("classes", .array(best.map { classRecord($0, model, scores[$0]) })))
      try Terminal.result(JSON.object(members).text)
    } else {
      let place = start.map { " at \(NumberText.rounded($0, digits: 6)) s" } ?? ""
      let classes = best.map { "\(model.label($0)) \(NumberText.threeDecimals(scores[$0]))" }.joined(
        separator: ", ")
      try Terminal.result("\(sound == "-" ? "standard input" : sound)\(place): \(classes)")
    }
  }
}
