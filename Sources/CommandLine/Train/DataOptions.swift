public import ArgumentParser
import Jobs
public import Train

/// Which labelled sounds a verb works on, and how they are shared out for training, validation and testing.
struct DataOptions: ParsableArguments {
  @Argument(
    help: """
      A folder with a folder of sounds for each class, a table of files and classes, or a corpus as it is distributed \
      (docs/data-sets.md).
      """)
  var data: String
  @Option(
    help: ArgumentHelp(
      """
      The columns of a table, where their names do not say it, with commas between: path=File,class=Tags (also fold, group, \
      part, start, end; separator=semicolon for several classes).
      """, valueName: "columns"))
  var columns: String?
  @Option(help: "What the data are, where that is not found out.")
  var corpus: Corpus?
  @Option(help: ArgumentHelp("A fold for testing (may be repeated).", valueName: "fold"))
  var testFold: [Int] = []
  @Option(
    help: ArgumentHelp(
      "A fold for validation (may be repeated; default: the one before the test fold).", valueName: "fold"))
  var validationFold: [Int] = []
  @Option(
    help: ArgumentHelp(
      "A group for testing, with '*' for any characters (may be repeated): a source, a voice, a recording.",
      valueName: "group"))
  var heldOut: [String] = []
  @Option(
    help: ArgumentHelp(
      "Draw this share of the clips for validation, class by class, groups together (0.15 where only the other is given).",
      valueName: "share"))
  var validationShare: Double?
  @Option(
    help: ArgumentHelp(
      "Draw this share of the clips for testing, class by class, groups together (0.15 where only the other is given).",
      valueName: "share"))
  var testShare: Double?
  @Option(help: "What everything that is drawn at random hangs on.")
  var seed: UInt64 = 0

  func validate() throws {
    if !heldOut.isEmpty, !testFold.isEmpty || testShare != nil {
      throw ValidationError("--held-out says what is for testing; leave --test-fold and --test-share out")
    }
    if !testFold.isEmpty, testShare != nil || validationShare != nil {
      throw ValidationError("--test-fold shares out by folds; leave --test-share and --validation-share out")
    }
    if testFold.isEmpty, !validationFold.isEmpty {
      throw ValidationError("--validation-fold goes with --test-fold")
    }
    for (name, share) in [("--validation-share", validationShare), ("--test-share", testShare)] {
      if let share, !(0..<1).contains(share) {
        throw ValidationError("\(name) must be from 0 to less than 1")
      }
    }
    if (validationShare ?? 0) + (testShare ?? 0) >= 1 {
      throw ValidationError("--validation-share and --test-share leave nothing to train on")
    }
    do { _ = try choice } catch { throw ValidationError("--columns: \(error)") }
  }

  var choice: DataChoice {
    get throws(DataSetError) {
      var choice = DataChoice(data)
      if let columns { choice.columns = try TableColumns(columns) }
      (choice.corpus, choice.rule) = (corpus, rule)
      return choice
    }
  }

  private var rule: SplitRule {
    let share = SplitRule.defaultShare
    if !heldOut.isEmpty {
      return .heldOut(groups: Set(heldOut), validation: validationShare ?? share, seed: seed)
    }
    if !testFold.isEmpty { return .folds(test: Set(testFold), validation: Set(validationFold)) }
    if testShare != nil || validationShare != nil {
      return .random(validation: validationShare ?? share, test: testShare ?? share, seed: seed)
    }
    return .asDistributed
  }
}

extension Corpus: ExpressibleByArgument {}
