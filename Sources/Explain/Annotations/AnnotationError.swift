/// What can keep a table of annotated regions from being read at all.
public enum AnnotationError: Error, CustomStringConvertible, Equatable {
  case tooLarge(path: String, bytes: Int, limit: Int)
  /// Bytes that no text has.
  case notText(path: String)
  /// No line begins any of the known forms.
  case unknownForm(path: String, line: Int, found: String)
  /// A column that was named by hand is not there.
  case noColumn(path: String, name: String, found: String)
  /// A list of columns or labels that cannot be meant.
  case badMapping(text: String, problem: String)

  public var description: String {
    switch self {
    case .tooLarge(let path, let bytes, let limit):
      "\(path): has \(bytes) bytes, and a table of annotations may have \(limit); is it one?"
    case .notText(let path):
      "\(path): is not text; save the table as UTF-8"
    case .unknownForm(let path, let line, let found):
      "\(path), line \(line): '\(found)' begins no table of annotations that is known; name its columns with "
        + "start=…,end=…,label=… (docs/annotations.md)"
    case .noColumn(let path, let name, let found):
      "\(path): has no column '\(name)'; there are \(found)"
    case .badMapping(let text, let problem):
      "'\(text)': \(problem)"
    }
  }
}
