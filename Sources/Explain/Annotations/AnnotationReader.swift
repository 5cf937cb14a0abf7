/// Turns rows into regions, one by one; what is wrong with a row passes it over, with a note.
struct AnnotationReader {
  let path: String
  private(set) var regions: [AnnotatedRegion] = []
  private var notes: [String] = []
  /// Rows that were passed over, by reason, with their lines.
  private var passedOver: [(reason: String, lines: [Int], found: String)] = []
  /// In which of Raven's views each selection was first met.
  private var views: [[String]: String] = [:]

  init(path: String) { self.path = path }

  mutating func note(_ text: String) { notes.append("\(path): \(text)") }

  /// Notes about the table, and one for each reason for which rows were passed over.
  var told: [String] {
    notes
      + passedOver.map { reason, lines, found in
        let shown = lines.prefix(3).map(String.init).joined(separator: ", ")
        let more = lines.count > 3 ? " and \(lines.count - 3) more" : ""
        return
          "\(path), line\(lines.count == 1 ? "" : "s") \(shown)\(more): passed over: '\(found)': \(reason)"
      }
  }

  private mutating func pass(over line: Int, _ found: String, _ reason: String) {
    if let place = passedOver.firstIndex(where: { $0.reason == reason }) {
      passedOver[place].lines.append(line)
    } else {
      passedOver.append((reason, [line], AnnotationNumber.excerpt(found)))
    }
  }

  // MARK: - Columns with names

  mutating func read(_ rows: [AnnotationSeparator.Row], _ layout: AnnotationLayout) {
    let times = [layout.start, layout.end, layout.duration].compactMap(\.self)
    if times.contains(where: layout.inSamples.contains) {
      return note("its times are counted in samples, of a rate that it does not tell; export it in seconds")
    }
    if layout.end == nil, layout.duration == nil { return note("has no column of ends or durations") }
    for row in rows { read(row, layout) }
  }

  private mutating func read(_ row: AnnotationSeparator.Row, _ layout: AnnotationLayout) {
    guard row.fields.contains(where: { !$0.isBlank }) else { return }
    func field(_ column: Int?) -> String {
      guard let column, row.fields.indices.contains(column) else { return "" }
      return row.fields[column].trimmed
    }
    let file = field(layout.file)
    if let selection = layout.selection, let view = layout.view {
      // Raven writes a selection once for each view it is shown in.
      let key = [file, field(selection)]
      if let first = views[key], first != field(view) { return }
      views[key] = field(view)
    }
    let text = row.fields.joined(separator: " ")
    func time(_ column: Int?) -> Double? {
      guard let column else { return nil }
      return AnnotationNumber.seconds(field(column)).map { $0 * layout.unit(column) }
    }
    guard var start = time(layout.start), start >= 0 else {
      return pass(
        over: row.line, field(layout.start).isEmpty ? text : field(layout.start), "no start in seconds")
    }
    let written = time(layout.end) ?? time(layout.duration).map { start + $0 }
    guard var end = written else {
      let found = field(layout.end ?? layout.duration)
      return pass(over: row.line, found.isEmpty ? text : found, "no end in seconds")
    }
    // Of several files, Raven tells the time as if they were one; the offset is that in the file itself.
    if let offset = layout.fileOffset, !field(offset).isEmpty {
      guard let inFile = time(offset), inFile >= 0 else {
        return pass(over: row.line, field(offset), "no offset in its file, in seconds")
      }
      (start, end) = (inFile, end - start + inFile)
    }
    let frequencies = [layout.low, layout.high].map { column -> (text: String, value: Double?) in
      (
        field(column),
        column.flatMap { column in AnnotationNumber.number(field(column)).map { $0 * layout.unit(column) } }
      )
    }
    if let wrong = frequencies.first(where: { !$0.text.isEmpty && !($0.value.map { $0 >= 0 } ?? false) }) {
      return pass(over: row.line, wrong.text, "no frequency in hertz")
    }
    var names = layout.labels.map(field).filter { !$0.isEmpty }
    if names.count > 1 { names = names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } } }
    add(
      AnnotatedRegion(
        start: start, end: end, lowest: frequencies[0].value, highest: frequencies[1].value,
        label: names.first,
        otherLabels: Array(names.dropFirst()), file: file.isEmpty ? nil : file),
      line: row.line, text)
  }

  // MARK: - Without names

  /// Start, end and label.
  ///
  /// - Parameter rows: nil for Audacity's label track, whose labels may hold anything and have frequencies below them.
  mutating func readUnnamed(
    _ rows: [AnnotationSeparator.Row]?, _ lines: ArraySlice<(number: Int, text: String)>
  ) {
    guard let rows else { return readLabels(lines) }
    let numbers = rows.map { row in row.fields.prefix(3).map(AnnotationNumber.seconds) }
    // Sonic Visualiser writes time, value and duration before the label, or time and duration.
    if numbers.allSatisfy({ $0.count == 3 && !$0.contains(nil) }) {
      return note(
        "begins with three numbers and has no names of columns: which of them is the end or the duration? name the columns "
          + "by number, as start=1,duration=3,label=4")
    }
    let pairs = numbers.compactMap { pair in
      pair.count > 1 ? pair[0].flatMap { start in pair[1].map { (start, $0) } } : nil
    }
    let areDurations = pairs.count { $0.1 < $0.0 } * 2 > pairs.count
    if areDurations {
      note("has no names of columns, and the second number is smaller than the first: read as a duration")
    }
    for row in rows {
      let text = row.fields.joined(separator: " ")
      guard row.fields.count > 1, let start = AnnotationNumber.seconds(row.fields[0]),
        let second = AnnotationNumber.seconds(row.fields[1]), start >= 0
      else {
        pass(over: row.line, text, "no start and end in seconds")
        continue
      }
      let label = row.fields.dropFirst(2).joined(separator: " ").trimmed
      add(
        AnnotatedRegion(
          start: start, end: areDurations ? start + second : second, label: label.isEmpty ? nil : label),
        line: row.line, text)
    }
  }

  /// Audacity's label track.
  private mutating func readLabels(_ lines: ArraySlice<(number: Int, text: String)>) {
    // Whether a line with frequencies may follow, and whether the label before it was taken.
    var (mayFollow, isTaken) = (false, false)
    for (number, text) in lines where !text.isBlank {
      let fields = text.tabbed(most: 2).map(\.trimmed)
      if fields[0] == "\\" {
        if mayFollow, isTaken { addFrequencies(fields, number, text) }
        if !mayFollow { pass(over: number, text, "frequencies without a label before them") }
        mayFollow = false
        continue
      }
      guard fields.count >= 2, let start = AnnotationNumber.seconds(fields[0]),
        let end = AnnotationNumber.seconds(fields[1]), start >= 0
      else {
        pass(over: number, text, "no start and end in seconds, with a tab between them")
        (mayFollow, isTaken) = (true, false)
        continue
      }
      let count = regions.count
      let label = fields.count > 2 ? Self.withoutConfidence(fields[2]) : ""
      add(AnnotatedRegion(start: start, end: end, label: label.isEmpty ? nil : label), line: number, text)
      (mayFollow, isTaken) = (true, regions.count > count)
    }
  }

  private mutating func addFrequencies(_ fields: [String], _ number: Int, _ text: String) {
    // Audacity writes −1 for the side that is open.
    func frequency(_ place: Int) -> Double? {
      guard fields.indices.contains(place), let value = AnnotationNumber.number(fields[place]), value != -1
      else {
        return nil
      }
      return value
    }
    let (low, high) = (frequency(1), frequency(2))
    let last = regions.count - 1
    guard fields.count == 3, fields.dropFirst().allSatisfy({ AnnotationNumber.number($0) != nil }),
      (low ?? 0) >= 0, (high ?? .infinity) >= (low ?? 0)
    else {
      regions.removeLast()
      return pass(over: number, text, "no lowest and highest frequency in hertz; its label is left out")
    }
    (regions[last].lowest, regions[last].highest) = (low, high)
  }

  /// BirdNET writes its confidence behind the label, and the scientific name before the common one.
  private static func withoutConfidence(_ label: String) -> String {
    let parts = label.tabbed()
    guard parts.count == 2, let value = AnnotationNumber.number(parts[1].trimmed), (0...1).contains(value)
    else {
      return label
    }
    return parts[0].trimmed
  }

  // MARK: - Regions

  mutating func take(_ intervals: [(line: Int, region: AnnotatedRegion)]) {
    for (line, region) in intervals { add(region, line: line, region.label ?? "") }
  }

  /// A region, unless it has no length or its ends are the wrong way round.
  private mutating func add(_ region: AnnotatedRegion, line: Int, _ text: String) {
    guard region.end != region.start else { return pass(over: line, text, "a region without length") }
    guard region.end > region.start, region.end.isFinite else {
      return pass(over: line, text, "its end lies before its start")
    }
    if let low = region.lowest, let high = region.highest, high < low {
      return pass(over: line, text, "its highest frequency is below its lowest")
    }
    regions.append(region)
  }
}
