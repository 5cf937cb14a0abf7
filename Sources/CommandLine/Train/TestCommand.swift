import ArgumentParser
import Explain
import Files
import Jobs
import Models
import Reports
import Tensors
import Train

/// `test`: how good a model is on labelled sounds.
struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Tell how good a model is on labelled sounds, and where it goes wrong.",
    discussion: """
      Hears the clips of one side of a split and tells accuracy, F1 and more, each with a 95 % interval over recordings; class \
      by class, fold by fold; what is taken for what; how sure the model is and how right; and the most confident mistakes. \
      With --output it writes a page with pictures, and explanations of those mistakes that one can hear. With --shortcuts it \
      looks for classes that the model tells by a constant tone, padding, gaps or one recording. docs/testing.md says what the \
      numbers mean.

      EXAMPLES:
        otoscope test my-net.onnx recordings/ --output test
        otoscope test my-net.onnx ESC-50-master/ --test-fold 5 --json
        otoscope test yamnet clips.csv --columns path=File,class=Label --side all
        otoscope test my-net.onnx recordings/ --side training --shortcuts --output shortcuts
      """)

  @Argument(
    help: "A bundled model (\(BundledData.modelNames.joined(separator: ", "))) or the path of an ONNX file.")
  var model: String
  @OptionGroup var data: DataOptions
  @Option(
    help: "The clips to hear: \(TestRequest.Side.allCases.map(\.rawValue).joined(separator: ", ")).")
  var side: TestRequest.Side = .test
  @Option(help: "From which score on a class counts as heard, where clips may be of several.")
  var threshold: Float = 0.5
  @Option(help: "How many of the most confident mistakes to tell, and to explain on the page.")
  var worst: Int = 6
  @Option(
    help: ArgumentHelp(
      """
      What explains mistakes (default: what an evaluation of the model recommends, else Grad-CAM, else saliency): \
      \(AttributionMethod.namesForSounds).
      """, valueName: "method"))
  var method: AttributionMethod?
  @Flag(help: "Look for classes that the model tells by a constant tone, padding, gaps or one recording.")
  var shortcuts = false
  @Option(help: "Clips of each class that shortcuts are looked for in.")
  var shortcutClips: Int = 40
  @Flag(
    help:
      "Hold the model against the majority class and a logistic regression, both made of the training side.")
  var baselines = false
  @Flag(help: "Let the model also hear the clips padded to one length, and rolled in time.")
  var variants = false
  @Option(help: ArgumentHelp("The length that variants pad clips to.", valueName: "seconds"))
  var paddedTo: Double = 4
  @Option(help: "Draws of recordings that intervals are made of (0 for no intervals).")
  var draws: Int = 1000
  @Option(name: .shortAndLong, help: "The folder to write a report to (default: none is written).")
  var output: String?
  @Flag(help: "Print one JSON object.")
  var json = false
  @OptionGroup var listening: ListeningOptions

  func validate() throws {
    guard (0...1).contains(threshold) else { throw ValidationError("--threshold must be from 0 to 1") }
    guard (0...100).contains(worst) else { throw ValidationError("--worst must be from 0 to 100") }
    guard (4...10_000).contains(shortcutClips) else {
      throw ValidationError("--shortcut-clips must be from 4 to 10000")
    }
    guard (0...100_000).contains(draws) else { throw ValidationError("--draws must be from 0 to 100000") }
    guard paddedTo > 0, paddedTo <= 600 else {
      throw ValidationError("--padded-to must be more than 0 and at most 600 seconds")
    }
    if let output, output.isEmpty { throw ValidationError("--output is empty; name a folder") }
  }

  func run() throws {
    var request = TestRequest(listening.choice(of: model), on: try data.choice)
    (request.side, request.threshold, request.worst) = (side, threshold, worst)
    (request.method, request.findsShortcuts) = (method?.name, shortcuts)
    (request.shortcutClips, request.draws, request.seed) = (shortcutClips, draws, data.seed)
    if variants { (request.variants, request.paddedSeconds) = ([.padded, .rolled], paddedTo) }
    if baselines { request.baselineCache = TrainingSoundOptions.usualCacheFolder }
    let job = try TestJob(request, in: listening.network.workspace)
    let made = try output.map { try WholeFile.makeFolder($0) } ?? []
    defer { WholeFile.removeEmptyFolders(made) }
    let progress = Progress("test")
    let found = try job.run(
      in: output.map { FolderStore($0) }, command: Arguments.asTyped, control: progress.control
    ) { Terminal.note($0) }
    progress.finish()
    for line in json ? [try RecordCoding.line(found.record)] : Self.lines(found.record) {
      try Terminal.result(line)
    }
    if !json, let output { try Terminal.result("open \(Folder.path(to: "index.html", in: output))") }
  }

  // MARK: - As text

  private static func lines(_ record: TestRecord) -> [String] {
    var lines = [
      "\(record.model) on \(record.data): \(NumberText.grouped(record.clips)) clips (\(record.side); \(record.split))"
    ]
    let numbers: [(String, Double?, String)] = [
      ("accuracy", record.accuracy, "accuracy"),
      ("balanced accuracy", record.balancedAccuracy, "balanced_accuracy"),
      ("macro F1", record.macroF1, "macro_f1"), ("micro F1", record.microF1, "micro_f1"),
      ("mean average precision", record.meanAveragePrecision, "mean_average_precision"),
      ("ROC AUC", record.auc, "auc"), ("calibration error", record.calibrationError, "calibration_error"),
    ]
    lines += TextTable.lines(
      numbers.filter { $0.1 != nil }.map { name, value, key in
        let interval = record.intervals[key]
        return ["  " + name, TestText.measured(value, interval?.low, interval?.high)]
      })
    lines.append("")
    lines += TextTable.lines(
      [["class", "clips", "precision", "recall", "F1", "AP", "AUC"]]
        + record.perClass.map { entry in
          [entry.class.onOneLine, "\(entry.support)"]
            + [entry.precision, entry.recall, entry.f1, entry.averagePrecision, entry.auc].map {
              TestText.number($0)
            }
        })
    if !record.perFold.isEmpty {
      lines.append("")
      lines += TextTable.lines(
        [["fold", "clips", "accuracy", "macro F1"]]
          + record.perFold.map {
            ["\($0.fold)", "\($0.clips)", TestText.number($0.accuracy), TestText.number($0.macroF1)]
          })
    }
    if record.systems.count > 1 { lines += ["", "on the same clips:"] + SystemRecord.lines(record.systems) }
    if !record.worst.isEmpty { lines += ["", "the most confident mistakes:"] + record.worst.map(Self.words) }
    if let shortcuts = record.shortcuts {
      lines += ["", shortcuts.isEmpty ? "no shortcuts were found" : "shortcuts:"]
      lines += shortcuts.map { "  \($0.level): \($0.finding)" }
    }
    return lines
  }

  private static func words(_ mistake: TestRecord.Mistake) -> String {
    let place = mistake.start.map { " at \(NumberText.rounded($0, digits: 6)) s" } ?? ""
    let own = mistake.classes.isEmpty ? "none of the classes" : mistake.classes.joined(separator: ", ")
    return
      "  \(mistake.sound)\(place): \(own), taken for \(mistake.answer) (\(NumberText.threeDecimals(mistake.score)))"
  }
}

extension TestRequest.Side: ExpressibleByArgument {}
