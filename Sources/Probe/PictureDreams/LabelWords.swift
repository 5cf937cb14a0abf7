/// A class's label as words that can be compared with those of other label lists.
///
/// Labels are synonyms with commas between ("Chainsaw, chain saw"); a remark in parentheses does not count. Words are in lower case and singular.
/// The last word of a synonym says what a thing is: a snare *drum* is a drum, an acoustic *guitar* a guitar.
struct LabelWords: Sendable, Hashable {
  let synonyms: [[String]]

  init(_ label: String) {
    var outside = ""
    var depth = 0
    for character in label.lowercased() {
      if character == "(" { depth += 1 }
      if depth == 0 { outside.append(character) }
      if character == ")" { depth = max(0, depth - 1) }
    }
    synonyms = outside.split(separator: ",").compactMap { part in
      let words = part.split { !($0.isLetter || $0.isNumber || $0 == "'" || $0 == "-") }.map {
        Self.singular(String($0))
      }
      return words.isEmpty ? nil : words
    }
  }

  /// English plurals that change no more than the ending.
  static func singular(_ word: String) -> String {
    guard word.count > 3, word.hasSuffix("s"), !word.hasSuffix("ss"), !word.hasSuffix("us"),
      !word.hasSuffix("is")
    else {
      return word
    }
    if word.hasSuffix("ies") { return word.dropLast(3) + "y" }
    for ending in ["ches", "shes", "sses", "xes"] where word.hasSuffix(ending) {
      return String(word.dropLast(2))
    }
    return String(word.dropLast())
  }

  /// How well another label names the same thing.
  enum Nearness: Int, Comparable {
    /// "Snare drum" and "drum": this is a kind of the other.
    case kind
    /// "Guitar" and "acoustic guitar": the other is a kind of this.
    case example
    /// "Chainsaw" and "chain saw".
    case same

    static func < (left: Nearness, right: Nearness) -> Bool { left.rawValue < right.rawValue }
  }

  func nearness(to other: LabelWords) -> Nearness? {
    var nearest: Nearness?
    for mine in synonyms {
      for theirs in other.synonyms {
        let found: Nearness? =
          if mine.joined() == theirs.joined() {
            .same
          } else if theirs.count > mine.count, theirs.suffix(mine.count) == mine[...] {
            .example
          } else if mine.count > theirs.count, mine.suffix(theirs.count) == theirs[...] { .kind } else { nil }
        if let found { nearest = max(nearest ?? found, found) }
      }
    }
    return nearest
  }
}

/// A list of labels in which the nearest to another label is sought.
struct LabelIndex: Sendable {
  private let words: [LabelWords]

  init(_ labels: [String]) { words = labels.map(LabelWords.init) }

  /// The labels that name `label` best: all that are the same, else up to `most` examples of it, else what it is a kind of.
  /// The first words of a label come first: of "Bus, tram" what is a bus.
  func nearest(to label: String, most: Int = 3) -> [Int] {
    let wanted = LabelWords(label)
    for synonym in wanted.synonyms {
      let one = LabelWords([synonym])
      let found = words.indices.compactMap { index in one.nearness(to: words[index]).map { (index, $0) } }
      if let best = found.map(\.1).max() { return Array(found.filter { $0.1 == best }.map(\.0).prefix(most)) }
    }
    return []
  }
}

extension LabelWords {
  fileprivate init(_ synonyms: [[String]]) { self.synonyms = synonyms }
}
