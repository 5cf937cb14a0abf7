/// Numbers and times as people write them in tables.
package enum AnnotationNumber {
  /// A finite decimal number, with a point or a comma; what Swift's own reading takes besides (`0x1p3`, `nan`) is none.
  static func number(_ text: String) -> Double? {
    guard text.utf8.count <= 64, text.utf8.allSatisfy({ "0123456789+-.,eE".utf8.contains($0) }) else {
      return nil
    }
    let hasComma = text.contains(",")
    // With both, one of them parts thousands: which cannot be known.
    guard !(hasComma && text.contains(".")), text.count(where: { $0 == "," }) <= 1 else { return nil }
    let plain = hasComma ? String(text.map { $0 == "," ? "." : $0 }) : text
    guard let value = Double(plain), value.isFinite else { return nil }
    return value
  }

  /// Seconds: a number, also with "s" behind it, or `HH:MM:SS.sss` or `MM:SS.sss`.
  package static func seconds(_ text: String) -> Double? {
    let plain = text.hasSuffix("s") ? String(text.dropLast()).trimmed : text
    let parts = plain.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard parts.count > 1 else { return number(plain) }
    guard parts.count <= 3, let last = parts.last.flatMap(number), last >= 0, last < 60 else { return nil }
    var whole = 0.0
    for part in parts.dropLast() {
      guard !part.isEmpty, part.utf8.count <= 6, let value = Int(part), value >= 0 else { return nil }
      whole = whole * 60 + Double(value)
    }
    return whole * 60 + last
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
