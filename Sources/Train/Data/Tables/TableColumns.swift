import Explain

/// Which columns of a table of clips hold what, where their names do not say it.
public struct TableColumns: Sendable, Hashable, Codable {
  /// What a column can be told to hold by hand: `path=File,class=Tags,fold=Part`.
  public enum Role: String, CaseIterable, Sendable, Codable, CodingKeyRepresentable {
    case path
    case `class`
    case fold
    case group
    /// Training, validation or test.
    case part
    /// Where the clip begins and ends in the file, in seconds.
    case start, end
    /// Not a column, but what stands between the classes of a clip: `semicolon`, `bar`, `comma`, `space`, or the character
    /// itself. The set is multi-label then.
    case separator
  }

  /// The others are found by their names.
  public var named: [Role: String] = [:]

  public init() {}

  /// `path=File,class=Tags,separator=semicolon`.
  ///
  /// - Throws: `DataSetError.badColumns`.
  public init(_ text: String) throws(DataSetError) {
    do throws(AnnotationError) {
      named = try ColumnPairs.read(text, example: "path=File,class=Label")
    } catch {
      let problem = if case .badMapping(_, let problem) = error { problem } else { "\(error)" }
      throw .badColumns(text: text, problem: problem)
    }
    if let word = named[.separator], Self.separator(word) == nil {
      throw .badColumns(
        text: text, problem: "separator is semicolon, bar, comma, space or one character, and not '\(word)'")
    }
    if (named[.start] == nil) != (named[.end] == nil) {
      throw .badColumns(text: text, problem: "start and end go together")
    }
  }

  /// What stands between the classes of a clip, where that was said.
  var separator: Character? { named[.separator].flatMap(Self.separator) }

  private static func separator(_ word: String) -> Character? {
    switch word {
    case "semicolon": ";"
    case "bar": "|"
    case "comma": ","
    case "space": " "
    default: word.count == 1 ? word.first : nil
    }
  }
}
