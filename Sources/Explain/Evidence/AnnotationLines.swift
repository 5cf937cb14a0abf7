/// A table as lines of text, and as records of fields.
struct AnnotationLines {
  let path: String
  private(set) var lines: [(number: Int, text: String)] = []

  /// In bytes, of a line or of a record whose quotes span several.
  static let longest = 1 << 16

  /// A row of a table.
  struct Record {
    /// The number of its first line.
    let line: Int
    let fields: [String]
  }

  enum Separator { case comma, tab }

  /// The lines of `bytes`, which may end in LF, CR LF or CR, and begin with a byte order mark.
  init(_ bytes: [UInt8], from path: String) throws(AnnotationError) {
    self.path = path
    guard bytes.count <= AnnotationTable.largestFile else {
      throw .tooLarge(path: path, bytes: bytes.count, limit: AnnotationTable.largestFile)
    }
    var rest = bytes[...]
    if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
    var number = 0
    while !rest.isEmpty {
      number += 1
      let end = rest.firstIndex { $0 == 0x0A || $0 == 0x0D } ?? rest.endIndex
      let line = rest[..<end]
      guard line.count <= Self.longest else {
        throw .lineTooLong(path: path, line: number, limit: Self.longest)
      }
      guard !line.contains(0), let text = String(validating: line, as: UTF8.self) else {
        throw .notText(path: path, line: number)
      }
      lines.append((number, text))
      let isPair = rest[end...].starts(with: [0x0D, 0x0A])
      rest = rest[end...].dropFirst(isPair ? 2 : 1)
    }
  }

  /// The fields of each row. In a table of commas (RFC 4180) a field may stand in quotes, with separators, line
  /// ends and doubled quotes in it; one of tabs knows no quotes. Blank lines are left out.
  func records(separatedBy separator: Separator) throws(AnnotationError) -> [Record] {
    guard separator == .comma else {
      return lines.filter { !$0.text.isBlank }.map { Record(line: $0.number, fields: $0.text.tabbed()) }
    }
    var records: [Record] = []
    // A record is whole once its quotes are paired, doubled ones included.
    var (whole, first, isOpen) = ("", 0, false)
    for (number, text) in lines where isOpen || !text.isBlank {
      (whole, first) = isOpen ? (whole + "\n" + text, first) : (text, number)
      guard whole.utf8.count <= Self.longest else {
        throw .lineTooLong(path: path, line: first, limit: Self.longest)
      }
      if !text.utf8.count(where: { $0 == UInt8(ascii: "\"") }).isMultiple(of: 2) { isOpen.toggle() }
      if !isOpen { records.append(Record(line: first, fields: try fields(of: whole, first))) }
    }
    guard !isOpen else {
      throw .unexpected(
        path: path, line: first, found: AnnotationReader.excerpt(whole),
        expected: "a second quote that ends the field")
    }
    return records
  }

  private func fields(of record: String, _ line: Int) throws(AnnotationError) -> [String] {
    var fields: [String] = []
    var rest = Substring(record).unicodeScalars
    while true {
      guard rest.first == "\"" else {
        let end = rest.firstIndex(of: ",") ?? rest.endIndex
        fields.append(String(rest[..<end]))
        if end == rest.endIndex { return fields }
        rest = rest[end...].dropFirst()
        continue
      }
      var field = ""
      rest = rest.dropFirst()
      while let quote = rest.firstIndex(of: "\"") {
        field += String(rest[..<quote])
        rest = rest[quote...].dropFirst()
        guard rest.first == "\"" else { break }
        field += "\""
        rest = rest.dropFirst()
      }
      fields.append(field)
      guard !rest.isEmpty else { return fields }
      guard rest.first == "," else {
        throw .unexpected(
          path: path, line: line, found: AnnotationReader.excerpt(String(rest)),
          expected: "a comma after the quote that ends a field")
      }
      rest = rest.dropFirst()
    }
  }
}

extension String {
  /// The parts between tabs, the last with all that is left after `most` of them.
  func tabbed(most: Int = .max) -> [String] {
    unicodeScalars.split(separator: "\t", maxSplits: most, omittingEmptySubsequences: false).map(String.init)
  }
}
