import ArgumentParser
import Files
import Jobs
import Reports
import Tensors
import Train

/// `check`: what is wrong with labelled sounds, before a network learns it.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Look for what would spoil training: bad files, copies, leaks between training and test.",
    discussion: """
      Reads every clip once and tells: files that cannot be read or are damaged, silent, clipped or short; sounds that are \
      there twice, by their samples; copies and groups on two sides of the split; classes that cannot be tested; file \
      formats that give classes away. Exits with 1 where an error is found, with 0 where there are warnings at most. \
      docs/data-sets.md tells which data sets are read and how clips are shared out.

      EXAMPLES:
        otoscope check recordings/
        otoscope check ESC-50-master/ --test-fold 1
        otoscope check clips.csv --columns path=File,class=Species,group=Site --held-out 'Lake*'
        otoscope check recordings/ --validation-share 0.1 --test-share 0.2 --seed 1 --json
      """)

  @OptionGroup var data: DataOptions
  @Option(help: ArgumentHelp("Tell clips that are shorter than this.", valueName: "seconds"))
  var shortest: Double = 0.1
  @Option(help: "Threads to read with (default: all cores).")
  var threads: Int?
  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    guard shortest >= 0, shortest.isFinite else {
      throw ValidationError("--shortest must be seconds from 0 on")
    }
    if let threads, !(1...256).contains(threads) { throw ValidationError("--threads must be from 1 to 256") }
  }

  func run() throws {
    if let threads { ComputeThreads.use(threads) }
    var request = CheckRequest(try data.choice)
    request.shortest = shortest
    let progress = Progress("check")
    let record = try CheckJob(request).run(control: progress.control)
    progress.finish()
    for line in json ? [try RecordCoding.line(record)] : Self.lines(record) { try Terminal.result(line) }
    if !record.ok { throw ExitCode.failure }
  }

  // MARK: - As text

  private static func lines(_ record: CheckRecord) -> [String] {
    var facts = [
      "\(NumberText.grouped(record.clips)) clips", duration(record.seconds),
      "\(record.classes.count) classes" + (record.multiLabel ? ", several a clip" : ""),
    ]
    if record.groups > 0 { facts.append("\(NumberText.grouped(record.groups)) groups") }
    if let first = record.folds.first, let last = record.folds.last {
      facts.append(first == last ? "fold \(first)" : "folds \(first) to \(last)")
    }
    var lines = ["\(record.name): \(facts.joined(separator: ", "))"]
    if let durations = record.durations {
      let (shortest, median, longest) = (
        seconds(durations.shortest), seconds(durations.median), seconds(durations.longest)
      )
      lines.append("  lengths: \(shortest) to \(longest) s, median \(median) s")
    }
    lines.append("  sample rates: " + tallies(record.sampleRates) { "\($0) Hz" })
    lines.append("  channels: " + tallies(record.channels) { "\($0)" })
    lines.append("")
    lines += table(record)
    lines.append("")
    lines += record.findings.map { "\($0.severity.rawValue): \($0.message)\(remedy(for: $0.kind))" }
    let errors = record.findings.count { $0.severity == .error }
    lines.append(
      record.ok
        ? record.findings.isEmpty ? "nothing to complain about" : "no errors: training can begin"
        : "\(errors) error\(errors == 1 ? "" : "s") to mend before training")
    return lines
  }

  /// What can be done with options of this command.
  private static func remedy(for kind: DataSetCheck.Finding.Kind) -> String {
    switch kind {
    case .split, .leakedGroup: "; \(Remedy.chooseSplit.words)"
    default: ""
    }
  }

  private static func tallies(_ tallies: [CheckRecord.Tally], _ name: (Int) -> String) -> String {
    guard !tallies.isEmpty else { return "none can be read" }
    return tallies.map { "\(name($0.value)) (\(NumberText.grouped($0.clips)))" }.joined(separator: ", ")
  }

  private static func seconds(_ value: Double) -> String { NumberText.rounded(value, digits: 3) }

  private static func duration(_ seconds: Double) -> String {
    seconds < 120
      ? "\(NumberText.rounded(seconds, digits: 3)) s"
      : seconds < 7200
        ? "\(NumberText.rounded(seconds / 60, digits: 3)) min"
        : "\(NumberText.rounded(seconds / 3600, digits: 3)) h"
  }

  /// A line for each class, the last one for all.
  private static func table(_ record: CheckRecord) -> [String] {
    let hasGroups = record.groups > 0
    let hasSides = record.sides != nil
    func cells(
      _ name: String, _ clips: Int, _ seconds: Double, _ groups: Int, _ sides: CheckRecord.Sides?
    ) -> [String] {
      [name, "\(clips)", NumberText.rounded((seconds * 10).rounded() / 10, digits: 9)]
        + (hasGroups ? ["\(groups)"] : [])
        + (hasSides ? ["\(sides?.training ?? 0)", "\(sides?.validation ?? 0)", "\(sides?.test ?? 0)"] : [])
    }
    let head =
      ["class", "clips", "seconds"] + (hasGroups ? ["groups"] : [])
      + (hasSides ? ["training", "validation", "test"] : [])
    return TextTable.lines(
      [head] + record.classes.map { cells($0.name.onOneLine, $0.clips, $0.seconds, $0.groups, $0.sides) }
        + [cells("all", record.clips, record.seconds, record.groups, record.sides)])
  }
}
