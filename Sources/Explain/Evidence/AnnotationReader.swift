/// Turns the lines of a table into regions, one by one, and checks what they say.
struct AnnotationReader {
  let path: String
  private(set) var regions: [AnnotatedRegion] = []
  private(set) var notes: [String] = []
  /// In which of Raven's views each selection was first met.
  private var views: [[String]: String] = [:]

  init(path: String) { self.path = path }

  /// Audacity's label track.
  mutating func readLabels(_ lines: AnnotationLines) throws(AnnotationError) {
    // Whether a line with frequencies may follow, and whether the label before it was taken.
    var (mayFollow, isTaken) = (false, false)
    for (number, text) in lines.lines where !text.isBlank {
      let fields = text.tabbed(most: 2).map(\.trimmed)
      if fields[0] == "\\" {
        guard mayFollow else {
          throw unexpected(number, text, "a label (start, end and text) before its frequencies")
        }
        mayFollow = false
        guard fields.count == 3 else {
          throw unexpected(
            number, text, "a backslash, the lowest and the highest frequency, with tabs between them")
        }
        // Audacity writes −1 for the side that is open.
        func frequency(_ field: String) throws(AnnotationError) -> Double? {
          field.hasPrefix("-1") && Self.number(field) == -1 ? nil : try hertz(field, number)
        }
        let (low, high) = (try frequency(fields[1]), try frequency(fields[2]))
        try check(low, high, number)
        if isTaken { (regions[regions.count - 1].lowest, regions[regions.count - 1].highest) = (low, high) }
        continue
      }
      guard fields.count >= 2 else {
        throw unexpected(number, text, "a start, an end and a label, with tabs between them")
      }
      let count = regions.count
      try add(
        start: fields[0], end: fields[1], label: fields.count > 2 ? fields[2] : "", line: number)
      (mayFollow, isTaken) = (true, regions.count > count)
    }
  }

  /// A row of a table with named columns.
  mutating func read(_ record: AnnotationLines.Record, _ columns: AnnotationColumns) throws(AnnotationError) {
    guard record.fields.contains(where: { !$0.isBlank }) else { return }
    func field(_ column: Int?) -> String {
      guard let column, record.fields.indices.contains(column) else { return "" }
      return record.fields[column].trimmed
    }
    let file = field(columns.file)
    if let selection = columns.selection, let view = columns.view {
      // Raven writes a selection once for each view it is shown in.
      let first = views[[file, field(selection)]]
      if let first, first != field(view) { return }
      views[[file, field(selection)]] = field(view)
    }
    let count = regions.count
    try add(
      start: field(columns.start), end: field(columns.end), label: field(columns.label), line: record.line)
    let (low, high) = (field(columns.low), field(columns.high))
    let lowest = low.isEmpty ? nil : try hertz(low, record.line)
    let highest = high.isEmpty ? nil : try hertz(high, record.line)
    try check(lowest, highest, record.line)
    guard regions.count > count else { return }
    (regions[count].lowest, regions[count].highest) = (lowest, highest)
    regions[count].file = file.isEmpty ? nil : file
  }

  /// A region that is open to both sides, unless it has no length.
  private mutating func add(
    start: String, end: String, label: String, line: Int
  ) throws(AnnotationError) {
    let (from, to) = (try seconds(start, "the start", line), try seconds(end, "the end", line))
    guard to >= from else {
      throw unexpected(line, "\(start) to \(end)", "an end that is not before the start")
    }
    guard to > from else {
      notes.append("line \(line): the label at \(start) s has no length and is left out")
      return
    }
    regions.append(AnnotatedRegion(start: from, end: to, label: label.isEmpty ? nil : label))
  }

  private func seconds(_ field: String, _ what: String, _ line: Int) throws(AnnotationError) -> Double {
    guard let value = Self.number(field), value >= 0 else {
      throw unexpected(line, field, "\(what) in seconds from the file's begin, with a decimal point, as 1.25")
    }
    return value
  }

  private func hertz(_ field: String, _ line: Int) throws(AnnotationError) -> Double {
    guard let value = Self.number(field), value >= 0 else {
      throw unexpected(line, field, "a frequency in hertz, with a decimal point, as 440.0")
    }
    return value
  }

  private func check(_ low: Double?, _ high: Double?, _ line: Int) throws(AnnotationError) {
    guard let low, let high, low > high else { return }
    throw unexpected(line, "\(low) to \(high) Hz", "a highest frequency that is not below the lowest")
  }

  private func unexpected(_ line: Int, _ found: String, _ expected: String) -> AnnotationError {
    .unexpected(path: path, line: line, found: Self.excerpt(found), expected: expected)
  }

  static func isNumber(_ field: String) -> Bool { number(field.trimmed) != nil }

  /// A finite decimal number; what Swift's own reading takes besides (`0x1p3`, `nan`) is none.
  private static func number(_ text: String) -> Double? {
    guard text.utf8.count <= 64, text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }),
      let value = Double(text), value.isFinite
    else { return nil }
    return value
  }

  /// The beginning of what was found, on one line.
  static func excerpt(_ text: String) -> String {
    let beginning = text.prefix(48).map { character -> Character in
      let isControl = character.unicodeScalars.contains { $0.properties.generalCategory == .control }
      return isControl ? " " : character
    }
    return String(beginning) + (text.utf8.count > String(beginning).utf8.count ? "…" : "")
  }
}
