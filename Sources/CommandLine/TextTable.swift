/// Rows of words and numbers in columns as wide as their widest cell, two spaces apart.
enum TextTable {
  /// - Parameters:
  ///   - rows: cells; a row may end early.
  ///   - left: columns that are aligned to the left; the others are aligned to the right.
  /// - Returns: a line for each row, without spaces at its end.
  static func lines(_ rows: [[String]], left: Set<Int> = [0]) -> [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.compactMap { $0.indices.contains(column) ? $0[column].count : nil }.max() ?? 0
    }
    return rows.map { row in
      let cells = row.enumerated().map { column, text in
        let gap = String(repeating: " ", count: widths[column] - text.count)
        return left.contains(column) ? text + gap : gap + text
      }
      let line = cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }
}
