import ArgumentParser
import Audio
import Explain
import Files
import Jobs
import Models
import Reports
import Tensors

/// `front-end`: what a network is given of a sound, and whether another program gives it the same.
struct FrontEndCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "front-end",
    abstract: "Write what a network is given of a sound, and find what another program does otherwise.",
    discussion: """
      A front end that differs from the one a network was trained with gives plausible, wrong scores. --compare takes what
      your program gives its network for the same sound, tells the largest difference and where it is, and finds by trying
      which single setting explains it. --compare-scores does so from the scores alone.

      Exit status: 1 where they differ.

      EXAMPLES:
        otoscope front-end dog.mp3 --model yamnet -o patches.npy
        otoscope front-end dog.mp3 --front-end whisper --compare theirs.npy
        otoscope front-end dog.mp3 --model tagger.onnx --compare-scores scores.json
      """)

  @Argument(help: "A sound or video file; '-' is standard input.")
  var sound: String
  @Option(
    help: "A bundled model (\(BundledData.modelNames.joined(separator: ", "))) or the path of an ONNX file.")
  var model: String?
  @Option(
    help: """
      A preset (\(FrontEnd.presetNames.joined(separator: ", "))) or a JSON file; with --model, instead of what the model \
      says.
      """)
  var frontEnd: String?
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      """
      Write what the network is given, in its own layout; of a front end alone, [patches, frames, bands] or [patches, \
      samples].
      """, valueName: "npy"))
  var output: String?
  @Option(
    help: ArgumentHelp(
      "Write the samples that the front end is given, mixed and resampled.", valueName: "npy"))
  var samples: String?
  @Option(
    help: ArgumentHelp(
      "Draw the patch that differs most, or the first, with the difference as heat: a .png or .svg.",
      valueName: "file"))
  var figure: String?
  @Option(help: ArgumentHelp("What another program gives the network for this sound.", valueName: "npy"))
  var compare: String?
  @Option(
    help: ArgumentHelp(
      """
      What the model says of this sound in another program: .npy, [classes] or [moments, classes]; or JSON, a list of \
      scores or an object of labels and scores.
      """, valueName: "file"))
  var compareScores: String?
  @Option(
    help: """
      The largest difference, over the range of theirs, that counts as none (default: \(FrontEndComparison.defaultTolerance) \
      of patches, \(ScoreComparison.defaultTolerance) of scores).
      """)
  var tolerance: Double?
  @OptionGroup var part: StretchOptions
  @Flag(help: "Print one JSON object.")
  var json = false
  @OptionGroup var network: NetworkOptions

  func validate() throws {
    guard model != nil || frontEnd != nil else {
      throw ValidationError("say which front end: --model MODEL or --front-end PRESET")
    }
    guard compareScores == nil || model != nil else {
      throw ValidationError("--compare-scores needs a --model that gives scores")
    }
    if let figure, !figure.hasSuffix(".png"), !figure.hasSuffix(".svg") {
      throw ValidationError("--figure must end in .png or .svg")
    }
    if let tolerance, !(tolerance >= 0 && tolerance < 1) {
      throw ValidationError("--tolerance must be from 0 to below 1")
    }
  }

  func run() throws {
    var request =
      if let model { FrontEndRequest(sound: sound, model: ModelChoice(model, frontEnd: frontEnd)) } else {
        FrontEndRequest(sound: sound, frontEnd: frontEnd ?? "")
      }
    request.part = part.stretch
    (request.theirs, request.theirScores, request.tolerance) = (compare, compareScores, tolerance)
    request.drawsPicture = figure != nil
    let progress = Progress("front-end")
    let result = try FrontEndJob(request, in: network.workspace).run(control: progress.control)
    progress.finish()
    if let output { try NumPy.write(result.patches, to: output) }
    if let samples { try NumPy.write(result.samples, to: samples) }
    if let figure {
      if let picture = result.picture {
        try WholeFile.write(figure.hasSuffix(".svg") ? picture.svg() : picture.png(), to: figure)
      } else {
        Terminal.note("no figure: what this network is given has no bands of frequencies")
      }
    }
    Terminal.note(result.flaws, of: sound)
    for line in json ? [try RecordCoding.line(result.record)] : FrontEndWords(result.record).lines {
      try Terminal.result(line)
    }
    if !result.record.agrees { throw ExitCode.failure }
  }
}
