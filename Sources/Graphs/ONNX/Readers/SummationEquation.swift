import Tensors

/// What ONNX `Einsum` is told: `bij,bjk->bik` names the axes of each operand, and those of the result.
///
/// An ellipsis stands for axes without names, aligned at their last one as in broadcasting. Without an arrow the result
/// has those, and then every letter that is found once, in the order of ASCII (as NumPy has it).
struct SummationEquation {
  enum Axis: Hashable, CustomStringConvertible {
    case letter(Character)
    /// An axis of the ellipsis, counted from its last.
    case hidden(Int)

    var description: String {
      switch self {
      case .letter(let letter): "'\(letter)'"
      case .hidden(let place): "\(place + 1) from the end of '...'"
      }
    }
  }

  /// The axes of one tensor, as they are written.
  struct Term {
    var letters: [Character] = []
    /// How many letters are before the ellipsis; nil if there is none.
    var ellipsis: Int?

    /// The names of all axes of a tensor of `rank`; nil if the term does not fit it.
    func axes(rank: Int) -> [Axis]? {
      let hidden = rank - letters.count
      guard ellipsis == nil ? hidden == 0 : hidden >= 0 else { return nil }
      var axes = letters.map(Axis.letter)
      axes.insert(contentsOf: (0..<hidden).reversed().map(Axis.hidden), at: ellipsis ?? 0)
      return axes
    }
  }

  let operands: [Term]
  /// As the equation says it, or implies it.
  let result: Term

  /// - Throws: `ONNXError.unsupported` for what is no equation of the node's operands.
  init(_ node: ONNXNode) throws(ONNXError) {
    let text = node.string("equation", default: "")
    guard text.utf8.count <= Self.longest else {
      throw node.unsupported("an equation of \(text.utf8.count) bytes; at most \(Self.longest) are read")
    }
    func malformed(_ reason: String) -> ONNXError { node.unsupported("equation '\(text)': \(reason)") }

    let sides = text.filter { $0 != " " }.split(separator: "->", omittingEmptySubsequences: false)
    guard sides.count <= 2, let left = sides.first else { throw malformed("it has several arrows") }
    let parts = left.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count == node.inputs.count else {
      throw malformed("it tells of \(parts.count) operands, and there are \(node.inputs.count)")
    }
    var terms: [Term] = []
    for part in parts + sides.dropFirst() {
      guard let term = Self.term(part) else {
        throw malformed("'\(part)' is not letters with at most one '...' among them")
      }
      terms.append(term)
    }
    let operands = Array(terms.prefix(parts.count))
    var uses: [Character: Int] = [:]
    for letter in operands.flatMap(\.letters) { uses[letter, default: 0] += 1 }
    let implied = Term(
      letters: uses.filter { $0.value == 1 }.keys.sorted(),
      ellipsis: operands.contains { $0.ellipsis != nil } ? 0 : nil)
    let result = sides.count == 2 ? terms[parts.count] : implied
    if let letter = result.letters.first(where: { uses[$0] == nil }) {
      throw malformed("its result has an axis '\(letter)' that no operand has")
    }
    guard Set(result.letters).count == result.letters.count else {
      throw malformed("its result has an axis twice")
    }
    self.operands = operands
    self.result = result
  }

  /// nil for what is no term.
  private static func term(_ text: Substring) -> Term? {
    var (term, rest) = (Term(), text)
    while let first = rest.first {
      if first.isASCII, first.isLetter {
        term.letters.append(rest.removeFirst())
      } else {
        guard term.ellipsis == nil, rest.hasPrefix("...") else { return nil }
        term.ellipsis = term.letters.count
        rest.removeFirst(3)
      }
    }
    return term
  }

  /// In bytes: no network needs more, and messages show it whole.
  private static let longest = 256
}
