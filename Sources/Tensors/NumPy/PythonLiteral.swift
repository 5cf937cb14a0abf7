/// The Python literals a `.npy` header is made of: `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
///
/// A reader for that subset of `ast.literal_eval`: text, whole numbers, True, False, None, tuples, lists, dictionaries.
indirect enum PythonLiteral: Equatable {
  case text(String)
  case number(Int)
  case bool(Bool)
  case none
  /// A tuple or a list.
  case sequence([PythonLiteral])
  case dictionary([String: PythonLiteral])

  /// Why a text is not a literal.
  struct Malformed: Error {
    let reason: String
  }

  /// - Throws: `Malformed` for what is not one literal, one nested deeper than 16 levels among them.
  init(parsing text: String) throws(Malformed) {
    var parser = Parser(text: Array(text.unicodeScalars))
    self = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.isAtEnd else { throw Malformed(reason: "text follows the dictionary") }
  }

  private struct Parser {
    let text: [Unicode.Scalar]
    var place = 0

    var isAtEnd: Bool { place == text.count }
    var next: Unicode.Scalar? { place < text.count ? text[place] : nil }

    mutating func skipSpace() {
      while let scalar = next, scalar.properties.isWhitespace { place += 1 }
    }

    /// Steps over `scalar` if it comes next.
    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
      skipSpace()
      guard next == scalar else { return false }
      place += 1
      return true
    }

    mutating func value(depth: Int) throws(Malformed) -> PythonLiteral {
      guard depth <= 16 else { throw Malformed(reason: "it is nested too deep") }
      skipSpace()
      switch next {
      case "{": return try dictionary(depth: depth)
      case "(": return try sequence(until: ")", depth: depth)
      case "[": return try sequence(until: "]", depth: depth)
      case "'", "\"": return .text(try quoted())
      case .some(let scalar) where scalar == "-" || ("0"..."9").contains(scalar): return .number(try number())
      case .some: return try word()
      case .none: throw Malformed(reason: "it ends early")
      }
    }

    private mutating func dictionary(depth: Int) throws(Malformed) -> PythonLiteral {
      var items = [String: PythonLiteral]()
      place += 1
      while !take("}") {
        guard case .text(let key) = try value(depth: depth + 1), take(":") else {
          throw Malformed(reason: "a key is missing at character \(place)")
        }
        guard items.updateValue(try value(depth: depth + 1), forKey: key) == nil else {
          throw Malformed(reason: "two keys are \(key.prefix(20).debugDescription)")
        }
        if !take(","), next != "}" { throw Malformed(reason: "a comma is missing at character \(place)") }
      }
      return .dictionary(items)
    }

    private mutating func sequence(
      until end: Unicode.Scalar, depth: Int
    ) throws(Malformed) -> PythonLiteral {
      var items = [PythonLiteral]()
      place += 1
      while !take(end) {
        items.append(try value(depth: depth + 1))
        if !take(","), next != end { throw Malformed(reason: "a comma is missing at character \(place)") }
      }
      return .sequence(items)
    }

    private mutating func quoted() throws(Malformed) -> String {
      let quote = next
      var content = String.UnicodeScalarView()
      place += 1
      while let scalar = next, scalar != quote {
        place += 1
        if scalar == "\\", let escaped = next {
          // Names of fields only, and only for messages: no need to decode \x41 and its like.
          content.append(escaped)
          place += 1
        } else {
          content.append(scalar)
        }
      }
      guard next == quote else { throw Malformed(reason: "a quote is not closed") }
      place += 1
      return String(content)
    }

    private mutating func number() throws(Malformed) -> Int {
      let start = place
      if next == "-" { place += 1 }
      while let scalar = next, ("0"..."9").contains(scalar) { place += 1 }
      var digits = String.UnicodeScalarView()
      digits.append(contentsOf: text[start..<place])
      // Python 2 wrote its long numbers as 3L.
      if next == "L" { place += 1 }
      guard let number = Int(String(digits)) else {
        throw Malformed(reason: "no array is of size \(String(digits).prefix(40))")
      }
      return number
    }

    private mutating func word() throws(Malformed) -> PythonLiteral {
      let start = place
      while let scalar = next, scalar.properties.isAlphabetic { place += 1 }
      var letters = String.UnicodeScalarView()
      letters.append(contentsOf: text[start..<place])
      switch String(letters) {
      case "True": return .bool(true)
      case "False": return .bool(false)
      case "None": return .none
      default: throw Malformed(reason: "an unexpected character is at place \(start)")
      }
    }
  }
}
