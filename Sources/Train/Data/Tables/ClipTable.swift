import Explain
import Files

/// A table of labelled clips, whose columns are known by their names or named by hand.
///
/// The needed ones are the file and the class. Of the others, `fold`, `group`, and `part` (or `split`, `subset`) are taken
/// where they are; `start` and `end` only as a pair. A column called `labels`, `tags` or `classes` may hold several, with
/// semicolons, bars or commas between: then the set is multi-label.
struct ClipTable {
  private let path: String
  private let table: NamedColumns
  private let columns: Columns

  struct Row {
    var file: String
    var classes: [String]
    var fold: Int?
    var group: String?
    var part: LabelledClip.Part?
    var stretch: ClosedRange<Double>?
  }

  private struct Columns {
    var file: Int
    var label: Int
    var separator: Character?
    var fold: Int?
    var group: Int?
    var part: Int?
    var start: Int?
    var end: Int?
  }

  /// - Throws: `FileError`; `DataSetError` for what is no text and for columns that are missing.
  init(_ path: String, _ given: TableColumns = TableColumns()) throws {
    self.path = path
    table = try TableFile.read(path)
    columns = try Self.columns(of: table, given, path)
  }

  /// Whether a table has columns for files and classes.
  static func isOne(_ path: String) -> Bool {
    guard let table = try? TableFile.read(path) else { return false }
    return (try? columns(of: table, TableColumns(), path)) != nil
  }

  /// Whether a clip may be of several classes.
  var isMultiLabel: Bool { columns.separator != nil }

  // MARK: - Columns

  private static let several = ["labels", "tags", "classes"]

  private static func columns(
    of table: NamedColumns, _ given: TableColumns, _ path: String
  ) throws(DataSetError) -> Columns {
    func column(_ role: TableColumns.Role, _ known: [String]) throws(DataSetError) -> Int? {
      guard let name = given.named[role] else { return table.place(of: known) }
      guard let place = table.place(of: [name.lowercased()]) else {
        throw .noColumn(path: path, role: "\(role.rawValue) called '\(name)'", found: table.names)
      }
      return place
    }
    guard let file = try column(.path, ClipColumns.files) else {
      throw .noColumn(path: path, role: "path of a file", found: table.names)
    }
    guard let label = try column(.class, ClipColumns.classes + several) else {
      throw .noColumn(path: path, role: "class", found: table.names)
    }
    var columns = Columns(file: file, label: label)
    if let separator = given.separator {
      columns.separator = separator
    } else if given.named[.class] == nil, several.contains(table.names[label].lowercased()) {
      columns.separator = [";", "|", ","].first { character in
        table.rows.contains { $0[label].contains(character) }
      }
    }
    columns.fold = try column(.fold, ["fold"])
    columns.group = try column(.group, ClipColumns.groups)
    columns.part = try column(.part, ["part", "split", "subset"])
    columns.start = try column(.start, ["start", "start_time", "onset"])
    columns.end = try column(.end, ["end", "end_time", "offset"])
    if columns.start == nil || columns.end == nil { (columns.start, columns.end) = (nil, nil) }
    return columns
  }

  // MARK: - Rows

  /// - Throws: `DataSetError.badValue`.
  func rows() throws(DataSetError) -> [Row] {
    var rows: [Row] = []
    for (fields, line) in zip(table.rows, table.lines) where !fields[columns.file].isEmpty {
      rows.append(try row(fields, line))
    }
    return rows
  }

  private func row(_ fields: [String], _ line: Int) throws(DataSetError) -> Row {
    func wrong(_ column: Int, _ expected: String) -> DataSetError {
      .badValue(
        path: path, line: line, column: table.names[column], value: fields[column], expected: expected)
    }
    func value<Value>(
      _ column: Int?, _ expected: String, _ read: (String) -> Value?
    ) throws(DataSetError) -> Value? {
      guard let column, !fields[column].isEmpty else { return nil }
      guard let value = read(fields[column]) else { throw wrong(column, expected) }
      return value
    }
    let text = fields[columns.label]
    let classes =
      columns.separator.map { separator in
        text.split(separator: separator).map { $0.trimmed }.filter { !$0.isEmpty }
      } ?? [text]
    guard classes != [""] else { throw wrong(columns.label, "a class") }
    let start = try value(columns.start, "a time in seconds", AnnotationNumber.seconds)
    let end = try value(columns.end, "a time in seconds", AnnotationNumber.seconds)
    var row = Row(file: fields[columns.file], classes: classes)
    if start != nil || end != nil {
      guard let start, let end, start >= 0, end > start else {
        throw wrong(columns.end ?? columns.label, "an end behind the start, in seconds")
      }
      row.stretch = start...end
    }
    row.fold = try value(columns.fold, "a fold's number") { text in
      Int(text) ?? Int(text.drop { !$0.isNumber })
    }
    row.group = try value(columns.group, "a group") { $0 }
    row.part = try value(columns.part, "training, validation or test") { LabelledClip.Part(saying: $0) }
    return row
  }
}

extension LabelledClip.Part {
  /// What corpora call their parts: `train`, `val`, `eval` and the like.
  init?(saying text: String) {
    switch text.lowercased() {
    case "training", "train": self = .training
    case "validation", "valid", "val": self = .validation
    case "test", "testing", "eval", "evaluation": self = .test
    default: return nil
    }
  }
}

/// Tables as files.
enum TableFile {
  /// In bytes: a million rows of a thousand.
  private static let largest = 1 << 30

  static func read(_ path: String) throws -> NamedColumns {
    let bytes = try WholeFile.read(path, limit: largest)
    let table: NamedColumns
    do throws(AnnotationError) { table = try NamedColumns(bytes, from: path) } catch {
      throw DataSetError.unreadable(path: path, reason: "is not text; save the table as UTF-8")
    }
    guard !table.names.isEmpty else {
      throw DataSetError.unreadable(
        path: path, reason: "is empty; a table begins with the names of its columns")
    }
    return table
  }

  /// The places of columns in a corpus' own table.
  ///
  /// - Throws: `DataSetError.noColumn`.
  static func places(
    _ names: [String], in table: NamedColumns, _ path: String
  ) throws(DataSetError) -> [Int] {
    var places: [Int] = []
    for name in names {
      guard let place = table.place(of: [name.lowercased()]) else {
        throw .noColumn(path: path, role: name, found: table.names)
      }
      places.append(place)
    }
    return places
  }
}
