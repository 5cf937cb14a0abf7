/// How the files of maximized units are called.
package struct MaximizedFiles: Sendable {
  private let bases: [String]
  private let answers: Int

  /// Pictures of a film before its sound.
  package static let filmPictures = 96

  package init(_ units: [SoughtUnit], answers: Int) {
    self.answers = answers
    var taken: Set<String> = []
    bases = units.map { unit in
      let name = unit.kind == .class || unit.kind == .layer ? unit.label : unit.tensor
      let slug = String(
        name.lowercased().split { !($0.isLetter || $0.isNumber) || !$0.isASCII }.joined(separator: "-")
          .prefix(48))
      var base = slug.isEmpty ? "unit" : slug
      if unit.kind == .channel || unit.kind == .place { base += ".\(unit.index ?? 0)" }
      if !taken.insert(base).inserted {
        base += "-\(unit.index ?? taken.count)"
        taken.insert(base)
      }
      return base
    }
  }

  /// How the names of an answer's files begin.
  package func base(of unit: Int, answer: Int) -> String {
    answers > 1 ? "\(bases[unit]).\(answer + 1)" : bases[unit]
  }

  /// More answers have no files of their own.
  package static let mostAlone = 64

  /// The one archive of many answers.
  package static let archive = "pictures.npz"

  package var areAlone: Bool { bases.count * answers <= Self.mostAlone }

  package func files(of unit: Int, answer: Int, hasSound: Bool, hasFilm: Bool) -> [String] {
    guard areAlone else { return [Self.archive] }
    let base = base(of: unit, answer: answer)
    let endings = ["png", "svg", "npz"] + (hasSound ? ["wav"] : []) + (hasFilm ? ["webm", "mp4"] : [])
    return endings.map { "\(base).\($0)" }
  }
}
