/// A table whose first line names its columns, with tabs, semicolons, bars or commas between fields.
package struct NamedColumns: Sendable {
  /// As the table has them.
  package let names: [String]
  /// Fields that are missing at a row's end are empty.
  package let rows: [[String]]
  /// The number of each row's first line.
  package let lines: [Int]

  /// - Parameter path: what errors call the file.
  /// - Throws: `AnnotationError` for what is no text.
  package init(_ bytes: [UInt8], from path: String) throws(AnnotationError) {
    let text = try AnnotationText(bytes, from: path)
    let filled = text.lines.filter { !$0.text.isBlank }
    guard let head = filled.first else {
      (names, rows, lines) = ([], [], [])
      return
    }
    // The separator that makes the most of the head.
    let separators = AnnotationSeparator.allCases.filter { $0 != .spaces }
    let counts = separators.map { $0.fields(of: head.text).count }
    let best = counts.indices.max { counts[$0] < counts[$1] } ?? 0
    let names = separators[best].fields(of: head.text)
    self.names = names
    let parts = separators[best].rows(filled.dropFirst())
    rows = parts.map { row in
      (0..<names.count).map { row.fields.indices.contains($0) ? row.fields[$0] : "" }
    }
    lines = parts.map(\.line)
  }

  /// The place of the first column that goes by one of these names, whatever their case.
  package func place(of known: [String]) -> Int? {
    known.lazy.compactMap { name in names.firstIndex { $0.lowercased() == name } }.first
  }
}
