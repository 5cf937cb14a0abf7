public import Graphs

/// Which parameters a user means: a pattern over their names, as a shell's for files.
///
/// | | matches |
/// |---|---|
/// | `*` | any text, also none, also with dots |
/// | `?` | one character |
/// | `[0-9]`, `[abc]`, `[!a]` | one of these characters; `!` one that is none of them |
/// | `\*` | the character itself |
///
/// `layer[0-2]*` matches `layer1.0.conv1.weight`, `*.bias` all biases. The whole name must match.
public struct ParameterPattern: Sendable, Hashable, CustomStringConvertible {
  /// As it was written.
  public let description: String
  private let parts: [Part]

  fileprivate enum Part: Hashable {
    case anyText
    case anyCharacter
    case character(Character)
    case set([ClosedRange<Character>], isInverted: Bool)
  }

  /// - Throws: `ParameterPatternError.malformed`.
  public init(_ text: String) throws(ParameterPatternError) {
    guard !text.isEmpty else { throw .malformed(text, reason: "it is empty") }
    description = text
    var parts: [Part] = []
    var rest = Substring(text)
    while let character = rest.popFirst() {
      switch character {
      case "*": if parts.last != .anyText { parts.append(.anyText) }
      case "?": parts.append(.anyCharacter)
      case "[": parts.append(try Self.set(&rest, of: text))
      case "\\":
        guard let next = rest.popFirst() else {
          throw .malformed(text, reason: "nothing follows its last '\\'")
        }
        parts.append(.character(next))
      default: parts.append(.character(character))
      }
    }
    self.parts = parts
  }

  /// What stands between brackets, the first of which has been read.
  private static func set(_ rest: inout Substring, of text: String) throws(ParameterPatternError) -> Part {
    var isInverted = false
    if let first = rest.first, first == "!" || first == "^" {
      isInverted = true
      rest.removeFirst()
    }
    var ranges: [ClosedRange<Character>] = []
    while let character = rest.popFirst() {
      // A bracket that comes first is one of the characters.
      if character == "]", !ranges.isEmpty { return .set(ranges, isInverted: isInverted) }
      var last = character
      if rest.first == "-", let end = rest.dropFirst().first, end != "]" {
        rest.removeFirst(2)
        last = end
      }
      guard character <= last else {
        throw .malformed(text, reason: "its range '\(character)-\(last)' runs backwards")
      }
      ranges.append(character...last)
    }
    throw .malformed(text, reason: "a bracket is not closed")
  }

  /// Whether all of `name` is as the pattern says.
  public func matches(_ name: TensorName) -> Bool {
    let name = Array(name)
    // Where a text of any length began, and how far it was taken: on a mismatch it takes one more.
    var (part, place) = (0, 0)
    var open: (part: Int, place: Int)?
    while place < name.count {
      if part < parts.count, parts[part] == .anyText {
        open = (part, place)
        part += 1
      } else if part < parts.count, parts[part].matches(name[place]) {
        (part, place) = (part + 1, place + 1)
      } else if let before = open {
        open = (before.part, before.place + 1)
        (part, place) = (before.part + 1, before.place + 1)
      } else {
        return false
      }
    }
    return parts[part...].allSatisfy { $0 == .anyText }
  }
}

extension ParameterPattern.Part {
  fileprivate func matches(_ character: Character) -> Bool {
    switch self {
    case .anyText, .anyCharacter: true
    case .character(let own): own == character
    case .set(let ranges, let isInverted): ranges.contains { $0.contains(character) } != isInverted
    }
  }
}

extension [ParameterPattern] {
  /// The names that one of the patterns matches, in their order.
  ///
  /// - Throws: `ParameterPatternError.matchesNothing` for a pattern that matches none of them: it is misspelt.
  public func selecting(from names: [TensorName]) throws(ParameterPatternError) -> [TensorName] {
    for pattern in self where !names.contains(where: pattern.matches) {
      throw .matchesNothing(pattern.description, nearest: nearest(to: pattern.description, among: names))
    }
    return names.filter { name in contains { $0.matches(name) } }
  }
}
