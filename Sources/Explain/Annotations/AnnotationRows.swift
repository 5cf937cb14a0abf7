/// Lines cut into fields.
enum AnnotationSeparator: CaseIterable {
  case tab, semicolon, bar, comma, spaces

  /// A row of a table.
  struct Row {
    /// The number of its first line.
    let line: Int
    let fields: [String]
  }

  private var scalar: Unicode.Scalar {
    switch self {
    case .tab: "\t"
    case .semicolon: ";"
    case .bar: "|"
    case .comma: ","
    case .spaces: " "
    }
  }

  /// The fields of one line, without the blanks around them.
  func fields(of line: String) -> [String] {
    switch self {
    case .spaces: line.split(whereSeparator: \.isWhitespace).map(String.init)
    // Audacity and Raven know no quotes.
    case .tab: line.tabbed().map { Self.unquoted($0.trimmed) }
    default: quoted(line).fields
    }
  }

  /// The rows of a table. Between separators a field may stand in quotes, with separators, line ends and doubled quotes in
  /// it (RFC 4180); a quote that is never closed ends with its line. Blank lines are left out.
  func rows(_ lines: ArraySlice<(number: Int, text: String)>) -> [Row] {
    var rows: [Row] = []
    var place = lines.startIndex
    while place < lines.endIndex {
      let (number, text) = lines[place]
      place += 1
      guard !text.isBlank else { continue }
      guard self != .spaces, self != .tab, text.contains("\"") else {
        rows.append(Row(line: number, fields: fields(of: text)))
        continue
      }
      var (whole, next) = (text, place)
      while quoted(whole).isOpen, next < lines.endIndex, whole.utf8.count < AnnotationText.longestLine,
        next - place < 50
      {
        whole += "\n" + lines[next].text
        next += 1
      }
      let result = quoted(whole)
      if result.isOpen {
        rows.append(Row(line: number, fields: quoted(text).fields))
      } else {
        rows.append(Row(line: number, fields: result.fields))
        place = next
      }
    }
    return rows
  }

  /// The fields, and whether the last one's quote is still open.
  private func quoted(_ text: String) -> (fields: [String], isOpen: Bool) {
    var fields: [String] = []
    var field = String.UnicodeScalarView()
    var (isInQuotes, wasQuoted) = (false, false)
    var rest = Substring(text).unicodeScalars
    func finished() -> String { wasQuoted ? String(field) : String(field).trimmed }
    while let next = rest.popFirst() {
      if isInQuotes {
        if next != "\"" {
          field.append(next)
        } else if rest.first == "\"" {
          field.append(next)
          rest.removeFirst()
        } else {
          isInQuotes = false
        }
      } else if next == "\"", String(field).isBlank {
        (field, isInQuotes, wasQuoted) = (String.UnicodeScalarView(), true, true)
      } else if next == scalar {
        fields.append(finished())
        (field, wasQuoted) = (String.UnicodeScalarView(), false)
      } else if !(wasQuoted && next.properties.isWhitespace) {
        field.append(next)
      }
    }
    fields.append(finished())
    return (fields, isInQuotes)
  }

  private static func unquoted(_ field: String) -> String {
    guard field.count >= 2, field.hasPrefix("\""), field.hasSuffix("\"") else { return field }
    return String(field.dropFirst().dropLast()).split(separator: "\"\"", omittingEmptySubsequences: false)
      .joined(separator: "\"")
  }
}

extension String {
  /// The parts between tabs, the last with all that is left after `most` of them.
  func tabbed(most: Int = .max) -> [String] {
    unicodeScalars.split(separator: "\t", maxSplits: most, omittingEmptySubsequences: false).map(String.init)
  }
}

extension StringProtocol {
  var isBlank: Bool { allSatisfy(\.isWhitespace) }

  package var trimmed: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
