/// Praat's TextGrid in its long or short text form: the intervals of all interval tiers that have a text.
enum TextGrid {
  static func isOne(_ lines: [(number: Int, text: String)]) -> Bool {
    lines.prefix(2).contains { $0.text.contains("ooTextFile") || $0.text.contains("\"TextGrid\"") }
  }

  /// Both forms hold the same values in the same order; the long one writes names and indices around them.
  static func intervals(_ lines: [(number: Int, text: String)]) -> [(line: Int, region: AnnotatedRegion)] {
    let values = lines.flatMap { line in Self.values(of: line.text).map { (line.number, $0) } }
    var intervals: [(line: Int, region: AnnotatedRegion)] = []
    var place = 0
    while place < values.count {
      guard values[place].1 == .text("IntervalTier") else {
        place += 1
        continue
      }
      // Class, name, begin, end, number of intervals; of each begin, end and text.
      guard place + 4 < values.count, case .number(let count) = values[place + 4].1 else { break }
      place += 5
      var left = Int(exactly: count) ?? 0
      while left > 0, place + 2 < values.count, case .number(let start) = values[place].1,
        case .number(let end) = values[place + 1].1, case .text(let label) = values[place + 2].1
      {
        if !label.isBlank {
          let region = AnnotatedRegion(start: start, end: end, label: label.trimmed)
          intervals.append((values[place].0, region))
        }
        place += 3
        left -= 1
      }
    }
    return intervals
  }

  private enum Value: Equatable {
    case number(Double)
    case text(String)
  }

  /// The quoted text, or the number that stands alone or behind "=".
  private static func values(of line: String) -> [Value] {
    if let open = line.firstIndex(of: "\""), let close = line.lastIndex(of: "\""), open < close {
      let text = line[line.index(after: open)..<close]
      return [.text(text.split(separator: "\"\"", omittingEmptySubsequences: false).joined(separator: "\""))]
    }
    let side = line.split(separator: "=", maxSplits: 1).last.map { $0.trimmed } ?? ""
    // "intervals: size = 3" counts; "intervals [1]:" does not.
    return AnnotationNumber.number(side).map { [.number($0)] } ?? []
  }
}
