/// A table's bytes as lines of text.
struct AnnotationText {
  private(set) var lines: [(number: Int, text: String)] = []
  /// The encoding, if the bytes are not UTF-8, and lines that are too long.
  private(set) var notes: [String] = []

  /// Lines that are longer are no table's, in UTF-8 bytes.
  static let longestLine = 1 << 16

  /// UTF-8, with or without a byte order mark; UTF-16 of either order, with a mark or without; else Windows-1252, which
  /// holds Latin-1. Lines end in LF, CR LF or CR.
  init(_ bytes: [UInt8], from path: String) throws(AnnotationError) {
    let text: String
    let encoding: String?
    (text, encoding) = try Self.decoded(bytes, path)
    if let encoding { notes.append(encoding) }
    var number = 0
    var rest = text.unicodeScalars[...]
    while !rest.isEmpty {
      number += 1
      let end = rest.firstIndex { $0 == "\n" || $0 == "\r" } ?? rest.endIndex
      let line = String(rest[..<end])
      if line.utf8.count <= Self.longestLine {
        lines.append((number, line))
      } else {
        notes.append(
          "line \(number) is longer than \(Self.longestLine) bytes, as no line of a table is, and was passed over"
        )
      }
      let isPair = rest[end...].starts(with: ["\r", "\n"])
      rest = rest[end...].dropFirst(isPair ? 2 : 1)
    }
  }

  private static func decoded(
    _ bytes: [UInt8], _ path: String
  ) throws(AnnotationError) -> (text: String, note: String?) {
    if bytes.starts(with: [0xFF, 0xFE]) {
      return (utf16(bytes.dropFirst(2), isBigEndian: false), "is UTF-16 and was read as that")
    }
    if bytes.starts(with: [0xFE, 0xFF]) {
      return (utf16(bytes.dropFirst(2), isBigEndian: true), "is UTF-16 and was read as that")
    }
    let plain = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    guard plain.contains(0) else {
      if let text = String(validating: plain, as: UTF8.self) { return (text, nil) }
      return (windows1252(plain), "is not UTF-8 and was read as Windows-1252 (Latin-1)")
    }
    // Text of Latin letters in UTF-16 has a zero in every other byte.
    for isBigEndian in [false, true] {
      let zeros = stride(from: plain.startIndex + (isBigEndian ? 0 : 1), to: plain.endIndex, by: 2)
        .count { plain[$0] == 0 }
      let others = plain.count { $0 == 0 } - zeros
      if plain.count.isMultiple(of: 2), zeros * 4 > plain.count, others == 0 {
        return (utf16(plain, isBigEndian: isBigEndian), "is UTF-16 without a mark and was read as that")
      }
    }
    throw .notText(path: path)
  }

  private static func utf16(_ bytes: ArraySlice<UInt8>, isBigEndian: Bool) -> String {
    let pairs = stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2)
    return String(
      decoding: pairs.map { place -> UInt16 in
        let (first, second) = (UInt16(bytes[place]), UInt16(bytes[place + 1]))
        return isBigEndian ? first << 8 | second : second << 8 | first
      }, as: UTF16.self)
  }

  private static func windows1252(_ bytes: ArraySlice<UInt8>) -> String {
    var text = String.UnicodeScalarView()
    for byte in bytes {
      let value = (0x80..<0xA0).contains(byte) ? upper[Int(byte) - 0x80] : UInt32(byte)
      text.append(Unicode.Scalar(value) ?? "?")
    }
    return String(text)
  }

  /// What Windows-1252 has at 80 to 9F, where Latin-1 has control characters.
  private static let upper: [UInt32] = [
    0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152,
    0x8D, 0x017D,
    0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A,
    0x0153, 0x9D,
    0x017E, 0x0178,
  ]
}
