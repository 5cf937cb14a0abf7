/// What a ranking comes to: which method to believe on this model, and which not.
public struct Verdict: Sendable {
  /// nil where every method fails.
  public let recommended: AttributionMethod?
  /// One sentence with its reason.
  public let sentence: String
  /// What each method fails in.
  public let failures: [AttributionMethod: [Failure]]
  public let warnings: [String]

  public enum Failure: String, Sendable, Hashable {
    /// Its maps outlive the network's weights.
    case sanity = "fails the sanity check"
    /// It shows the same for different classes.
    case discrimination = "not class-discriminative"
    /// It owes nothing to the network.
    case control = "no explanation"
  }

  /// A map that still looks like this after the weights are gone has not been made by them.
  public static let highestSanityCorrelation = 0.5
  /// Maps for the two classes of a mixture that differ less say the same of both.
  public static let leastClassDifference = 0.1

  public init(_ ranking: Ranking) {
    var failures: [AttributionMethod: [Failure]] = [:]
    var warnings: [String] = []
    for entry in ranking.entries {
      if AttributionMethod.controls.contains(entry.method) {
        failures[entry.method] = [.control]
        continue
      }
      func value(_ criterion: Criterion) -> Bootstrap.Estimate? {
        ranking.criteria.firstIndex(of: criterion).flatMap { entry.values[$0] }
      }
      if let sanity = value(.fullRandomisation), sanity.value > Self.highestSanityCorrelation {
        failures[entry.method, default: []].append(.sanity)
        warnings.append(
          "\(entry.method.name) \(Failure.sanity.rawValue): with all its weights shuffled the network gets maps that "
            + "correlate \(sanity.value.told) with the true ones.")
      }
      let flaws = [
        value(.classContrast).flatMap(Self.flaw(ofContrast:)),
        value(.classDifference).flatMap(Self.flaw(ofDifference:)),
      ].compactMap(\.self)
      if !flaws.isEmpty {
        failures[entry.method, default: []].append(.discrimination)
        warnings.append(
          "\(entry.method.name) is \(Failure.discrimination.rawValue): \(flaws.joined(separator: "; ")).")
      }
    }
    self.failures = failures
    self.warnings = warnings
    let sound = ranking.entries.filter { failures[$0.method] == nil }
    recommended = sound.first?.method
    guard let best = sound.first else {
      sentence = "No method can be recommended: each fails a check."
      return
    }
    let told = ranking.criteria.indices.compactMap { place in
      best.ranks[place].map { (criterion: ranking.criteria[place], rank: $0) }
    }
    let strong = told.filter { $0.criterion.group != .cost }.sorted { $0.rank < $1.rank }.prefix(3)
      .map { "\($0.criterion.title.lowercasedFirst) (rank \($0.rank.told))" }
    let weak = told.max { $0.rank < $1.rank }.map {
      "; weakest in \($0.criterion.title.lowercasedFirst) (rank \($0.rank.told))"
    }
    let rivals = sound.dropFirst().filter { ranking.wins(of: $0.method, over: best.method) > 0.05 }
      .prefix(3).map(\.method.name)
    let rank =
      "\(best.meanRank.value.told) (95 % from \(best.meanRank.low.told) to \(best.meanRank.high.told))"
    let others =
      rivals.isEmpty
      ? "no other is as good in one of twenty draws."
      : "these sounds do not tell it from \(rivals.joined(separator: ", "))."
    sentence = [
      "Use \(best.method.name): of \(ranking.entries.count) maps it has the best mean rank without failing a check",
      rank, "strongest in " + strong.joined(separator: ", ") + (weak ?? "") + "; " + others,
    ].joined(separator: ", ")
  }
}

extension Verdict {
  private static func flaw(ofContrast contrast: Bootstrap.Estimate) -> String? {
    guard contrast.low <= 0 else { return nil }
    let shown = contrast.high < 0 ? "rather the other's part" : "its part no more than asked for the other"
    return "asked for a class of a mixture, it shows \(shown) "
      + "(contrast \(contrast.value.told), 95 % from \(contrast.low.told) to \(contrast.high.told))"
  }

  private static func flaw(ofDifference difference: Bootstrap.Estimate) -> String? {
    guard difference.value < leastClassDifference else { return nil }
    return "its maps for the two classes of a mixture correlate \((1 - difference.value).told)"
  }
}

extension Double {
  /// With two digits behind the point, or one from ten on.
  var told: String {
    guard isFinite, abs(self) < 1e15 else { return "\(self)" }
    let (places, scale) = abs(self) >= 10 ? (1, 10) : (2, 100)
    let digits = Int((abs(self) * Double(scale)).rounded())
    let behind = String(digits % scale)
    let zeros = String(repeating: "0", count: places - behind.count)
    return "\(self < 0 && digits > 0 ? "-" : "")\(digits / scale).\(zeros)\(behind)"
  }
}
