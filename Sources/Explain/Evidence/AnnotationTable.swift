/// Regions of sounds that people have annotated, read from the tables their tools write.
///
/// The form is known by its content: Audacity's label track (`start end label` with tabs between them, and perhaps a
/// line `\ lowest highest` after it), Raven's selection table, or any other table with named columns, separated by
/// commas or tabs. Columns are known by the names common for them (`start_s`, `onset`, `Begin Time (s)`), and those that
/// are not known are left out. What ``EventTable`` writes, this reads.
///
///     let table = try AnnotationTable(WholeFile.read(path, limit: AnnotationTable.largestFile), from: path)
public struct AnnotationTable: Sendable, Hashable {
  public enum Form: String, Sendable, CaseIterable {
    case audacity, raven, columns
  }

  public let form: Form
  /// In the order of the table.
  public let regions: [AnnotatedRegion]
  /// What was left out, and why, each with its line.
  public let notes: [String]

  /// In bytes; more than anybody annotates.
  public static let largestFile = 16 << 20

  /// The table in `bytes`, UTF-8 text with any line ends.
  ///
  /// - Parameter path: what errors call the file.
  /// - Throws: `AnnotationError` with the line and what was expected there. Times must be finite, not negative and in
  ///   order, as must frequencies. A region without length, as Audacity's point labels, is left out with a note.
  public init(_ bytes: [UInt8], from path: String) throws(AnnotationError) {
    let lines = try AnnotationLines(bytes, from: path)
    var reader = AnnotationReader(path: path)
    guard let first = lines.lines.first(where: { !$0.text.isBlank }) else {
      (form, regions, notes) = (.audacity, [], [])
      return
    }
    let fields = first.text.tabbed()
    if fields.count >= 2, AnnotationReader.isNumber(fields[0]), AnnotationReader.isNumber(fields[1]) {
      form = .audacity
      try reader.readLabels(lines)
    } else {
      let records = try lines.records(separatedBy: fields.count > 1 ? .tab : .comma)
      guard let head = records.first, let columns = AnnotationColumns(head.fields) else {
        throw .unknownForm(path: path, line: first.number, found: AnnotationReader.excerpt(first.text))
      }
      form = columns.isRaven ? .raven : .columns
      for record in records.dropFirst() { try reader.read(record, columns) }
    }
    (regions, notes) = (reader.regions, reader.notes)
  }
}

extension StringProtocol {
  var isBlank: Bool { allSatisfy(\.isWhitespace) }

  var trimmed: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
