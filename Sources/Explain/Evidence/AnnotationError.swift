/// What can keep a table of annotated regions from being read.
public enum AnnotationError: Error, CustomStringConvertible, Equatable {
  case tooLarge(path: String, bytes: Int, limit: Int)
  /// Bytes that are not UTF-8, or that no text has.
  case notText(path: String, line: Int)
  case lineTooLong(path: String, line: Int, limit: Int)
  /// The first line is none that any of the known forms begins with.
  case unknownForm(path: String, line: Int, found: String)
  /// A field, or a whole line, that is not what its place asks for.
  case unexpected(path: String, line: Int, found: String, expected: String)

  public var description: String {
    switch self {
    case .tooLarge(let path, let bytes, let limit):
      "\(path): has \(bytes) bytes, and a table of annotations may have \(limit); is it one?"
    case .notText(let path, let line):
      "\(path), line \(line): is not UTF-8 text; save the table as UTF-8"
    case .lineTooLong(let path, let line, let limit):
      "\(path), line \(line): is longer than \(limit) bytes, as no line of a table is"
    case .unknownForm(let path, let line, let found):
      "\(path), line \(line): '\(found)' begins no table of annotations; expected an Audacity label (start, end and "
        + "label with tabs between them), or the names of columns, among them 'Begin Time (s)' and 'End Time (s)' as in "
        + "Raven's selection tables, or 'start_s' and 'end_s'"
    case .unexpected(let path, let line, let found, let expected):
      "\(path), line \(line): '\(found)'; expected \(expected)"
    }
  }
}
