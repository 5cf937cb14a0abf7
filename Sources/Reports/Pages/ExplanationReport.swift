package import Explain
import Figures
package import Files

/// The pages and `report.json` of a run, kept up to date while it goes on.
///
/// Few sounds share one page, `index.html`. More than `mostOnOnePage` have a page each, `NAME.html`, and `index.html`
/// lists them, so that neither memory nor the time to write grows with what is already written. The list and
/// `report.json` are written after each sound, and no oftener than costs a tenth of the run.
package struct ExplanationReport: Sendable {
  /// A finished sound, as the journal remembers it.
  package struct Entry: Codable, Sendable {
    /// Among the sounds of the run.
    package var number: Int
    package let path: String
    package let identity: FileIdentity?
    package let stem: String
    package let name: String
    package let best: ClassRecord?
    package let records: [ExplanationRecord]
    package let contributions: [ClassAverages.Contribution]
    /// Whether it has a part of a page: not where only averages are wanted.
    package let isShown: Bool
  }

  private let store: any ResultStore
  private let header: ReportHeader
  /// Of the run, finished or not.
  private let count: Int
  private var finished: [Finished] = []
  /// In HTML, by the sounds' numbers; none where each sound has a page.
  private var sections: [Int: String] = [:]
  private var averages = ClassAverages.Written()
  private var lastWritten: ContinuousClock.Instant?
  private var lastCost = Duration.zero

  /// What is kept of a finished sound.
  private struct Finished {
    let number: Int
    let name: String
    let stem: String
    let best: ClassRecord?
    let isShown: Bool
    /// In JSON.
    let records: [String]

    init(_ entry: Entry) throws {
      (number, name, stem, best, isShown) = (entry.number, entry.name, entry.stem, entry.best, entry.isShown)
      records = try entry.records.map(RecordCoding.line)
    }
  }

  /// So many sounds share a page.
  package static let mostOnOnePage = 8

  private static let page = "index.html"

  /// - Parameter count: the sounds of the run.
  package init(_ store: any ResultStore, _ header: ReportHeader, count: Int) {
    (self.store, self.header, self.count) = (store, header, count)
  }

  private var isOnePage: Bool { count <= Self.mostOnOnePage }

  /// Whether there is anything to open.
  package var hasResults: Bool { finished.contains(where: \.isShown) || !averages.sections.isEmpty }

  // MARK: - What was finished before

  /// Takes over what an earlier run wrote, as far as it is still there; returns the entries that count as finished.
  package mutating func resume(_ known: [Entry]) throws -> [Entry] {
    let earlier = isOnePage ? try Self.sections(of: store.read(Self.page) ?? []) : [:]
    var taken: [Entry] = []
    for entry in known where !taken.contains(where: { $0.number == entry.number }) {
      if entry.isShown {
        if isOnePage {
          guard let section = earlier[entry.number] else { continue }
          sections[entry.number] = section
        } else {
          guard try store.read(Self.page(of: entry.stem)) != nil else { continue }
        }
      }
      taken.append(entry)
      finished.append(try Finished(entry))
    }
    return taken
  }

  /// The parts between the marks that `marked` writes.
  private static func sections(of page: [UInt8]) -> [Int: String] {
    let lines = String(decoding: page, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    var sections: [Int: String] = [:]
    var open: (number: Int, lines: [Substring])?
    for line in lines {
      if line == closingMark, let part = open {
        sections[part.number] = part.lines.joined(separator: "\n")
        open = nil
      } else if open != nil {
        open?.lines.append(line)
      } else if line.hasPrefix(openingMark),
        let number = Int(line.dropFirst(openingMark.count).prefix { $0 != " " })
      {
        open = (number, [])
      }
    }
    return sections
  }

  private static let openingMark = "<!-- otoscope sound "
  private static let closingMark = "<!-- otoscope end -->"

  private static func marked(_ section: String, _ number: Int) -> String {
    "\(openingMark)\(number) -->\n\(section)\n\(closingMark)"
  }

  // MARK: - What is found now

  /// Writes all files of a sound, then brings the pages up to date.
  package mutating func add(
    _ sound: ExplainedSound, number: Int, identity: FileIdentity?,
    _ contributions: [ClassAverages.Contribution]
  ) throws -> Entry {
    for explanation in sound.explanations { try explanation.drawn.write(to: store, base: explanation.base) }
    let entry = Entry(
      number: number, path: sound.path, identity: identity, stem: sound.stem, name: sound.section.name,
      best: sound.explanations.first?.record.classes.first, records: sound.explanations.map(\.record),
      contributions: contributions, isShown: true)
    if isOnePage {
      sections[number] = Report.section(of: sound.section, number: number + 1)
    } else {
      var report = report
      report.title = sound.section.name
      let section = Report.section(of: sound.section, number: 1)
      try store.write(
        Array(report.html(sections: [section], index: [], parent: Self.page).utf8),
        to: Self.page(of: entry.stem))
    }
    finished.append(try Finished(entry))
    try writeSometimes()
    return entry
  }

  /// Counts a sound of which nothing but its share of the averages is wanted.
  package mutating func add(
    _ path: String, number: Int, identity: FileIdentity?, _ contributions: [ClassAverages.Contribution]
  ) throws -> Entry {
    let entry = Entry(
      number: number, path: path, identity: identity, stem: "", name: path, best: nil, records: [],
      contributions: contributions, isShown: false)
    finished.append(try Finished(entry))
    return entry
  }

  /// Writes the pages for the last time; returns the name of the one to open.
  @discardableResult
  package mutating func finish(_ averages: ClassAverages.Written = .init()) throws -> String {
    self.averages = averages
    try write(isFinished: true)
    return Self.page
  }

  private mutating func writeSometimes() throws {
    if !isOnePage, let lastWritten, ContinuousClock.now - lastWritten < lastCost * 9 { return }
    let start = ContinuousClock.now
    try write(isFinished: false)
    lastWritten = .now
    lastCost = ContinuousClock.now - start
  }

  private var report: Report {
    Report(
      title: header.title, model: header.model, commandLine: header.shortRequest, version: Product.version,
      date: header.date, sounds: [], averages: averages.sections)
  }

  private static func page(of stem: String) -> String { "\(stem).html" }

  private func write(isFinished: Bool) throws {
    let shown = finished.filter(\.isShown).sorted { $0.number < $1.number }
    let index = shown.map { entry in
      Report.IndexEntry(
        name: entry.name,
        best: entry.best.map {
          Report.ClassProbability(
            label: $0.label, probability: Double($0.value), isProbability: $0.probability != nil)
        },
        place: isOnePage ? .section(entry.number + 1) : .page(Self.page(of: entry.stem)))
    }
    let status =
      isFinished
      ? nil
      : "\(finished.count) of \(count) sounds are finished. If the run was interrupted, it can be resumed: what is "
        + "finished is kept."
    let parts = shown.compactMap { entry in sections[entry.number].map { Self.marked($0, entry.number) } }
    try store.write(
      Array(report.html(sections: parts, index: index, status: status).utf8), to: Self.page)
    try store.write(Array(summary(of: shown, isFinished: isFinished).utf8), to: "report.json")
  }

  /// `report.json`, put together of what is JSON already.
  private func summary(of shown: [Finished], isFinished: Bool) throws -> String {
    var members = [
      ("command", try RecordCoding.line(header.request)), ("date", try RecordCoding.line(header.date)),
      ("explanations", "[" + shown.flatMap(\.records).joined(separator: ",") + "]"),
      ("model", try RecordCoding.line(header.model)), ("otoscope", try RecordCoding.line(Product.version)),
    ]
    if !averages.records.isEmpty { members.append(("averages", try RecordCoding.line(averages.records))) }
    // Sounds that are still to come.
    if !isFinished { members.append(("unfinished", "\(count - finished.count)")) }
    return "{" + members.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}\n"
  }
}
