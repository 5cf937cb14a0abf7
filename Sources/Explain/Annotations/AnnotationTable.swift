/// Regions of sounds that somebody has marked, from the tables that people keep them in.
///
/// Audacity's label tracks (with or without frequencies), Raven's selection tables (of one file or of several), BirdNET's and
/// Kaleidoscope's results, Sonic Visualiser's layers, DCASE's and mir_eval's lists, Praat's TextGrids, and any table whose
/// columns have names that are known or given: with tabs, commas, semicolons, bars or spaces between fields
/// (docs/annotations.md). A line that cannot be understood is passed over and named in ``notes``.
public struct AnnotationTable: Sendable, Equatable {
  public enum Form: Sendable {
    /// Start, end and label, without names.
    case labels
    /// Columns with names.
    case columns
    /// Raven's selection table.
    case raven
    case textGrid
  }

  public let form: Form
  public let regions: [AnnotatedRegion]
  /// What was passed over, with line and reason, each one sentence that begins with the file.
  public let notes: [String]

  /// In bytes; more than anybody annotates.
  public static let largestFile = 16 << 20

  /// The table in `bytes`.
  ///
  /// - Parameters:
  ///   - path: what errors call the file.
  ///   - columns: columns that are named by hand.
  /// - Throws: `AnnotationError` where nothing in it can be understood.
  public init(
    _ bytes: [UInt8], from path: String, columns: AnnotationColumns = AnnotationColumns()
  ) throws(AnnotationError) {
    guard bytes.count <= Self.largestFile else {
      throw .tooLarge(path: path, bytes: bytes.count, limit: Self.largestFile)
    }
    let text = try AnnotationText(bytes, from: path)
    var reader = AnnotationReader(path: path)
    for note in text.notes { reader.note(note) }
    let lines = text.lines.filter { !$0.text.isBlank && !$0.text.hasPrefix("#") }
    if TextGrid.isOne(lines) {
      form = .textGrid
      reader.take(TextGrid.intervals(lines))
    } else if lines.isEmpty {
      form = .labels
    } else {
      form = try Self.readTable(text.lines.filter { !$0.text.hasPrefix("#") }, columns, &reader, path)
    }
    (regions, notes) = (reader.regions, reader.told)
  }

  /// A head is looked for in so many lines: some programs write a few of their own before it.
  private static let longestPreamble = 10

  private static func readTable(
    _ lines: [(number: Int, text: String)], _ columns: AnnotationColumns, _ reader: inout AnnotationReader,
    _ path: String
  ) throws(AnnotationError) -> Form {
    let filled = lines.indices.filter {
      !lines[$0].text.isBlank && !lines[$0].text.lowercased().hasPrefix("sep=")
    }
    for place in filled.prefix(longestPreamble) {
      let text = lines[place].text
      for separator in AnnotationSeparator.allCases where separator != .spaces {
        let fields = separator.fields(of: text)
        guard fields.count > 1, let given = places(of: columns, among: fields),
          let layout = AnnotationLayout(fields, given: given)
        else { continue }
        reader.read(separator.rows(lines[(place + 1)...]), layout)
        return layout.isRaven ? .raven : .columns
      }
      // Numbers below names that are not known are not guessed at.
      for separator in AnnotationSeparator.allCases where place == filled.first {
        let fields = separator.fields(of: text)
        guard fields.count > 1, AnnotationNumber.seconds(fields[0]) != nil,
          AnnotationNumber.seconds(fields[1]) != nil || !columns.named.isEmpty
        else { continue }
        let rows = separator.rows(lines[place...])
        guard !columns.named.isEmpty else {
          reader.readUnnamed(separator == .tab ? nil : rows, lines[place...])
          return .labels
        }
        guard let given = numbers(columns, width: fields.count),
          let layout = AnnotationLayout([], given: given)
        else {
          break
        }
        reader.read(rows, layout)
        return .columns
      }
    }
    let first: (number: Int, text: String) = filled.first.map { lines[$0] } ?? (1, "")
    let found = AnnotationNumber.excerpt(first.text)
    for role in AnnotationColumns.Role.allCases {
      if let name = columns.named[role] { throw .noColumn(path: path, name: name, found: "'\(found)'") }
    }
    throw .unknownForm(path: path, line: first.number, found: found)
  }

  /// Where the columns that were named by hand are; nil where one is missing.
  private static func places(of columns: AnnotationColumns, among names: [String]) -> [AnnotationColumns.Role:
    Int]?
  {
    var places: [AnnotationColumns.Role: Int] = [:]
    for (role, name) in columns.named {
      guard let place = names.firstIndex(where: { $0.lowercased() == name.lowercased() }) else { return nil }
      places[role] = place
    }
    return places
  }

  /// The same in a table without names.
  private static func numbers(_ columns: AnnotationColumns, width: Int) -> [AnnotationColumns.Role: Int]? {
    var places: [AnnotationColumns.Role: Int] = [:]
    for (role, name) in columns.named {
      guard let number = Int(name), (1...width).contains(number) else { return nil }
      places[role] = number - 1
    }
    return places
  }
}
