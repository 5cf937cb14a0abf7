import Glibc

/// Which class some drawn things share, and how likely that is by chance.
///
/// Things are recordings: clips of one group count once. Of `all` recordings with a class, `ofClass` have this one; of `drawn`
/// ones, `found` have it. `probability` is that of finding as many or more when they are drawn blindly (the upper tail of the
/// hypergeometric distribution, Fisher's exact test), times the number of classes among the drawn ones (Bonferroni), at most 1.
package struct ClassShare: Sendable, Hashable {
  package let label: String
  package let found: Int
  package let drawn: Int
  package let ofClass: Int
  package let all: Int
  package let probability: Double

  /// The share found, over the share expected.
  package var lift: Double { Double(found) / Double(max(1, drawn)) / (Double(ofClass) / Double(max(1, all))) }

  /// Each class of the drawn files, the most frequent first; equals by name.
  ///
  /// - Parameters:
  ///   - files: all that might have been drawn; those without a class are left out.
  ///   - drawn: among them.
  package static func shares(of drawn: [CatalogueFile], among files: [CatalogueFile]) -> [ClassShare] {
    func recordings(_ files: [CatalogueFile]) -> [String: String] {
      // A group holds clips of one class; where it does not, the first says.
      files.reduce(into: [:]) { known, file in
        guard let label = file.label else { return }
        let recording = file.recording
        if known[recording] == nil { known[recording] = label }
      }
    }
    let (all, chosen) = (recordings(files), recordings(drawn))
    let population = Dictionary(grouping: all.values) { $0 }.mapValues(\.count)
    let found = Dictionary(grouping: chosen.values) { $0 }.mapValues(\.count)
    return found.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { label, count in
      let ofClass = max(count, population[label] ?? 0)
      let tail = hypergeometricTail(
        count, drawn: chosen.count, ofClass: ofClass, all: max(all.count, chosen.count))
      return ClassShare(
        label: label, found: count, drawn: chosen.count, ofClass: ofClass, all: all.count,
        probability: min(1, tail * Double(found.count)))
    }
  }
}

extension CatalogueFile {
  /// What it was recorded as: its group, or itself. Groups are told apart by their class.
  var recording: String { group.map { "\(label ?? "")\u{0}\($0)" } ?? path }
}

/// `P(X ≥ found)`, of `drawn` drawn without replacement out of `all`, `ofClass` of which are of the class.
func hypergeometricTail(_ found: Int, drawn: Int, ofClass: Int, all: Int) -> Double {
  guard found > max(0, drawn + ofClass - all) else { return 1 }
  func choose(_ n: Int, _ k: Int) -> Double {
    lgamma(Double(n) + 1) - lgamma(Double(k) + 1) - lgamma(Double(n - k) + 1)
  }
  var tail = 0.0
  for count in found...max(found, min(drawn, ofClass)) where drawn - count <= all - ofClass {
    tail += exp(choose(ofClass, count) + choose(all - ofClass, drawn - count) - choose(all, drawn))
  }
  return min(1, tail)
}
