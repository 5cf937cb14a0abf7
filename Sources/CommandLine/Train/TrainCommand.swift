import ArgumentParser
import Explain
import Files
import Graphs
import Jobs
import Models
import Reports
import Tensors
import Train

/// `train`: a network from labelled sounds.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract:
      "Train a network on labelled sounds, or fine-tune one, and write an ONNX file that explains itself.",
    discussion: """
      The file carries its front end and its labels: every verb takes it as it is, and so does ONNX Runtime. A training may be \
      ended at any time; the same command goes on where it was, and ends with the same weights. Beside OUT.onnx lie \
      OUT.onnx.epochs.csv, a line an epoch, and OUT.onnx.events, which TensorBoard shows.

      EXAMPLES:
        otoscope train sounds/ --architecture sb-cnn -o sounds.onnx
        otoscope train ESC-50/ --from yamnet --freeze-trunk -o esc50.onnx
        otoscope train UrbanSound8K/ --architecture sb-cnn --test-fold 10 --variant rolled --epochs 30 -o us8k.onnx
        otoscope train more-sounds/ --from sounds.onnx --learning-rate 1e-4 -o sounds-2.onnx
        otoscope train ESC-50/ --architecture sb-cnn --all-folds -o esc50.onnx
        otoscope train UrbanSound8K/ --architecture sb-cnn --protocol -o us8k.onnx
        otoscope train birds.csv --from efficientnet_lite0.onnx --freeze 'stem*' --rate 'head*=10' -o birds.onnx
      """)

  @OptionGroup var data: DataOptions
  @Option(name: .shortAndLong, help: "The ONNX file to write.")
  var output: String

  @OptionGroup(title: "THE NETWORK") var network: TrainedNetworkOptions
  @OptionGroup(title: "THE TRAINING") var training: TrainingOptions
  @OptionGroup(title: "THE SOUNDS") var sounds: TrainingSoundOptions

  @Flag(
    help: """
      Train and test once for each fold (OUT.fold-1.onnx, ...), and tell how good the answers of all are together, beside two \
      baselines; tables and pictures go to OUT.report/.
      """)
  var allFolds = false
  @Flag(
    help: """
      Train on each variant (baseline, padded, rolled) and test each network on each: a table of nine, with the baselines.
      """)
  var `protocol` = false
  @Flag(help: "Throw away the checkpoint of a training that was ended early, and begin anew.")
  var restart = false
  @Flag(help: "Print a JSON object a line: one for each epoch, the last one for the run.")
  var json = false
  @Option(help: "Threads to compute with (default: all cores).")
  var threads: Int?

  func validate() throws {
    if let threads, !(1...256).contains(threads) { throw ValidationError("--threads must be from 1 to 256") }
    guard output.hasSuffix(".onnx") else {
      throw ValidationError("-o names the ONNX file to write; it must end in .onnx")
    }
  }

  func run() throws {
    var request = TrainRequest(
      try data.choice, try network.beginning, output: output, cache: sounds.cacheFolder)
    request.plan = try training.plan(seed: data.seed)
    network.apply(to: &request)
    try sounds.apply(to: &request)
    request.startsAnew = restart
    RuntimeSettings.keepFreedMemory()
    let progress = Progress("train")
    let workspace = Workspace(threads: threads ?? ComputeThreads.count)
    if allFolds || self.protocol { return try runExperiment(request, workspace, progress) }
    let record: TrainRecord
    do {
      record = try TrainJob(request, in: workspace).run(control: progress.control) { event in
        switch event {
        case .remark(let text): Terminal.note(text)
        case .resumed(let epochs):
          Terminal.note("going on behind \(epochs) epochs; --restart begins anew")
        case .epoch(let epoch):
          if json { try Terminal.result(RecordCoding.line(epoch)) } else { Terminal.note(Self.line(epoch)) }
        }
      }
    } catch let error as Cancelled {
      Terminal.note("the state is kept; the same command goes on")
      throw error
    }
    progress.finish()
    try Terminal.result(json ? RecordCoding.line(record) : Self.line(record))
  }

  private func runExperiment(_ request: TrainRequest, _ workspace: Workspace, _ progress: Progress) throws {
    let job = try ExperimentJob(
      request, variants: self.protocol ? Variant.allCases : [], byFold: allFolds, in: workspace)
    let report = "\(output.dropLast(5)).report"
    _ = try WholeFile.makeFolder(report)
    let records = try job.run(in: FolderStore(report), control: progress.control) { event in
      switch event {
      case .training(let name, .remark(let text)): Terminal.note("\(name): \(text)")
      case .training(let name, .resumed(let epochs)):
        Terminal.note("\(name): going on behind \(epochs) epochs")
      case .training: break
      case .trained(let name, let record):
        if json {
          try Terminal.result(RecordCoding.line(record))
        } else {
          Terminal.note("\(name.isEmpty ? "" : "\(name): ")\(Self.line(record))")
        }
      case .system(let record): if json { try Terminal.result(RecordCoding.line(record)) }
      }
    }
    progress.finish()
    guard !json else { return }
    for line in SystemRecord.lines(records) { try Terminal.result(line) }
    try Terminal.result("pictures and systems.json are in \(PathText.shown(report))")
  }

  private static func line(_ epoch: EpochRecord) -> String {
    func percent(_ share: Double) -> String { "\(NumberText.rounded(100 * share, digits: 3)) %" }
    var words =
      "epoch \(epoch.epoch): loss \(NumberText.rounded(epoch.loss, digits: 4)), accuracy \(percent(epoch.accuracy))"
    if let loss = epoch.validationLoss, let accuracy = epoch.validationAccuracy {
      words += "; validation: loss \(NumberText.rounded(loss, digits: 4)), accuracy \(percent(accuracy))"
    }
    words += "; \(NumberText.rounded(epoch.examplesPerSecond, digits: 3)) examples/s"
    return words + (epoch.isBest ? " *" : "")
  }

  private static func line(_ record: TrainRecord) -> String {
    func percent(_ share: Double) -> String { "\(NumberText.rounded(100 * share, digits: 3)) %" }
    var words = "\(record.model): \(record.classes.count) classes, \(record.epochs) epochs"
    if let best = record.bestEpoch { words += ", weights of epoch \(best)" }
    if let accuracy = record.validationAccuracy { words += ", validation accuracy \(percent(accuracy))" }
    if let accuracy = record.testAccuracy {
      words += ", test accuracy \(percent(accuracy)) of \(record.testClips) clips"
    }
    return words + " (\(NumberText.rounded(record.seconds, digits: 3)) s)"
  }
}
