public import Files

/// What can be wrong with a data set, or with how it is to be shared out.
public enum DataSetError: RemediableError, Hashable {
  /// It cannot be read, or does not hold what is needed.
  case unreadable(path: String, reason: String)
  /// A folder without a sound that could have a class.
  case noClips(path: String)
  /// A folder that is not the corpus it is said to be: `missing` is what tells it.
  case notCorpus(path: String, corpus: String, missing: String)
  /// Several tables, of which none is known to be the one.
  case severalTables(folder: String, names: [String])
  /// A table without a column that is needed, or that was named.
  case noColumn(path: String, role: String, found: [String])
  /// A field that cannot be what its column is for.
  case badValue(path: String, line: Int, column: String, value: String, expected: String)
  /// None of the files that a table names is there; `tried` is the first.
  case noFiles(path: String, tried: String)
  /// A list of columns that cannot be meant.
  case badColumns(text: String, problem: String)
  /// Folds that no clip is of; none are missing where no fold for testing was named.
  case noFold([Int], found: [Int])
  /// Folds that are to be for testing and for validation.
  case sharedFolds([Int])
  /// A group that no clip is of.
  case noGroup(String, found: [String])
  case badShares(validation: Double, test: Double)
  case emptySide(LabelledClip.Part, reason: String)
  /// Classes with clips to test on, and none to train on.
  case untrained([String])

  public var isMisuse: Bool {
    switch self {
    case .badColumns, .badShares, .sharedFolds: true
    default: false
    }
  }

  public var remedy: Remedy? {
    switch self {
    case .noColumn: .nameColumns
    case .emptySide, .untrained, .noFold: .chooseSplit
    default: nil
    }
  }

  public var description: String {
    switch self {
    case .unreadable(let path, let reason): "\(PathText.shown(path)): \(reason)"
    case .noClips(let path):
      "\(PathText.shown(path)): there are no sounds of classes in it; give a folder with a folder of sounds for each class, a "
        + "table of files and classes, or a corpus as it is distributed"
    case .notCorpus(let path, let corpus, let missing):
      "\(PathText.shown(path)): is no \(corpus) as it is distributed: \(missing) is missing; name the folder that holds it"
    case .severalTables(let folder, let names):
      "\(PathText.shown(folder)): has several tables (\(names.sample(5))); give one of them instead of the folder"
    case .noColumn(let path, let role, let found):
      "\(PathText.shown(path)): has no column for the \(role); its columns are \(found.sample(12))"
    case .badValue(let path, let line, let column, let value, let expected):
      "\(PathText.shown(path)), line \(line): '\(value.onOneLine)' in column '\(column.onOneLine)' is not \(expected)"
    case .noFiles(let path, let tried):
      "\(PathText.shown(path)): none of its files is there, such as \(PathText.shown(tried)); paths in a table count from "
        + "the folder that it lies in"
    case .badColumns(let text, let problem): "'\(text.onOneLine)': \(problem)"
    case .noFold(let missing, let found):
      found.isEmpty
        ? "the clips are of no folds"
        : missing.isEmpty
          ? "no fold for testing is named; the folds are \(Self.list(found))"
          : "no clip is of fold \(Self.list(missing)); the folds are \(Self.list(found))"
    case .sharedFolds(let folds):
      "fold \(Self.list(folds)) is to be for testing and for validation; name different ones"
    case .noGroup(let name, let found):
      found.isEmpty
        ? "no clip is of group '\(name.onOneLine)': the clips have no groups; name the column that holds them"
        : "no clip is of group '\(name.onOneLine)'; there are \(found.count) groups, such as \(found.sample())"
    case .badShares(let validation, let test):
      "shares of \(validation) for validation and \(test) for testing; both must be 0 or more, and less than 1 together"
    case .emptySide(let part, let reason): "no clip is left for \(part.purpose): \(reason)"
    case .untrained(let classes):
      "\(classes.sample(5)): no clip to train on, while there are others to validate or test on"
    }
  }

  private static func list(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: ", ") }
}

extension LabelledClip.Part {
  /// As what the clips are for.
  var purpose: String {
    switch self {
    case .training: "training"
    case .validation: "validation"
    case .test: "testing"
    }
  }
}
